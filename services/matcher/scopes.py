"""
A rule's entries: dated, for some programmes and sectors. One applies to a pair on a day, or none.

    Ambiguous   the entries do not say which of them applies
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.learner import ROUTES
from services.matcher import of_learners, of_vacancies
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import PROGRAMMES, Mask

NOBODY: Mask = np.zeros((1, 1), dtype=np.bool_)
OFF = -1  # where no entry applies


class Rule(Protocol):
    """One rule and its limits; ``fails`` broadcasts to [learners x vacancies]."""

    id: ClassVar[str]

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], today: date) -> Mask: ...

    def failure(self, learner: Learner, vacancy: Vacancy, today: date) -> Failure:
        """The words, value and limit for a pair that fails."""
        ...


class Ambiguous(Exception):
    """The entries do not say which of them applies; the message names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    A rule on the days from *since* to before *until*; *rule* None: it is off there.

    Without *programmes* it is for every learner, without *routes*, those of its sectors, for every
    vacancy. *name* is how the file's reader finds it.
    """

    name: str
    rule: Rule | None
    since: date = date.min
    until: date = date.max
    programmes: frozenset[str] = frozenset()
    routes: frozenset[int] = frozenset()

    def holds(self, today: date) -> bool:
        return self.since <= today < self.until

    def takes(self, programme: str | None, route: int | None) -> bool:
        mine = not self.programmes or programme in self.programmes
        return mine and (not self.routes or route in self.routes)

    @property
    def narrowness(self) -> int:
        """How specific it is: the narrowest entry is the one that applies."""
        return bool(self.programmes) + bool(self.routes)


@dataclass(frozen=True, slots=True)
class Ruling:
    """All entries of one rule; raises Ambiguous."""

    id: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """Look at every kind of pair on every kind of day."""
        for since, programme, route in self._cells():
            best = self._narrowest(programme, route, since)
            if len(best) > 1:
                names, whom = " and ".join(each.name for each in best), programme or "others"
                work = f"work of route {route}" if route else "other work"
                when = "" if since == date.min else f" from {since}"
                raise Ambiguous(f"{names} both apply to {whom} and {work}{when}: which is it?")

    def entry(self, learner: Learner, vacancy: Vacancy, today: date) -> Entry | None:
        """The entry that applies to the pair."""
        found = self._narrowest(learner.profile.programme, vacancy.profile.route, today)
        return found[0] if found else None

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], today: date) -> Mask:
        """Whether the entry that applies to a pair keeps it apart; broadcasts to all pairs."""
        live = [each for each in self.entries if each.holds(today)]
        if all(each.narrowness == 0 for each in live):
            found = [each.rule.fails(learners, vacancies, today) for each in live if each.rule]
            return found[0] if found else NOBODY
        applies = self._applies(live, learners, vacancies)
        fails: Mask = NOBODY
        for at, each in enumerate(live):
            if each.rule and (here := applies == at).any():
                fails = fails | (here & each.rule.fails(learners, vacancies, today))
        return fails

    def _applies(
        self, live: list[Entry], learners: Rows[Learner], vacancies: Rows[Vacancy]
    ) -> NDArray[np.int8]:
        """Which of *live* applies to each pair, or OFF; broadcasts to [learners x vacancies]."""
        named = sorted({name for each in live for name in each.programmes})
        table = np.full((len(named) + 1, len(ROUTES) + 1), OFF, dtype=np.int8)
        for at, each in sorted(enumerate(live), key=lambda pair: pair[1].narrowness):
            rows = [r for r, name in enumerate([*named, None]) if each.takes(name, _any(each))]
            columns = sorted(each.routes) or range(len(ROUTES) + 1)
            table[np.ix_(rows, columns)] = at
        if named:
            own = learners.column(of_learners.programme_number, np.intp)
            numbers = PROGRAMMES.numbers(named)
            row_of = np.full(len(PROGRAMMES), len(named), dtype=np.intp)
            row_of[numbers] = range(len(named))
            table = table[row_of[own]]
        if any(each.routes for each in live):
            return table.take(vacancies.column(of_vacancies.route, np.intp), axis=1)
        return table[:, :1]

    def _narrowest(self, programme: str | None, route: int | None, on: date) -> list[Entry]:
        here = [each for each in self.entries if each.holds(on) and each.takes(programme, route)]
        most = max((each.narrowness for each in here), default=0)
        return [each for each in here if each.narrowness == most]

    def _cells(self) -> Iterator[tuple[date, str | None, int | None]]:
        """A day of every period, with every programme and route that is told apart."""
        edges = {date.min, date.max}
        edges |= {day for each in self.entries for day in (each.since, each.until)}
        programmes = {name for each in self.entries for name in each.programmes}
        routes = {route for each in self.entries for route in each.routes}
        for since, _ in pairwise(sorted(edges)):
            for programme in [*sorted(programmes), None]:
                for route in [*sorted(routes), None]:
                    yield since, programme, route


def _any(entry: Entry) -> int | None:
    """A route the entry is for."""
    return min(entry.routes, default=None)
