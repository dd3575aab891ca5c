"""Coordinators' accounts, their web sessions, and whose names a session has revealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.review.store.tables import AccountRow, RevealRow, WebSessionRow, table_of

ACCOUNT = table_of(AccountRow)
SESSION = table_of(WebSessionRow)
REVEAL = table_of(RevealRow)
IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
# a session's last use is noted this often, not with every page
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who is signed in: *account* is the opaque key that events carry, *label* is for pages."""

    account: str
    label: str


async def open_session(
    session: AsyncSession, account: Account, *, id_hash: str, now: datetime
) -> None:
    """Begin a web session; the account is made when first seen."""
    row = {"account": account.account, "label": account.label, "seen_at": now}
    await session.execute(
        insert(ACCOUNT)
        .values(row)
        .on_conflict_do_update(
            index_elements=["account"], set_={"label": account.label, "seen_at": now}
        )
    )
    await session.execute(
        insert(SESSION).values(
            id_hash=id_hash, account=account.account, started_at=now, seen_at=now
        )
    )


async def session_account(session: AsyncSession, id_hash: str, *, now: datetime) -> Account | None:
    """Whose session it is; None if it is unknown, revoked, idle for an hour or 12 hours old."""
    found = await session.execute(
        select(ACCOUNT.c.account, ACCOUNT.c.label, SESSION.c.seen_at)
        .join(SESSION, SESSION.c.account == ACCOUNT.c.account)
        .where(
            SESSION.c.id_hash == id_hash,
            SESSION.c.revoked_at.is_(None),
            SESSION.c.seen_at > now - IDLE,
            SESSION.c.started_at > now - LONGEST,
        )
    )
    row = found.mappings().first()
    if row is None:
        return None
    if row["seen_at"] < now - NOTED_EVERY:
        await session.execute(
            update(SESSION).where(SESSION.c.id_hash == id_hash).values(seen_at=now)
        )
    return Account(account=row["account"], label=row["label"])


async def revoke_session(session: AsyncSession, id_hash: str, *, now: datetime) -> None:
    """End a web session, for good."""
    await session.execute(
        update(SESSION)
        .where(SESSION.c.id_hash == id_hash, SESSION.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def labels(session: AsyncSession, accounts: Iterable[str]) -> dict[str, str]:
    """How pages call each of *accounts*."""
    found = await session.execute(
        select(ACCOUNT.c.account, ACCOUNT.c.label).where(ACCOUNT.c.account.in_(set(accounts)))
    )
    return {row.account: row.label for row in found}


async def reveal(
    session: AsyncSession, id_hash: str, learner_id: UUID, *, reason: str, now: datetime
) -> None:
    """Show a learner's name to one web session from now on."""
    await session.execute(
        insert(REVEAL)
        .values(id_hash=id_hash, learner_id=learner_id, reason=reason, at=now)
        .on_conflict_do_nothing()
    )


async def revealed(
    session: AsyncSession, id_hash: str, learners: Iterable[UUID]
) -> dict[UUID, str]:
    """Which of *learners* the web session may see by name, and the reason given for each."""
    found = await session.execute(
        select(REVEAL.c.learner_id, REVEAL.c.reason).where(
            REVEAL.c.id_hash == id_hash, REVEAL.c.learner_id.in_(list(learners))
        )
    )
    return {row.learner_id: row.reason for row in found}
