"""
Rounds: a market that changed is claimed, computed and published, all or nothing.

    NotOptimal   the allocation could not be proven best, so nothing of it is published
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from schemas.vacancy import VacancyProfile
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.outbox import post
from services.matcher import archive, claim_store, models, pledges, publication, round_store
from services.matcher.claim_store import Claim, LeaseLost, Progress, Windows
from services.matcher.market import Outcome, Pair, Policy, RoundInputs
from services.matcher.models import Models
from services.matcher.pool import Made, Pool
from services.matcher.proposal import propose
from services.matcher.publication import RoundStamp
from services.matcher.round_store import Round
from services.matcher.rules import Rules

log = structlog.get_logger()

LONDON = ZoneInfo("Europe/London")
TICK = timedelta(microseconds=1)
ROUNDS = UUID("c2f1b7b2-6b1e-5a35-9f6f-0b7a5f3c9d41")


class NotOptimal(Exception):
    """The allocation could not be proven best, so nothing of it is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A computed round, not yet anybody's truth."""

    round_id: UUID
    inputs: RoundInputs
    outcome: Outcome
    given_up: dict[Pair, str]
    packed: bytes
    inputs_digest: str
    outcome_digest: str
    marks: dict[UUID, str]
    profiles: dict[UUID, VacancyProfile]
    latest: datetime | None
    seen: int


