"""SQL of models and rules: the text of every version a round used. Nothing here commits."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KEPT, CHALLENGER, ACTIVE, RETIRED = "kept", "challenger", "active", "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A model as it is kept: ``body`` is its JSON, ``card`` what its fit said of it."""

    version: str
    body: str
    state: str
    saved_at: datetime
    card: dict[str, Any] | None = None
    activated_at: datetime | None = None
    activated_by: str | None = None


async def keep_model(session: AsyncSession, version: str, body: str) -> None:
    """Keep a model's text, if it is not kept yet."""
    await session.execute(
        text("""
            insert into model (version, body) values (:version, :body)
            on conflict (version) do nothing
            """),
        {"version": version, "body": body},
    )


async def keep_ruleset(session: AsyncSession, version: str, body: str) -> None:
    """Keep a rules file's text, if it is not kept yet."""
    await session.execute(
        text("""
            insert into ruleset (version, body) values (:version, :body)
            on conflict (version) do nothing
            """),
        {"version": version, "body": body},
    )


async def known(session: AsyncSession, *, model: str, rules: str) -> bool:
    """Whether both versions are kept."""
    found = await session.scalar(
        text("""
            select exists (select from model where version = :model)
                and exists (select from ruleset where version = :rules)
            """),
        {"model": model, "rules": rules},
    )
    return bool(found)


async def ruleset(session: AsyncSession, version: str) -> str | None:
    """The text of a version of the rules."""
    body: str | None = await session.scalar(
        text("select body from ruleset where version = :version"), {"version": version}
    )
    return body


async def model(session: AsyncSession, version: str) -> Stored | None:
    """The model of a version."""
    return await _one(session, "version = :wanted", version)


async def model_in(session: AsyncSession, state: str) -> Stored | None:
    """The newest model in a state; there is one active at most, and one challenger."""
    return await _one(session, "state = :wanted", state)


async def version_in(session: AsyncSession, state: str) -> str | None:
    """The version of the model in a state, for asking often."""
    version: str | None = await session.scalar(
        text("select version from model where state = :state"), {"state": state}
    )
    return version


async def last_used(session: AsyncSession) -> str | None:
    """The version of the model that made the newest round of any market."""
    version: str | None = await session.scalar(
        text("select model_version from round order by at desc limit 1")
    )
    return version


async def models(session: AsyncSession) -> list[Stored]:
    """All models, the newest first, without their cards."""
    rows = await session.execute(
        text("""
            select version, body, state, saved_at, activated_at, activated_by from model
            order by saved_at desc, version
            """)
    )
    return [Stored(**row) for row in rows.mappings()]


async def challenge(session: AsyncSession, version: str, body: str, card: dict[str, Any]) -> None:
    """Keep a newly fitted model as the one that is scored beside the active one."""
    values = {"version": version, "body": body, "card": json.dumps(card)}
    await session.execute(
        text("""
            update model set state = 'retired' where state = 'challenger' and version <> :version
            """),
        values,
    )
    await session.execute(
        text("""
            insert into model (version, body, card, state)
            values (:version, :body, cast(:card as jsonb), 'challenger')
            on conflict (version) do update set card = excluded.card,
                state = case when model.state = 'active' then 'active' else 'challenger' end
            """),
        values,
    )


async def activate(session: AsyncSession, version: str, *, by: str) -> bool:
    """Make the model the active one; False if there is no such version."""
    await session.execute(
        text("update model set state = 'retired' where state = 'active' and version <> :version"),
        {"version": version},
    )
    found = await session.execute(
        text("""
            update model set state = 'active', activated_by = :by,
                activated_at = clock_timestamp()
            where version = :version returning version
            """),
        {"version": version, "by": by},
    )
    return found.scalar_one_or_none() is not None


async def _one(session: AsyncSession, where: str, wanted: str) -> Stored | None:
    found = await session.execute(
        text(f"""
            select version, body, state, saved_at, card, activated_at, activated_by from model
            where {where} order by saved_at desc limit 1
            """),  # noqa: S608 - one of two constants
        {"wanted": wanted},
    )
    row = found.mappings().one_or_none()
    return Stored(**row) if row else None
