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
    offered: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()


@dataclass(slots=True)
class Ledger:
    """One vacancy: the most ever pledged, what stands, and the most that stood together."""

    pledged: int = 0
    standing: set[str] = field(default_factory=set)
    most: int = 0


def exceeded(steps: Iterable[Step]) -> dict[str, tuple[int, int]]:
    """
    Vacancies on which more interviews were offered at one time than pledged.

    By vacancy the most offers that stood together, and the largest pledge it ever had: what was
    offered before a pledge shrank still stands.
    """
    ledgers: dict[str, Ledger] = defaultdict(Ledger)
    for step in sorted(steps, key=lambda step: step.fact):
        ledger = ledgers[step.vacancy_id]
        ledger.pledged = max(ledger.pledged, step.pledged)
        ledger.standing = (ledger.standing | step.offered) - step.ended
        ledger.most = max(ledger.most, len(ledger.standing))
    return {
        vacancy: (one.most, one.pledged)
        for vacancy, one in ledgers.items()
        if one.most > one.pledged
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
        offered=matches if row.type in OFFERS else frozenset(),
        ended=matches if row.type in ENDS else frozenset(),
    )
