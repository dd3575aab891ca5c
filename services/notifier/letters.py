"""A letter: which one it is, and how it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier import clock

FOLDER = Path(__file__).parent / "templates" / "letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    One letter to one recipient because of one *cause*; never a second for the same three.

    *recipient* is an employer's or a learner's id. *about* is what the letter says besides
    the match and its shortlist.
    """

    cause: UUID
    recipient: UUID
    template: str
    side: str
    vacancy_id: UUID
    shortlist_id: UUID
    match_id: UUID | None = None
    written_at: datetime
    about: Mapping[str, str] = field(default_factory=dict)
    fence: int = 0
    attempts: int = 0

    @property
    def letter_id(self) -> UUID:
        """The same for the same cause, recipient and template."""
        return uuid5(self.cause, f"{self.recipient}/{self.template}")

    @property
    def subject(self) -> UUID:
        """What its link is about: a learner's own match, an employer's whole vacancy."""
        return self.match_id if self.match_id and self.side == "learner" else self.vacancy_id

    @property
    def learner_id(self) -> UUID | None:
        """The learner it goes to; None if it goes to an employer."""
        return self.recipient if self.side == "learner" else None


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's words."""

    subject: str
    text: str
    html: str


def written(template: str, facts: Mapping[str, object]) -> Written:
    """*template* told with *facts*; a fact it names and nobody gives is an error."""
    subject = _plain().get_template(f"{template}/subject.txt").render(facts).strip()
    text = _plain().get_template(f"{template}/text.txt").render(facts).strip() + "\n"
    html = _rich().get_template(f"{template}/html.html").render(facts).strip() + "\n"
    return Written(subject, text, html)


@cache
def _plain() -> Environment:
    return _environment(escaped=False)


@cache
def _rich() -> Environment:
    return _environment(escaped=True)


def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=escaped,  # noqa: S701 - plain text is not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=clock.day_words, time=clock.time_words)
    return environment
