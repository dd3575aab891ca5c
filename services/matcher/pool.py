"""A market in memory, kept warm: a round reads only what changed since the last one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import pool_store
from services.matcher.handover import handed_over
from services.matcher.market import Learner, Outcome, Pair, Policy, RoundInputs, Vacancy, match_id
from services.matcher.matches import MatchFacts, withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A round this replica made, kept to answer from and to build on."""

    round_id: UUID
    inputs: RoundInputs
    outcome: Outcome


@dataclass(slots=True, kw_only=True)
class Pool:
    """
    What is known of one market up to the revision ``seen``.

    ``placed`` are the places its last published shortlists gave; ``last`` is the market's last
    round, if this replica made it.
    """

    market: str
    seen: int = 0
    learners: dict[UUID, Learner] = field(default_factory=dict)
    vacancies: dict[UUID, Vacancy] = field(default_factory=dict)
    matches: dict[UUID, MatchFacts] = field(default_factory=dict)
    placed: frozenset[Pair] = frozenset()
    last: Made | None = None

    async def catch_up(self, session: AsyncSession) -> None:
        """Read what changed after ``seen``; everything, if rows have left the market since."""
        await pool_store.one_moment(session)
        state = await pool_store.state(session, self.market)
        since = self.seen if self.seen >= state.reload_from else 0
        learners = await pool_store.learners(session, self.market, since)
        vacancies = await pool_store.vacancies(session, self.market, since)
        matches = await pool_store.matches(session, self.market, since)
        if self.last is None or self.last.round_id != state.round_id:
            self.last = None
            self.placed = await pool_store.placed(session, self.market)
        if not since:
            self.learners, self.vacancies, self.matches = {}, {}, {}
        self.learners.update((row.learner_id, row) for row in learners)
        self.vacancies.update((row.vacancy_id, row) for row in vacancies)
        self.matches.update((row.match_id, row) for row in matches)
        self.seen = state.revision

    def inputs(self, today: date, policy: Policy) -> tuple[RoundInputs, dict[Pair, str]]:
        """What a round on *today* depends on; and the locked matches it gives up, with reasons."""
        locks: set[Pair] = set()
        excluded: set[Pair] = set()
        refused: set[Pair] = set()
        moved: dict[Pair, int] = {}
        given_up: dict[Pair, str] = {}
        for match, learner_id in self._matches():
            pair = (learner_id, match.vacancy_id)
            learner, vacancy = self.learners.get(learner_id), self.vacancies[match.vacancy_id]
            locked = match.locked(today)
            why = withdrawal(match, learner, vacancy, today) if locked else None
            if why:
                given_up[pair] = why
            elif locked:
                locks.add(pair)
            if match.excluded:
                excluded.add(pair)
                if match.employer == "declined":
                    refused.add(pair)
            if position := match.moved_to():
                moved[pair] = position
        over = handed_over(refused, self.learners, self.vacancies)
        excluded |= over.barred
        inputs = RoundInputs(
            market=self.market,
            today=today,
            learners=tuple(row for _, row in sorted(self.learners.items())),
            vacancies=tuple(row for _, row in sorted(self.vacancies.items())),
            locks=frozenset(locks),
            excluded=frozenset(excluded),
            current=self.placed - locks,
            rerouted=over.offered - excluded - locks,
            moved=moved,
            policy=policy,
        )
        return inputs, given_up

    def latest(self) -> datetime | None:
        """When the last thing was said of a match: whatever a round says of it is later."""
        return max((at for match in self.matches.values() if (at := match.latest)), default=None)

    def missed(self) -> dict[UUID, datetime]:
        """When an interview of each vacancy was last missed."""
        last: dict[UUID, datetime] = {}
        for match in self.matches.values():
            if match.interview == "missed" and match.interview_at:
                before = last.get(match.vacancy_id, match.interview_at)
                last[match.vacancy_id] = max(before, match.interview_at)
        return last

    def _matches(self) -> Iterator[tuple[MatchFacts, UUID]]:
        """Each match with its learner; one that names none is found among the market's."""
        for match in self.matches.values():
            if match.learner_id:
                yield match, match.learner_id
                continue
            for learner_id in self.learners:
                if match_id((learner_id, match.vacancy_id)) == match.match_id:
                    yield match, learner_id

    def made(self, last: Made) -> None:
        """The market's last round is *last*, and it is published."""
        self.last = last
        self.placed = frozenset(
            (match.learner_id, row.vacancy_id)
            for row in last.outcome.shortlists
            for match in row.matches
        )
