"""What a shortlist looked like at one version, and how two versions differ."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from services.review import clock
from services.review.standing import TAKING, Standing, standing
from services.review.state import Listed, MatchState, VacancyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One match as listed: *place* counts from 1 over places and then reserves.

    *told* stands for the reasons given, so that a change of them shows.
    """

    match_id: UUID
    learner_id: UUID
    place: int
    listed: Listed
    standing: Standing
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """
    One version of a shortlist: who or what (*cause*) made it, and every line of it.

    *pledged* is 0 once the vacancy is closed.
    """

    vacancy_id: UUID
    version: int
    at: datetime
    account: str | None
    cause: str
    pledged: int
    lines: tuple[Line, ...]

    def same_as(self, other: "Screen | None") -> bool:
        """Whether a coordinator would see no difference."""
        return other is not None and (self.pledged, self.lines) == (other.pledged, other.lines)

    def row(self) -> dict[str, Any]:
        """The screen as its table keeps it."""
        lines = [
            asdict(line) | {"match_id": str(line.match_id), "learner_id": str(line.learner_id)}
            for line in self.lines
        ]
        return {name: getattr(self, name) for name in self.__slots__} | {"lines": lines}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The screen of `row`."""
        lines = tuple(
            Line(
                match_id=UUID(line["match_id"]),
                learner_id=UUID(line["learner_id"]),
                place=line["place"],
                listed=line["listed"],
                standing=Standing(line["standing"]),
                told=line["told"],
            )
            for line in row["lines"]
        )
        return cls(**dict(row) | {"lines": lines})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one learner's line differs; None where there was or is no line."""

    learner_id: UUID
    before: Line | None
    after: Line | None


def in_order(
    matches: Iterable[MatchState], *, today: date, proposed_at: datetime | None
) -> list[MatchState]:
    """
    The matches on the list: places, then reserves, each in the matcher's order but for moves.

    A match that uses up an interview is on the list even when the last round left it off; one
    that has ended is off it even when the next round has not seen so yet.
    """
    on_list = [
        (match, match.listed == "place" or at in TAKING)
        for match in matches
        for at in [standing(match, today=today, proposed_at=proposed_at)]
        if at in TAKING or (match.listed != "none" and at == Standing.PROPOSED)
    ]
    places = _arranged([match for match, place in on_list if place], after=0)
    reserves = _arranged([match for match, place in on_list if not place], after=len(places))
    return places + reserves


def screen_of(
    vacancy: VacancyState,
    matches: Iterable[MatchState],
    *,
    now: datetime,
    account: str | None,
    cause: str,
) -> Screen:
    """The next version of the vacancy's shortlist."""
    today = clock.today(now)
    listed = in_order(matches, today=today, proposed_at=vacancy.proposed_at)
    return Screen(
        vacancy_id=vacancy.vacancy_id,
        version=vacancy.version + 1,
        at=now,
        account=account,
        cause=cause,
        pledged=0 if vacancy.closed else vacancy.interviews,
        lines=tuple(
            Line(
                match_id=match.match_id,
                learner_id=match.learner_id,
                place=place,
                listed=match.listed,
                standing=standing(match, today=today, proposed_at=vacancy.proposed_at),
                told=_told(match),
            )
            for place, match in enumerate(listed, start=1)
        ),
    )


def differences(before: Screen, after: Screen) -> list[Change]:
    """Every learner whose line is new, gone, elsewhere or of another standing."""
    old = {line.learner_id: line for line in before.lines}
    new = {line.learner_id: line for line in after.lines}
    return [
        Change(learner_id=learner_id, before=old.get(learner_id), after=new.get(learner_id))
        for learner_id in new | old
        if old.get(learner_id) != new.get(learner_id)
    ]


def _told(match: MatchState) -> str:
    # scores drift with every round; these are what a decision rests on
    if (facts := match.facts) is None:
        return ""
    reasons = [(reason.feature, reason.words) for reason in facts.contributions]
    told: tuple[object, ...] = (
        reasons,
        facts.met_skills,
        facts.missing_skills,
        facts.distance_miles,
        *(prompt.words for prompt in facts.prompts),
    )
    told += (facts.handed_over,) if facts.handed_over else ()
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _arranged(matches: Sequence[MatchState], *, after: int) -> list[MatchState]:
    arranged = sorted(
        matches, key=lambda match: (match.position is None, match.position or 0, match.match_id)
    )
    moved = [match for match in arranged if match.moved_to is not None]
    for match in sorted(moved, key=lambda match: (match.moved_to or 0, match.match_id)):
        arranged.remove(match)
        arranged.insert(max((match.moved_to or 0) - after - 1, 0), match)
    return arranged
