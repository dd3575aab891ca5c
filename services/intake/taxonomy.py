"""
The skills and standards matching knows, as one value that can be stored, compared and told apart.

Standards have the field names of Skills England where files are read (`dumps`); these are ours.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.learner import Key, Route

Label = Annotated[str, Field(min_length=1, max_length=80)]
Reference = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{1,8}$")]
DIGITS = 12


class Part(BaseModel):
    """A name we do not know is a mistake: files are read by `dumps`, which picks what we keep."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, populate_by_name=True
    )


class Skill(Part):
    """A skill, how people call it, and whether it may count: physical fitness may not."""

    key: Key
    label: Label
    also: tuple[Label, ...] = ()
    used: bool = True


class Sentence(Part):
    """
    A knowledge, skill or behaviour of a standard.

    ``id`` is K1, S1, B1; of a foundation apprenticeship TK1, TS1, ESB1. ``key`` is the skill
    it asks for, None where no skill of ours says it.
    """

    id: str = Field(pattern=r"^(T?[KS]|(ES)?B)[0-9]{1,3}$")
    detail: str = Field(min_length=1, max_length=2000)
    key: Key | None = None


class Standard(Part):
    """
    A standard; starts are allowed from ``earliest_start`` to ``latest_start``, both included.

    ``duration`` is in months. ``next_steps`` are references of standards that follow it.
    ``invented``: its codes are ours, and give way to the real ones.
    """

    reference: Reference = Field(alias="referenceNumber")
    lars_code: str = Field(alias="larsCode", pattern=r"^[1-9][0-9]{0,8}$")
    title: str = Field(min_length=1, max_length=200)
    level: int = Field(ge=1, le=7)
    route: Route
    duration: int | None = Field(default=None, alias="typicalDuration", ge=0, le=120)
    earliest_start: date | None = Field(default=None, alias="earliestStartDate")
    latest_start: date | None = Field(default=None, alias="latestStartDate")
    foundation: bool = False
    job_titles: tuple[str, ...] = Field(default=(), alias="typicalJobTitles")
    sentences: tuple[Sentence, ...] = ()
    next_steps: tuple[Reference, ...] = Field(default=(), alias="nextSteps")
    invented: bool = False

    def open_on(self, day: date) -> bool:
        """Whether an apprenticeship may start on *day*."""
        first, last = self.earliest_start or date.min, self.latest_start or date.max
        return first <= day <= last


class Ruling(Part):
    """What a coordinator decided of a plain word nobody knew."""

    word: str
    kind: Literal["map", "new", "ignore"]
    skill: Key | None = None
    label: Label | None = None


class Taxonomy(Part):
    """All of it. ``edition`` rises with the packaged files; an import keeps it."""

    name: Key
    edition: int = Field(ge=1)
    skills: tuple[Skill, ...] = ()
    standards: tuple[Standard, ...] = ()

    def digest(self) -> str:
        """The same for the same content, whatever its order of fields."""
        return _digest(self.model_dump(mode="json"))

    def version(self, rulings: Iterable[Ruling] = ()) -> str:
        """Such as ``p2a-1-3f9a1c22b0d4``: name, edition, and a digest of content and *rulings*."""
        ruled = sorted(tuple(map(str, ruling.model_dump().values())) for ruling in rulings)
        return f"{self.name}-{self.edition}-{_digest([self.digest(), ruled])}"

    def joined(self, other: "Taxonomy") -> "Taxonomy":
        """
        The same with the skills and standards of *other* added, or put in place of those here.

        A standard here whose LARS code *other* gives to another standard goes: ours are invented.
        """
        skills = {skill.key: skill for skill in (*self.skills, *other.skills)}
        taken = {s.lars_code for s in other.standards}
        ours = (s for s in self.standards if s.lars_code not in taken)
        standards = {s.reference: s for s in (*ours, *other.standards)}
        return self.model_copy(
            update={
                "edition": max(self.edition, other.edition),
                "skills": tuple(skills[key] for key in sorted(skills)),
                "standards": tuple(standards[key] for key in sorted(standards)),
            }
        )

    def renewed(self, shipped: "Taxonomy") -> "Taxonomy":
        """
        The same with what ships in a newer edition.

        What skills were called here besides stays, and so do standards with real codes.
        """
        here = {skill.key: skill.also for skill in self.skills}
        skills = tuple(
            skill.model_copy(
                update={"also": tuple(dict.fromkeys([*skill.also, *here.get(skill.key, ())]))}
            )
            for skill in shipped.skills
        )
        real = [standard for standard in self.standards if not standard.invented]
        held = {s.reference for s in real} | {s.lars_code for s in real}
        standards = tuple(s for s in shipped.standards if not {s.reference, s.lars_code} & held)
        fitting = shipped.model_copy(update={"skills": skills, "standards": standards})
        return self.joined(fitting)

    def by_lars_code(self) -> Mapping[str, Standard]:
        """The standards by LARS code."""
        return {standard.lars_code: standard for standard in self.standards}


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
