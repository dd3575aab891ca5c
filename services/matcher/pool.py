"""A market in memory, kept warm: a round reads only what changed since the last one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import pool_store
from services.matcher.board import Board
from services.matcher.fork import Fork
from services.matcher.handover import HandOver, handed_over
from services.matcher.listing import Listing
from services.matcher.market import Learner, Pair, Policy, RoundInputs, Vacancy
from services.matcher.matches import MatchFacts
from services.matcher.publication import Known
from services.matcher.snapshot import Made, taken
from services.matcher.steps import Pairs, Place, Step
from services.matcher.verdicts import Verdicts

SHORTLY = 0.002  # seconds until whoever waits for the lock looks again
NO_ONE = HandOver(offered=frozenset(), barred=frozenset())


@dataclass(slots=True, kw_only=True)
class Warm:
    """
    A market's last round as this replica made it, ready to go on from.

    ``base_id`` is the whole round it was laid out from, ``place`` how many steps ago; ``known``
    what was last published of each vacancy.
    """

    board: Board
    listing: Listing
    base_id: UUID
    place: int
    round_id: UUID
    known: dict[UUID, Known]


@dataclass(slots=True, kw_only=True)
class Pool:
    """
    What is known of one market up to the revision ``seen``; its ``last`` round is then.

    ``warm`` is the market's last round, if this replica made it and computes no other, else
    ``placed`` are the places its last published shortlists gave. ``lock`` is held while rows or
    the board change.
    """

    market: str
    seen: int = 0
    last: UUID | None = None
    learners: dict[UUID, Learner] = field(default_factory=dict)
    vacancies: dict[UUID, Vacancy] = field(default_factory=dict)
    matches: dict[UUID, MatchFacts] = field(default_factory=dict)
    placed: frozenset[Pair] = frozenset()
    warm: Warm | None = None
    lock: Lock = field(default_factory=Lock)
    _news: list[Learner | Vacancy | MatchFacts] = field(default_factory=list)
    _heard: int = 0  # so many of the news are in the verdicts already
    _verdicts: Verdicts | None = None
    _over: HandOver = NO_ONE
    _made: Made | None = None

    async def catch_up(self, session: AsyncSession) -> None:
        """Read what changed after ``seen``; everything, if rows have left the market since."""
        await pool_store.one_moment(session)
        state = await pool_store.state(session, self.market)
        since = self.seen if self.seen >= state.reload_from else 0
        learners = await pool_store.learners(session, self.market, since)
        vacancies = await pool_store.vacancies(session, self.market, since)
        matches = await pool_store.matches(session, self.market, since)
        stands = self.warm is not None and self.warm.round_id == state.goes_on and since > 0
        placed = self.placed if stands else await pool_store.placed(session, self.market)
        async with self._held():
            self.placed = placed
            if not stands:
                self.warm = self._made = None
            if not since:
                self.learners, self.vacancies, self.matches = {}, {}, {}
                self._verdicts, self._news, self._heard = None, [], 0
            self.take(learners, vacancies, matches)
            self.seen, self.last = state.revision, state.last

    def take(
        self,
        learners: Sequence[Learner] = (),
        vacancies: Sequence[Vacancy] = (),
        matches: Sequence[MatchFacts] = (),
    ) -> None:
        """Know rows that are new or changed; the next round is told of them."""
        self.learners.update((row.learner_id, row) for row in learners)
        self.vacancies.update((row.vacancy_id, row) for row in vacancies)
        self.matches.update((row.match_id, row) for row in matches)
        self._news += [*learners, *vacancies, *matches]

    def inputs(self, today: date, policy: Policy) -> RoundInputs:
        """What a whole round on *today* depends on."""
        verdicts = self.verdicts(today)
        excluded = verdicts.excluded | self._over.barred
        return RoundInputs(
            market=self.market,
            today=today,
            learners=tuple(row for _, row in sorted(self.learners.items())),
            vacancies=tuple(row for _, row in sorted(self.vacancies.items())),
            locks=frozenset(verdicts.locks),
            excluded=frozenset(excluded),
            current=self.standing() - verdicts.locks,
            rerouted=self._over.offered - excluded - verdicts.locks,
            moved=dict(verdicts.moved),
            policy=policy,
        )

    def standing(self) -> frozenset[Pair]:
        """The places that the last published shortlists gave."""
        return self.warm.board.pairs() | self.warm.board.locks if self.warm else self.placed

    def step(self, today: date) -> Step:
        """What changed since the round the board stands at; ``warm`` must be there."""
        news, decided = self._news, self.warm.board.decided if self.warm else None
        if decided is None:
            raise ValueError(f"market {self.market} stands on no board")
        verdicts = self.verdicts(today)
        excluded = verdicts.excluded | self._over.barred
        rerouted = self._over.offered - excluded - verdicts.locks
        learners = {row.learner_id: row for row in news if isinstance(row, Learner)}
        vacancies = {row.vacancy_id: row for row in news if isinstance(row, Vacancy)}
        return Step(
            learners=tuple(row for _, row in sorted(learners.items())),
            vacancies=tuple(row for _, row in sorted(vacancies.items())),
            locks=Pairs.between(decided.locks, verdicts.locks),
            excluded=Pairs.between(decided.excluded, excluded),
            rerouted=Pairs.between(decided.rerouted, rerouted),
            moved=Place.between(decided.moved, verdicts.moved),
            again=tuple(sorted({r.vacancy_id for r in news if isinstance(r, MatchFacts)})),
        )

    def verdicts(self, today: date) -> Verdicts:
        """What people said of matches, brought up to the news."""
        news, verdicts = self._news[self._heard :], self._verdicts
        self._heard += len(news)
        vacancies = {row.vacancy_id for row in news if isinstance(row, Vacancy)}
        if verdicts is None or verdicts.today != today:
            verdicts, self._over = Verdicts(today=today), NO_ONE
            stale, self._verdicts = set(self.matches), verdicts
        else:
            stale = {row.match_id for row in news if isinstance(row, MatchFacts)}
            ids = {row.learner_id for row in news if isinstance(row, Learner)}
            stale |= verdicts.about(ids | vacancies)
        verdicts.read((self.matches[key] for key in sorted(stale)), self.learners, self.vacancies)
        # who is handed over has been refused, so their matches would be stale if they changed
        if stale or vacancies:
            self._over = handed_over(verdicts.refused, self.learners, self.vacancies)
        return verdicts

    def lent(self) -> Warm:
        """
        The board, to be taken on by one step: nobody's until the round is `published`.

        What fails on the way leaves none behind that would be ahead of what is published.
        """
        if self.warm is None:
            raise ValueError(f"market {self.market} stands on no board")
        warm, self.warm = self.warm, None
        return warm

    def outgrown(self, warm: Warm, step: Step) -> None:
        """The board refused *step*: the places that stood on it are all that is left of it."""
        self.placed = warm.board.pairs() | warm.board.locks | {*step.locks.went}

    async def published(self, warm: Warm, made: Made | None) -> None:
        """The market's last round is *warm*, and it is published; *made* if it was a whole one."""
        async with self._held():
            self.warm, self._made = warm, made
            self._news, self._heard = [], 0

    async def abandoned(self) -> None:
        """The round that was computed last is not to be: the next one begins from all rows."""
        async with self._held():
            self.warm = self._made = None

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """The lock, without keeping the event loop from others while a thread has it."""
        # not acquired in a thread: one that is given up meanwhile would have it for ever
        while not self.lock.acquire(blocking=False):  # noqa: ASYNC110  # a thread has it
            await asyncio.sleep(SHORTLY)
        try:
            yield
        finally:
            self.lock.release()

    def forked(self, round_id: UUID) -> Fork | None:
        """A copy of the market as it stands after *round_id*, if that is this replica's last."""
        with self.lock:
            warm = self.warm
            if warm is None or warm.round_id != round_id:
                return None
            return Fork.of(warm.board, warm.listing, round_id)

    def made(self, round_id: UUID) -> Made | None:
        """The round *round_id* with its inputs, if it is the last and this replica's."""
        with self.lock:
            if self._made is not None and self._made.round_id == round_id:
                return self._made
            warm = self.warm
            if warm is None or warm.round_id != round_id:
                return None
            self._made = taken(warm.board, warm.listing, round_id)
            return self._made