@dataclass(slots=True, kw_only=True)
class Rounds:
    """
    Makes the rounds of the markets this replica claims.

    *behind* counts the events still to be read: while there are some, changes are gathered, but
    none longer than *catch_up*. Rounds are kept for *kept*.
    """

    sessions: Sessions
    models: Models
    rules: Rules
    policy: Policy
    windows: Windows
    now: Callable[[], datetime]
    behind: Callable[[], Awaitable[int]]
    catch_up: timedelta
    kept: timedelta
    pools: dict[str, Pool] = field(default_factory=dict)
    _renewed: dict[str, str] = field(default_factory=dict)

    async def waiting(self) -> int:
        """How many markets are behind."""
        async with self.sessions() as session:
            return await claim_store.overdue(session, self._today())

    async def tick(self) -> bool:
        """Make one round if a market is due; whether one was made."""
        async with self.claimed() as claimed:
            if claimed is None:
                return False
            reach("round.claimed")
            try:
                await self.publish(claimed, await self.proposal(claimed))
            except LeaseLost as lost:
                log.warning("round dropped", market=claimed.market, reason=str(lost))
            return True

    @asynccontextmanager
    async def claimed(self) -> AsyncIterator[Claim | None]:
        """A market that is this replica's meanwhile, if one is due and not held."""
        engine: AsyncEngine = self.sessions.kw["bind"]
        async with engine.connect() as connection:
            try:
                yield await self._claim(connection)
            except BaseException:
                # the claim lives as long as its connection: let others have the market
                await connection.invalidate()
                raise

    async def _claim(self, connection: AsyncConnection) -> Claim | None:
        today = self._today()
        async with self.sessions(bind=connection) as session, session.begin():
            model = await self.models.active(session)
            used = {"rules_version": self.rules.version, "model_version": model.version}
            if self._renewed != used:
                await claim_store.renew(session, **used)
            oldest = await claim_store.oldest_change(session, today)
            if oldest is None or (oldest < self.catch_up and await self.behind()):
                return None
            found = await claim_store.claim(session, self.windows, today=today, lease=uuid4())
        self._renewed = used
        return found

    async def proposal(self, claimed: Claim) -> Proposal:
        """What a round of the claimed market comes to. Raises NotOptimal."""
        pool = self.pools.setdefault(claimed.market, Pool(market=claimed.market))
        async with self.sessions() as session:
            await pool.catch_up(session)
        return await asyncio.to_thread(self._computed, pool)

    def _computed(self, pool: Pool) -> Proposal:
        started = perf_counter()
        inputs, given_up = pool.inputs(self._today(), self.policy)
        earlier = pool.last.outcome if pool.last else None
        outcome = propose(inputs, self.models.current, self.rules, earlier=earlier)
        if not outcome.proof.optimal:
            raise NotOptimal(f"market {pool.market}, revision {pool.seen}: no proof; see the log")
        computed = perf_counter()
        written = archive.written(inputs, outcome.judgement.scores)
        profiles = {row.vacancy_id: row.profile for row in inputs.vacancies}
        proposal = Proposal(
            round_id=self._round_id(inputs, pool.seen),
            inputs=inputs,
            outcome=outcome,
            given_up=given_up,
            packed=archive.packed(written),
            inputs_digest=archive.digest(written),
            outcome_digest=archive.digest(archive.outcome_bytes(outcome)),
            marks=publication.marks(outcome, profiles, pool.missed()),
            profiles=profiles,
            latest=pool.latest(),
            seen=pool.seen,
        )
        log.info(
            "round computed",
            market=pool.market,
            revision=pool.seen,
            seconds=round(computed - started, 3),
            packing=round(perf_counter() - computed, 3),
            solver=outcome.solver,
        )
        return proposal

    async def publish(self, claimed: Claim, made: Proposal) -> None:
        """Write what is news, and that the round was made, in one transaction."""
        async with self.sessions.begin() as session:
            await self._write(session, claimed, made)
        reach("round.saved")
        last = Made(round_id=made.round_id, inputs=made.inputs, outcome=made.outcome)
        self.pools[claimed.market].made(last)

    async def _write(self, session: AsyncSession, claimed: Claim, made: Proposal) -> None:
        stamp = self._stamp(made)
        revision, reload_from = await claim_store.hold(session, claimed)
        known = await round_store.published(session, claimed.market)
        news = list(publication.changed(made.outcome, made.profiles, made.marks, known, stamp))
        emptied = publication.dropped(made.outcome, known, stamp)
        gone = publication.withdrawn(made.given_up, stamp)
        # the round took its own withdrawals into account: they alone need no other round
        seen = made.seen + 1 if gone and revision == made.seen else made.seen
        revision = revision + 1 if gone else revision
        await round_store.publish(session, [row for row, _ in news] + emptied)
        ids = [event.match_id for event in gone]
        await round_store.withdraw(session, ids, at=stamp.at, revision=revision)
        kept = _kept(made, stamp, news=len(news), gone=len(gone))
        if reload_from > made.seen:
            # rows have left since, perhaps of somebody who must be forgotten
            kept = replace(kept, inputs=None)
        await round_store.save_round(session, kept, keep_from=self.now() - self.kept)
        await models.keep_used(session, self.models.current, self.rules)
        far = Progress(round_id=kept.round_id, round_on=kept.today, revision=revision, seen=seen)
        await claim_store.finish(session, claimed, far)
        await post(session, *(event for _, event in news), *gone)

    def _stamp(self, made: Proposal) -> RoundStamp:
        now = self.now()
        return RoundStamp(
            round_id=made.round_id,
            # later than all it knows of, also where the clock of who said that runs ahead
            at=max(now, made.latest + TICK) if made.latest else now,
            market=made.inputs.market,
            rules_version=made.outcome.rules_version,
            model_version=made.outcome.model_version,
            model_note=made.outcome.model_note,
        )

    def _round_id(self, inputs: RoundInputs, seen: int) -> UUID:
        """The same for the same work, so that a round made again says the same events."""
        versions = f"{self.rules.version}/{self.models.current.version}"
        return uuid5(ROUNDS, f"{inputs.market}/{seen}/{inputs.today.isoformat()}/{versions}")

    def _today(self) -> date:
        return self.now().astimezone(LONDON).date()


def _kept(made: Proposal, stamp: RoundStamp, *, news: int, gone: int) -> Round:
    return Round(
        round_id=stamp.round_id,
        market=stamp.market,
        revision=made.seen,
        at=stamp.at,
        today=made.inputs.today,
        rules_version=stamp.rules_version,
        model_version=stamp.model_version,
        model_note=stamp.model_note,
        inputs_digest=made.inputs_digest,
        outcome_digest=made.outcome_digest,
        proposed=news,
        counts=_counts(made) | {"shortlists": news, "withdrawn": gone},
        inputs=made.packed,
    )


def _counts(made: Proposal) -> dict[str, Any]:
    """The round in figures; learners and places, with the reasons of those without one."""
    open_ = [row for row in made.inputs.vacancies if not row.closed]
    placed = {learner_id for learner_id, _ in made.outcome.allocated}
    return {
        "learners": len(made.inputs.learners),
        "completers": len(placed) + len(made.outcome.unplaced),
        "vacancies": len(open_),
        "pledged_places": pledges.places(open_),
        "allocated": len(placed),
        "unplaced": dict(sorted(Counter(w.reason for w in made.outcome.unplaced.values()).items())),
        "most": made.outcome.proof.most,
        "total_score": made.outcome.proof.total_score,
    }
