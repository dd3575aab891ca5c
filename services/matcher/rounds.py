"""Rounds: a market that changed is claimed, computed and published, all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from time import perf_counter
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.outbox import post
from services.matcher import claim_store, models, provenance, publication, round_store
from services.matcher.claim_store import Claim, LeaseLost, Progress, Windows
from services.matcher.drafts import By, Draft, draft
from services.matcher.flow import SOLVER
from services.matcher.market import Policy
from services.matcher.models import Models
from services.matcher.pool import Pool
from services.matcher.publication import Known, RoundStamp
from services.matcher.round_store import Round
from services.matcher.rules import Rules

log = structlog.get_logger()

LONDON = ZoneInfo("Europe/London")
TICK = timedelta(microseconds=1)
SHORTLY = timedelta(seconds=0.1)  # or whoever comes round looks again


@dataclass(slots=True, kw_only=True)
class Rounds:
    """
    Makes the rounds of the markets this replica claims.

    *behind* counts the events still to be read: while there are more than *few*, changes are
    gathered, but none longer than *catch_up*. Rounds are kept for *kept*.
    """

    sessions: Sessions
    models: Models
    rules: Rules
    policy: Policy
    windows: Windows
    now: Callable[[], datetime]
    behind: Callable[[], Awaitable[int]]
    catch_up: timedelta
    few: int = 500  # what one poll can bring: no more of a catch-up than the next batch
    kept: timedelta
    pools: dict[str, Pool] = field(default_factory=dict)
    _renewed: dict[str, str] = field(default_factory=dict)
    _settling: bool = False

    async def waiting(self) -> int:
        """How many markets are behind."""
        async with self.sessions() as session:
            return await claim_store.overdue(session, self._today())

    async def tick(self) -> bool:
        """Make one round if a market is due, once it has settled; whether one was made."""
        if await self._one():
            return True
        if not self._settling:
            return False
        # whatever comes meanwhile calls again
        await asyncio.sleep(min(self.windows.settle, SHORTLY).total_seconds())
        return await self._one()

    async def _one(self) -> bool:
        async with self.claimed() as claimed:
            if claimed is None:
                return False
            reach("round.claimed")
            try:
                await self.publish(claimed, await self.draft(claimed))
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
            self._settling = oldest is not None and oldest < self.windows.settle_limit
            if oldest is None or (oldest < self.catch_up and await self.behind() > self.few):
                return None
            found = await claim_store.claim(session, self.windows, today=today, lease=uuid4())
        self._renewed = used
        return found

    async def draft(self, claimed: Claim) -> Draft:
        """What a round of the claimed market comes to; raises NotOptimal."""
        pool = self.pools.setdefault(claimed.market, Pool(market=claimed.market))
        by = By(
            today=self._today(),
            policy=self.policy,
            model=self.models.current,
            rules=self.rules,
        )
        async with self.sessions() as session:
            await pool.catch_up(session)
        started = perf_counter()
        made = await asyncio.to_thread(draft, pool, by)
        log.info(
            "round computed",
            market=pool.market,
            revision=made.seen,
            steps=made.warm.place,
            written=len(made.shortlists),
            seconds=round(perf_counter() - started, 3),
            solver=SOLVER,
        )
        return made

    async def publish(self, claimed: Claim, made: Draft) -> None:
        """Write what is news, and that the round was made, in one transaction."""
        pool = self.pools[claimed.market]
        try:
            async with self.sessions.begin() as session:
                known = await self._write(session, claimed, made)
        except BaseException:
            await pool.abandoned()
            raise
        reach("round.saved")
        await pool.published(replace(made.warm, known=known), made.made)

    async def _write(self, session: AsyncSession, claimed: Claim, made: Draft) -> dict[UUID, Known]:
        stamp = self._stamp(made)
        revision, reload_from = await claim_store.hold(session, claimed)
        known = made.warm.known
        if not made.warm.place:
            known = await round_store.published(session, claimed.market)
        elif came := made.shortlists.keys() - known.keys():
            known = known | await round_store.published_of(session, came)
        written = [row for row in made.shortlists.values() if row]
        news = list(publication.changed(written, made.profiles, made.marks, known, stamp))
        alive = {row.vacancy_id for row in written}
        over = made.shortlists.keys() if made.warm.place else made.shortlists.keys() | known.keys()
        emptied = publication.dropped(over - alive, known, stamp)
        gone = publication.withdrawn(made.given_up, stamp)
        # the round took its own withdrawals into account: they alone need no other round
        seen = made.seen + 1 if gone and revision == made.seen else made.seen
        revision = revision + 1 if gone else revision
        rows = [row for row, _ in news] + emptied
        await round_store.publish(session, rows)
        ids = [event.match_id for event in gone]
        await round_store.withdraw(session, ids, at=stamp.at, revision=revision)
        kept = _kept(made, stamp, news=len(news), gone=len(gone))
        if reload_from > made.seen:
            # rows have left since, perhaps of somebody who must be forgotten
            kept = replace(kept, inputs=None)
        await round_store.save_round(session, kept, keep_from=self.now() - self.kept)
        await models.keep_used(session, made.by.model, made.by.rules)
        far = Progress(round_id=kept.round_id, round_on=kept.today, revision=revision, seen=seen)
        await claim_store.finish(session, claimed, far)
        await post(session, *(event for _, event in news), *gone)
        fresh = {row.vacancy_id: Known(version=row.version, digest=row.digest) for row in rows}
        return known | fresh

    def _stamp(self, made: Draft) -> RoundStamp:
        now = self.now()
        return RoundStamp(
            round_id=made.round_id,
            # later than all it knows of, also where the clock of who said that runs ahead
            at=max(now, made.latest + TICK) if made.latest else now,
            market=made.market,
            rules_version=made.by.rules.version,
            model_version=made.by.model.version,
            model_note=made.by.model.note,
        )

    def _today(self) -> date:
        return self.now().astimezone(LONDON).date()


def _kept(made: Draft, stamp: RoundStamp, *, news: int, gone: int) -> Round:
    return Round(
        round_id=stamp.round_id,
        base_id=made.warm.base_id,
        place=made.warm.place,
        market=stamp.market,
        revision=made.seen,
        at=stamp.at,
        today=made.by.today,
        rules_version=stamp.rules_version,
        model_version=stamp.model_version,
        model_note=stamp.model_note,
        inputs_digest=made.inputs_digest,
        outcome_digest=made.outcome_digest,
        decided_digest=made.decided_digest,
        made_with=provenance.here(),
        proposed=news,
        counts=made.counts | {"shortlists": news, "withdrawn": gone},
        inputs=made.inputs,
    )
