"""Never more interviews offered at one time than an employer pledged."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.decision import ShortlistSent
from schemas.interview import EmployerDeclined, InterviewMissed, LearnerDeclined
from schemas.match import MatchWithdrawn
from schemas.vacancy import VacancyChanged, VacancyPledged
from services.audit.history import Fact, History, Posted
from services.audit.verdict import DOUBLED, Finding, Verdict

PLEDGES = {VacancyPledged.ce_type(), VacancyChanged.ce_type()}
OFFERS = {ShortlistSent.ce_type()}
# a missed interview frees its place as a refusal does
ENDS = {
    cls.ce_type() for cls in (EmployerDeclined, LearnerDeclined, InterviewMissed, MatchWithdrawn)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fact about a vacancy's pledge: its size, matches offered, or matches that ended."""

    fact: Fact
    vacancy_id: str
    pledged: int = 0
    pool: str | None = None
    offered: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()


@dataclass(slots=True)
class Pledge:
    """
    One vacancy's pledge, or the joint one of several.

    What each states, the most that was ever pledged, the most offered that stood together, and
    the vacancy whose offer made it so many.
    """

    stated: dict[str, int] = field(default_factory=dict)
    pledged: int = 0
    most: int = 0
    at: str = ""


@dataclass(slots=True)
class Pledges:
    """Every pledge by its name, each vacancy's own or joint, and what stands on each vacancy."""

    named: dict[str, Pledge] = field(default_factory=lambda: defaultdict(Pledge))
    of: dict[str, str] = field(default_factory=dict)
    standing: dict[str, frozenset[str]] = field(default_factory=lambda: defaultdict(frozenset))

    def take(self, step: Step) -> None:
        """What the next fact changes."""
        vacancy = step.vacancy_id
        if step.pledged:
            self._state(vacancy, step.pool or vacancy, step.pledged)
        self.standing[vacancy] = (self.standing[vacancy] | step.offered) - step.ended
        pledge = self.named[self.of.setdefault(vacancy, vacancy)]
        if (together := self._together(pledge, vacancy)) > pledge.most and step.offered:
            pledge.most, pledge.at = together, vacancy

    def _state(self, vacancy: str, name: str, interviews: int) -> None:
        before = self.of.get(vacancy)
        if before not in {None, name}:
            self.named[before].stated.pop(vacancy, None)
        self.of[vacancy] = name
        pledge = self.named[name]
        pledge.stated[vacancy] = interviews
        pledge.pledged = max(pledge.pledged, min(pledge.stated.values()))
        if before not in {None, name}:
            # what was offered before it joined still stands
            pledge.pledged = max(pledge.pledged, self._together(pledge, vacancy))

    def _together(self, pledge: Pledge, vacancy: str) -> int:
        return sum(len(self.standing[each]) for each in pledge.stated.keys() | {vacancy})


def exceeded(steps: Iterable[Step]) -> dict[str, tuple[int, int]]:
    """
    Vacancies on which more interviews were offered at one time than pledged.

    By vacancy the most offers that stood together, and the largest pledge it ever had: what was
    offered before a pledge shrank still stands. A joint pledge's vacancies count together, under
    the one whose offer was too many; where they state different numbers the smallest is pledged.
    """
    known = Pledges()
    for step in sorted(steps, key=lambda step: step.fact):
        known.take(step)
    return {
        one.at: (one.most, one.pledged) for one in known.named.values() if one.most > one.pledged
    }


def pledges(history: History) -> Verdict:
    """No pledge was ever exceeded, by the order of facts."""
    steps = [_of_row(row) for row in history.posted if row.type in PLEDGES | OFFERS | ENDS]
    return Verdict(
        name="pledges",
        sentence="never more interviews offered at one time than pledged",
        looked={
            "vacancies": len({step.vacancy_id for step in steps if step.pledged}),
            "offers": sum(len(step.offered) for step in steps),
        },
        findings=tuple(
            Finding(
                "pledges",
                DOUBLED,
                vacancy,
                f"{most} interviews were offered at one time, {pledged} are pledged",
                "a coordinator rings the employer: ask for another place, or withdraw one",
            )
            for vacancy, (most, pledged) in exceeded(steps).items()
        ),
    )


def _of_row(row: Posted) -> Step:
    matches = frozenset(row.matches)
    return Step(
        fact=row.fact,
        vacancy_id=row.key,
        pledged=row.interviews or 0,
        pool=row.pool,
        offered=matches if row.type in OFFERS else frozenset(),
        ended=matches if row.type in ENDS else frozenset(),
    )
