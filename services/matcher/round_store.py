"""SQL of rounds: what came of them, and what was last published."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher.publication import Known, Published


async def published(session: AsyncSession, market: str) -> dict[UUID, Known]:
    """The shortlists last published for the market's vacancies, by vacancy; rows are locked."""
    rows = await session.execute(
        text("""
            select vacancy_id, version, digest from shortlist join vacancy using (vacancy_id)
            where market = :market order by vacancy_id for update of shortlist
            """),
        {"market": market},
    )
    return {row.vacancy_id: Known(version=row.version, digest=row.digest) for row in rows}


async def published_of(session: AsyncSession, vacancy_ids: Collection[UUID]) -> dict[UUID, Known]:
    """The same for vacancies that came to the market since, perhaps from another."""
    rows = await session.execute(
        text("""
            select vacancy_id, version, digest from shortlist
            where vacancy_id = any(:ids) order by vacancy_id for update
            """),
        {"ids": sorted(vacancy_ids)},
    )
    return {row.vacancy_id: Known(version=row.version, digest=row.digest) for row in rows}


async def publish(session: AsyncSession, rows: Sequence[Published]) -> None:
    """Keep *rows* as the last published shortlists of their vacancies."""
    if rows:
        await session.execute(
            text("""
                insert into shortlist (vacancy_id, version, round_id, digest, placed)
                values (:vacancy_id, :version, :round_id, :digest, :placed)
                on conflict (vacancy_id) do update set version = excluded.version,
                    round_id = excluded.round_id, digest = excluded.digest,
                    placed = excluded.placed
                """),
            [
                asdict(row) | {"placed": list(row.placed)}
                for row in sorted(rows, key=attrgetter("vacancy_id"))
            ],
        )


async def withdraw(
    session: AsyncSession, match_ids: Collection[UUID], *, at: datetime, revision: int
) -> None:
    """Say that the matches were given up *at* that time."""
    await session.execute(
        text("""
            update match set withdrawn_at = :at, revision = :revision
            where match_id = any(:ids)
            """),
        {"at": at, "revision": revision, "ids": sorted(match_ids)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """
    One run of the matcher over a market, as kept; ``inputs`` None once nothing needs them.

    ``base_id`` is the whole round it goes on from, itself for a whole one, by ``place`` steps.
    ``decided_digest`` is of the outcome without its words, ``made_with`` names the code and
    libraries (`provenance`); None in rounds of before.
    """

    round_id: UUID
    base_id: UUID
    place: int
    market: str
    revision: int
    at: datetime
    today: date
    rules_version: str
    model_version: str
    model_note: str
    inputs_digest: str
    outcome_digest: str
    proposed: int
    counts: dict[str, Any]
    decided_digest: str | None = None
    made_with: dict[str, str] | None = None
    inputs: bytes | None = None


async def save_round(session: AsyncSession, made: Round, *, keep_from: datetime) -> None:
    """
    Keep *made*; with a whole round, drop what nobody can ask for any more.

    Chains of rounds from which no shortlist came lose their inputs; those that ended before
    *keep_from* go, unless a shortlist that stands is theirs.
    """
    if not made.place:
        for statement in _DROP:
            await session.execute(statement, {"market": made.market, "keep_from": keep_from})
    await session.execute(
        text("""
            insert into round (round_id, base_id, place, market, revision, at, today,
                rules_version, model_version, model_note, inputs_digest, outcome_digest, proposed,
                counts, decided_digest, made_with, inputs)
            values (:round_id, :base_id, :place, :market, :revision, :at, :today,
                :rules_version, :model_version, :model_note, :inputs_digest, :outcome_digest,
                :proposed, cast(:counts as jsonb), :decided_digest, cast(:made_with as jsonb),
                :inputs)
            """),
        asdict(made) | {"counts": json.dumps(made.counts), "made_with": json.dumps(made.made_with)},
    )


_DROP = (
    text("""
        update round set inputs = null where market = :market and inputs is not null
            and not exists (select from round as other
                where other.base_id = round.base_id and other.proposed > 0)
        """),
    text("""
        delete from round where market = :market and at < :keep_from and not exists
            (select from round as other where other.base_id = round.base_id
                and (other.at >= :keep_from or exists
                    (select from shortlist where shortlist.round_id = other.round_id)))
        """),
)


async def round_of(session: AsyncSession, round_id: UUID, *, inputs: bool = False) -> Round | None:
    """The round, with its packed *inputs* if asked for and still there."""
    found = await session.execute(
        text(f"""
            select round_id, base_id, place, market, revision, at, today, rules_version,
                model_version, model_note, inputs_digest, outcome_digest, proposed, counts,
                decided_digest, made_with, {"inputs" if inputs else "null as inputs"}
            from round where round_id = :round_id
            """),  # noqa: S608 - one of two constants
        {"round_id": round_id},
    )
    row = found.mappings().one_or_none()
    return Round(**row) if row else None


async def chain_of(session: AsyncSession, kept: Round) -> list[Round]:
    """The rounds that lead to *kept* from the whole one, itself last, with their inputs."""
    rows = await session.execute(
        text("""
            select round_id, base_id, place, market, revision, at, today, rules_version,
                model_version, model_note, inputs_digest, outcome_digest, proposed, counts,
                decided_digest, made_with, inputs
            from round where base_id = :base_id and place <= :place order by place
            """),
        {"base_id": kept.base_id, "place": kept.place},
    )
    return [Round(**row) for row in rows.mappings()]


NO_COUNTS: dict[str, Any] = {
    "learners": 0,
    "completers": 0,
    "vacancies": 0,
    "pledged_places": 0,
    "allocated": 0,
    "unplaced": {},
}


async def market_counts(session: AsyncSession) -> list[tuple[str, dict[str, Any]]]:
    """Every market by name with the counts of its last round, empty before the first."""
    rows = await session.execute(
        text("""
            select market.market, coalesce(counts, '{}') as counts
            from market left join round using (round_id) order by market.market
            """)
    )
    return [(row.market, row.counts) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a vacancy and a learner are matched; ``round_id``: the vacancy's market's last."""

    market: str
    learner_market: str
    round_id: UUID | None


async def asked(session: AsyncSession, *, vacancy_id: UUID, learner_id: UUID) -> Asked | None:
    """Whom a question is about; None where vacancy or learner is unknown."""
    found = await session.execute(
        text("""
            select vacancy.market, learner.market as learner_market, round_id
            from vacancy join market using (market), learner
            where vacancy_id = :vacancy_id and learner_id = :learner_id
                and learner.market is not null
            """),
        {"vacancy_id": vacancy_id, "learner_id": learner_id},
    )
    row = found.mappings().one_or_none()
    return Asked(**row) if row else None


async def market_of(session: AsyncSession, vacancy_id: UUID) -> str | None:
    """The vacancy's market; None where it is unknown."""
    market: str | None = await session.scalar(
        text("select market from vacancy where vacancy_id = :id"), {"id": vacancy_id}
    )
    return market


async def last_rounds(session: AsyncSession) -> dict[str, UUID | None]:
    """Every market with its last round, None before the first."""
    rows = await session.execute(text("select market, round_id from market"))
    return {row.market: row.round_id for row in rows}
