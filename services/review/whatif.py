"""What a coordinator wants tried: the form, and what is half said in it."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import Field
from starlette.datastructures import ImmutableMultiDict

from services.pages.forms import Form, FormRefused
from services.review import labels

DAYS = ("from", "until")
WRITTEN = "%d/%m/%Y"
NO_DAY = "Write the day like 31/12/2026"
NO_NUMBER = "Write the limit as a number, such as 20"
NOTHING = "Fill in at least one of the changes"


class WhatIf(Form):
    """Changes to try; those left empty are none, and those half filled are refused."""

    words: ClassVar[Mapping[str, str]] = {
        "market": "Choose an area",
        "vacancy": "Choose a vacancy",
        "more": "Enter how many interviews more, as a whole number",
        "times": "Enter how many times as much, from 0 to 10",
    }
    market: str = Field(max_length=80)
    vacancy: UUID | None = None
    more: int | None = Field(default=None, ge=-500, le=500)
    rule: str = Field(default="", max_length=80)
    limit: str = Field(default="", max_length=160)
    value: str = Field(default="", max_length=40)
    feature: str = Field(default="", max_length=80)
    times: float | None = Field(default=None, ge=0, le=10)

    @classmethod
    def read(cls, sent: ImmutableMultiDict[str, Any]) -> Self:
        """The form as *sent*, with at least one whole change; raises FormRefused."""
        form = super().read(sent)
        faults = dict(form._lacking())  # noqa: SLF001  # its own
        if not faults and not form.changes():
            faults = {"vacancy": NOTHING}
        if faults:
            raise FormRefused(sent, faults)
        return form

    @property
    def limited(self) -> tuple[str, str]:
        """The rule and the name of the limit to change."""
        rule, _, name = self.limit.partition(".")
        return rule, name

    @property
    def day(self) -> date | None:
        """The day given for a limit, written as here or as in a file."""
        for read in (date.fromisoformat, _as_written):
            try:
                return read(self.value)
            except ValueError:
                continue
        return None

    def changes(self) -> list[dict[str, object]]:
        """What is filled in, as the matcher takes it."""
        made: list[dict[str, object]] = []
        if self.vacancy and self.more:
            pledged = {"vacancy_id": str(self.vacancy), "more": self.more}
            made.append({"change": "interviews", **pledged})
        if self.rule:
            made.append({"change": "rule-off", "rule": self.rule})
        if self.limit and self.value:
            rule, name = self.limited
            value = self.day.isoformat() if name in DAYS and self.day else self.value
            made.append({"change": "rule-limit", "rule": rule, "name": name, "value": value})
        if self.feature and self.times is not None:
            made.append({"change": "weight", "feature": self.feature, "times": self.times})
        return made

    def refused(self, why: str) -> dict[str, str]:
        """What the matcher would not do, at the field it is about, without our keys before it."""
        rule, _ = self.limited
        own = f"{self.limit}: "
        about = (
            ("value", self.limit, own),
            ("limit", self.limit, f"{rule} has no limit"),
            ("limit", self.limit, f"is called {rule};"),
            ("rule", self.rule, f"is called {self.rule};"),
            ("more", self.vacancy, "Interviews pledged: "),
            ("vacancy", self.vacancy, str(self.vacancy)),
            ("feature", self.feature, f"is called {self.feature};"),
        )
        filled = [(field, words) for field, given, words in about if given]
        found = next((field for field, words in filled if words in why), filled[0][0])
        return {found: why.removeprefix(own)}

    def _lacking(self) -> Iterator[tuple[str, str]]:
        """The fields left empty or wrong beside one that is filled."""
        if self.vacancy and not self.more:
            yield "more", "Say how many interviews more the employer should pledge, or fewer"
        if self.more is not None and not self.vacancy:
            yield "vacancy", f"Choose where {labels.more_interviews(self.more)} should be pledged"
        if self.limit:
            yield from self._limit_lacking()
        elif self.value:
            yield "limit", f"Choose which limit or day should be {self.value}"
        if self.feature and self.times is None:
            yield "times", f"Say how many times {labels.skill(self.feature)} should count"
        if self.times is not None and not self.feature:
            yield "feature", f"Choose what should count {labels.times(self.times)}"

    def _limit_lacking(self) -> Iterator[tuple[str, str]]:
        _, name = self.limited
        if name in DAYS:
            if not self.day:
                yield "value", NO_DAY
        elif not self.value:
            yield "value", f"Say what {labels.limit(self.limit)} should be"
        elif not _is_limit(self.value):
            yield "value", NO_NUMBER


def _as_written(day: str) -> date:
    return datetime.strptime(day, WRITTEN).date()  # noqa: DTZ007  # a day has no zone


def _is_limit(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False
