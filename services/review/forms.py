"""What coordinators fill in."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from services.pages.forms import Form
from services.review import reasons


def _among(reason: str, known: Mapping[str, str]) -> str:
    if reason not in known:
        raise ValueError("not a reason we know")
    return reason


class Versioned(Form):
    """A decision names the version of the shortlist it was made on."""

    version: int


class Chosen(Versioned):
    """Some matches of a shortlist, ticked."""

    words: ClassVar[Mapping[str, str]] = {"match": "Tick the learners you want to approve"}
    match: tuple[UUID, ...] = Field(min_length=1, max_length=500)


class Hold(Versioned):
    words: ClassVar[Mapping[str, str]] = {
        "reason": "Choose why this waits",
        "until": "Choose the last day to wait",
    }
    reason: str
    until: date

    _reason = field_validator("reason")(lambda reason: _among(reason, reasons.HOLDING))


class Reject(Versioned):
    words: ClassVar[Mapping[str, str]] = {"reason": "Choose why the learner is refused"}
    reason: str

    _reason = field_validator("reason")(lambda reason: _among(reason, reasons.REJECTING))


class Move(Versioned):
    words: ClassVar[Mapping[str, str]] = {
        "to": "Enter the place to move to, as a number from 1",
        "reason": "Choose why the order is changed",
    }
    to: int = Field(ge=1, le=10_000)
    reason: str

    _reason = field_validator("reason")(lambda reason: _among(reason, reasons.MOVING))


class Reveal(Form):
    words: ClassVar[Mapping[str, str]] = {"reason": "Choose why you need the name"}
    reason: str

    _reason = field_validator("reason")(lambda reason: _among(reason, reasons.REVEALING))


class Find(Form):
    words: ClassVar[Mapping[str, str]] = {"find": "Enter a name or the provider's reference"}
    find: str = Field(min_length=2, max_length=200)


class Settle(Form):
    words: ClassVar[Mapping[str, str]] = {"reason": "Choose what you did about the letter"}
    reason: str

    _reason = field_validator("reason")(lambda reason: _among(reason, reasons.SETTLING))


class Judge(Form):
    words: ClassVar[Mapping[str, str]] = {"decision": "Choose what is to happen"}
    decision: Literal["pass", "done"]


class RuleWord(Form):
    """*meaning* is ``map:`` and a suggested key, or one of OTHERS."""

    OTHERS: ClassVar[frozenset[str]] = frozenset({"other", "new", "ignore"})
    words: ClassVar[Mapping[str, str]] = {
        "meaning": "Choose what the word means",
        "skill": "Choose the skill it means",
        "label": "Enter the new skill's name, in a few words",
    }
    meaning: str = Field(max_length=90)
    skill: str = Field(default="", max_length=80, validate_default=True)
    label: str = Field(default="", max_length=80, validate_default=True)

    @field_validator("meaning")
    @classmethod
    def _known(cls, meaning: str) -> str:
        if meaning in cls.OTHERS or meaning.startswith("map:"):
            return meaning
        raise ValueError("not a meaning we know")

    @field_validator("skill")
    @classmethod
    def _chosen(cls, skill: str, info: ValidationInfo) -> str:
        if info.data.get("meaning") == "other" and not skill:
            raise ValueError("another skill must be chosen")
        return skill

    @field_validator("label")
    @classmethod
    def _named(cls, label: str, info: ValidationInfo) -> str:
        if info.data.get("meaning") == "new" and not label:
            raise ValueError("a new skill must be named")
        return label

    @property
    def means(self) -> str | None:
        """The key of the skill it means, if it is one there is."""
        if self.meaning == "other":
            return self.skill
        return self.meaning.removeprefix("map:") if self.meaning.startswith("map:") else None

    @property
    def named(self) -> str | None:
        """The name of the new skill it means."""
        return self.label if self.meaning == "new" else None


class SignInForm(Form):
    words: ClassVar[Mapping[str, str]] = {"account": "Choose who you are"}
    account: str = Field(max_length=80)
    after: str = Field(default="/", max_length=500)

    @field_validator("after")
    @classmethod
    def _of_ours(cls, after: str) -> str:
        # anything but a path of ours could lead a person to another site
        return after if after.startswith("/") and not after.startswith(("//", "/\\")) else "/"
