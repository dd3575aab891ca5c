"""A market in memory, kept warm: a round reads only what changed since the last one."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import pool_store
from services.matcher.market import Learner, Outcome, Pair, Policy, RoundInputs, Vacancy
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

    def inputs(self, today: date, policy: Policy) -> tuple[RoundInputs, dict[UUID, str]]:
        """What a round on *today* depends on; and the locked matches it gives up, with reasons."""
        locks: set[Pair] = set()
        given_up: dict[UUID, str] = {}
        for match in self.matches.values():
            vacancy = self.vacancies[match.vacancy_id]
            if not match.locked(today, places=vacancy.profile.interviews):
                continue
            why = withdrawal(match, self.learners.get(match.learner_id), vacancy, today)
            if why:
                given_up[match.match_id] = why
            else:
                locks.add(match.pair)
        moved = {match.pair: match.moved_to() for match in self.matches.values()}
        inputs = RoundInputs(
            market=self.market,
            today=today,
            learners=tuple(row for _, row in sorted(self.learners.items())),
            vacancies=tuple(row for _, row in sorted(self.vacancies.items())),
            locks=frozenset(locks),
            excluded=frozenset(row.pair for row in self.matches.values() if row.excluded),
            current=self.placed - locks,
            moved={pair: place for pair, place in moved.items() if place},
            policy=policy,
        )
        return inputs, given_up

    def made(self, last: Made) -> None:
        """The market's last round is *last*, and it is published."""
        self.last = last
        self.placed = frozenset(
            (match.learner_id, row.vacancy_id)
            for row in last.outcome.shortlists
            for match in row.matches
        )
