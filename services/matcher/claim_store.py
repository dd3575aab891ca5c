"""SQL of claiming: which markets are behind, whose they are for now, how far they got."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_DUE = "(revision > round_revision or round_on is distinct from :today)"


class LeaseLost(Exception):
    """Another replica has taken the market over: this round's work is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A market that is this replica's until it finishes, or the lease runs out."""

    market: str
    lease: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How long changes are gathered before a round begins."""

    settle: timedelta
    settle_limit: timedelta
    lease: timedelta


async def renew(session: AsyncSession, *, rules_version: str, model_version: str) -> None:
    """Markets whose last round used other rules or another model are behind."""
    await session.execute(
        text("""
            update market set round_on = null from round
            where round.round_id = market.round_id
                and (rules_version, model_version) is distinct from (:rules, :model)
            """),
        {"rules": rules_version, "model": model_version},
    )


async def overdue(session: AsyncSession, today: date) -> int:
    """How many markets are behind."""
    return int(
        await session.scalar(text(f"select count(*) from market where {_DUE}"), {"today": today})  # noqa: S608 - a constant
        or 0
    )


async def oldest_change(session: AsyncSession, today: date) -> timedelta | None:
    """For how long the longest-waiting market has been behind; None if none is."""
    found: timedelta | None = await session.scalar(
        text(f"select max(clock_timestamp() - changed_since) from market where {_DUE}"),  # noqa: S608 - ours
        {"today": today},
    )
    return found


async def claim(
    session: AsyncSession, windows: Windows, *, today: date, lease: UUID
) -> Claim | None:
    """
    Take a market that is behind, whose changes have settled and that nobody holds.

    It is held while the session's connection lives, at most for the lease: a replica that was
    killed frees its market at once, one that is frozen or cut off in time.
    """
    market = await session.scalar(
        text(f"""
            update market set lease = :lease, leased_until = clock_timestamp() + :length,
                (backend, backend_start) = (select pid, mine.backend_start
                    from pg_stat_activity as mine where pid = pg_backend_pid())
            where market = (
                select market from market where {_DUE}
                and (clock_timestamp() >= changed_at + :settle
                    or clock_timestamp() >= changed_since + :settle_limit)
                and (lease is null or leased_until < clock_timestamp() or not exists
                    (select from pg_stat_activity as holder
                    where pid = backend and holder.backend_start = market.backend_start))
                order by changed_since limit 1 for update skip locked
            )
            returning market
            """),  # noqa: S608 - a constant
        {
            "today": today,
            "lease": lease,
            "length": windows.lease,
            "settle": windows.settle,
            "settle_limit": windows.settle_limit,
        },
    )
    return Claim(market=market, lease=lease) if market else None


async def hold(session: AsyncSession, claimed: Claim) -> tuple[int, int]:
    """
    Lock the market's row; its revision now, and the one from which pools read everything again.

    Raises `LeaseLost` if the market has become another's.
    """
    found = await session.execute(
        text("""
            select revision, reload_from from market
            where market = :market and lease = :lease for update
            """),
        {"market": claimed.market, "lease": claimed.lease},
    )
    row = found.one_or_none()
    if row is None:
        raise LeaseLost(f"market {claimed.market}: its lease ran out during the round")
    return row.revision, row.reload_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a finished round brought its market: ``revision`` is the newest, ``seen`` ours."""

    round_id: UUID
    round_on: date
    revision: int
    seen: int


async def finish(session: AsyncSession, claimed: Claim, progress: Progress) -> None:
    """The market has had its round up to what it saw; what came since waits for the next one."""
    await session.execute(
        text("""
            update market set revision = :revision, round_revision = :seen, round_on = :round_on,
                round_id = :round_id, changed_since = changed_at, lease = null, leased_until = null,
                backend = null, backend_start = null
            where market = :market
            """),
        asdict(progress) | {"market": claimed.market},
    )
