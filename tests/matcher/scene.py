"""A matcher without Kafka: tell it events, let it make a round, see what it says."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from schemas.envelope import Event
from schemas.match import MatchWithdrawn, ShortlistProposed
from services.delivery.database import Sessions
from services.matcher import prior
from services.matcher.app import listening
from services.matcher.claim_store import Windows
from services.matcher.market import Policy
from services.matcher.markets import Markets
from services.matcher.models import Models
from services.matcher.rounds import Rounds
from services.matcher.rules import Rules

MARKETS = Markets(default="west-midlands", places={"CV": "coventry"})
FIVE = [UUID(int=number, version=4) for number in range(1, 6)]
VACANCY = UUID(int=77, version=4)
MODEL = prior.fitted()
RULES = Rules.load()
AT_ONCE = Windows(settle=timedelta(0), settle_limit=timedelta(0), lease=timedelta(seconds=60))


async def nobody_behind() -> int:
    return 0


@dataclass(slots=True, kw_only=True)
class Scene:
    """One replica of the matcher on a database of a test's own."""

    sessions: Sessions
    now: datetime = datetime(2026, 9, 2, 9, tzinfo=UTC)
    windows: Windows = AT_ONCE
    markets: Markets = MARKETS
    rounds: Rounds = field(init=False)

    def __post_init__(self) -> None:
        self.rounds = Rounds(
            sessions=self.sessions,
            models=Models(default=MODEL),
            rules=RULES,
            policy=Policy(),
            windows=self.windows,
            now=lambda: self.now,
            behind=nobody_behind,
            catch_up=timedelta(seconds=30),
            kept=timedelta(days=90),
        )

    async def tell(self, *events: Event) -> None:
        """Give the events to their handlers as one batch, type by type, as consume() does."""
        handlers = listening(self.markets)
        by_type: dict[type[Event], list[Event]] = defaultdict(list)
        for event in events:
            by_type[type(event)].append(event)
        async with self.sessions.begin() as session:
            for kind, some in by_type.items():
                await handlers[kind](some, session)

    async def round(self) -> None:
        """Make rounds until every market has had its own."""
        while await self.rounds.tick():
            pass

    async def taken_over(self) -> bool:
        """Whether a round was made; PostgreSQL may take a moment to see that a holder is gone."""
        for _ in range(500):
            if await self.rounds.tick():
                return True
            await asyncio.sleep(0.02)
        return False

    async def said(self) -> list[Event]:
        """All that was posted, in order."""
        kinds = {kind.ce_type(): kind for kind in (ShortlistProposed, MatchWithdrawn)}
        async with self.sessions() as session:
            rows = await session.execute(text("select type, payload from outbox order by seq"))
            return [kinds[row.type].of(row.payload) for row in rows]

    async def shortlists(self) -> dict[UUID, ShortlistProposed]:
        """The newest shortlist of each vacancy."""
        said = await self.said()
        return {e.vacancy_id: e for e in said if isinstance(e, ShortlistProposed)}

    async def places(self, vacancy_id: UUID) -> list[UUID]:
        """The learners in the vacancy's places, in order."""
        return [match.learner_id for match in (await self.shortlists())[vacancy_id].matches]

    async def everybody(self, vacancy_id: UUID) -> set[UUID]:
        """Who is on the vacancy's shortlist, reserves too."""
        shortlist = (await self.shortlists())[vacancy_id]
        return {match.learner_id for match in (*shortlist.matches, *shortlist.reserves)}

    async def withdrawals(self) -> list[tuple[UUID, str]]:
        """The learners whose matches were given up, with the reasons."""
        said = await self.said()
        return [(e.learner_id, e.reason) for e in said if isinstance(e, MatchWithdrawn)]

    async def scalar(self, sql: str, **values: object) -> object:
        """One value from the database."""
        async with self.sessions() as session:
            return await session.scalar(text(sql), values)
