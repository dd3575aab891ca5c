"""The matcher's tables and all SQL on them. Nothing here commits."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher.facts import Fact, Group, newest


async def keep(session: AsyncSession, group: Group, facts: Sequence[Fact]) -> None:
    """
    Keep the newest facts of a group, and raise the revision of every market they change.

    A fact older than its row's changes nothing; one whose row nobody made yet makes it.
    """
    rows = newest(facts)
    if group.table == "match":
        await _settle_matches(session, rows)
    values: dict[str, list[Any]] = {
        name: [fact.values[name] for fact in rows] for name, _ in group.columns
    }
    values |= {"keys": [fact.key for fact in rows]}
    values |= {"times": [fact.at for fact in rows], "events": [fact.event_id for fact in rows]}
    changed = (await session.execute(_upsert(group), values)).all()
    if group.waits:
        return
    now = {row.now for row in changed} - {None}
    left = {row.was for row in changed if row.was != row.now} - {None}
    await raise_revision(session, now, left=left)
    if now:
        await session.execute(_STAMP[group.table], {"keys": [row.key for row in changed]})


@cache
def _upsert(group: Group) -> TextClause:
    """
    Insert or overwrite rows, sorted, where the new fact is later; what changed comes back.

    ``was`` and ``now`` are the markets of each changed row.
    """
    table, key = group.table, f"{group.table}_id"
    at, event = f"{group.name}_at", f"{group.name}_id"
    columns = [*(name for name, _ in group.columns), at, event]
    given = ["cast(:keys as uuid[])"]
    given += [f"cast(:{name} as {kind}[])" for name, kind in group.columns]
    given += ["cast(:times as timestamptz[])", "cast(:events as uuid[])"]
    alive = "not learner.erased and" if table == "learner" else ""
    markets = "old.market as was, new.market as now"
    if table == "match":
        market = "(select market from vacancy where vacancy_id = new.vacancy_id)"
        markets = f"{market} as was, {market} as now"
    return text(f"""
        insert into {table} ({key}, {", ".join(columns)})
        select * from unnest({", ".join(given)}) order by 1
        on conflict ({key}) do update
        set {", ".join(f"{name} = excluded.{name}" for name in columns)}
        where {alive} ({table}.{at} is null
            or (excluded.{at}, excluded.{event}) > ({table}.{at}, {table}.{event}))
        returning new.{key} as key, {markets}
        """)  # noqa: S608 - names come from the groups in facts, never from outside


# A changed row bears its market's revision: pools read what is later than what they have seen.
_STAMP: Mapping[str, TextClause] = {
    "learner": text("""
        update learner set revision = market.revision from market
        where learner_id = any(:keys) and market.market = learner.market
        """),
    "vacancy": text("""
        update vacancy set revision = market.revision from market
        where vacancy_id = any(:keys) and market.market = vacancy.market
        """),
    "match": text("""
        update match set revision = market.revision from vacancy join market using (market)
        where match_id = any(:keys) and vacancy.vacancy_id = match.vacancy_id
        """),
}


async def _settle_matches(session: AsyncSession, rows: Sequence[Fact]) -> None:
    """
    Make sure the matches and their vacancies have rows; the vacancies stay as they are.

    Without the lock a vacancy that comes at the same time could miss its own matches.
    """
    sides = [(fact.key, fact.sides) for fact in rows if fact.sides]
    values = {
        "keys": [key for key, _ in sides],
        "vacancies": [side.vacancy_id for _, side in sides],
        "learners": [side.learner_id for _, side in sides],
    }
    for statement in _SIDES:
        await session.execute(statement, values)


_SIDES = (
    text("""
        insert into vacancy (vacancy_id)
        select distinct unnest(cast(:vacancies as uuid[])) order by 1
        on conflict (vacancy_id) do nothing
        """),
    text("""
        select from vacancy where vacancy_id = any(cast(:vacancies as uuid[]))
        order by vacancy_id for share
        """),
    text("""
        insert into match (match_id, vacancy_id, learner_id)
        select * from unnest(cast(:keys as uuid[]), cast(:vacancies as uuid[]),
            cast(:learners as uuid[])) order by 1
        on conflict (match_id) do update set learner_id = excluded.learner_id
        where match.learner_id is null and excluded.learner_id is not null
        """),
)


async def erased(session: AsyncSession, learner_ids: Collection[UUID]) -> set[UUID]:
    """Those of the learners who are forgotten for ever."""
    found = await session.scalars(
        text("select learner_id from learner where learner_id = any(:ids) and erased"),
        {"ids": sorted(learner_ids)},
    )
    return set(found)


async def forget(session: AsyncSession, learner_ids: Sequence[UUID]) -> None:
    """Empty the learners' rows for ever; only the id stays, so that no late fact revives them."""
    values = {"ids": learner_ids}
    await session.execute(
        text("""
            update match set measures = null, score = null, rank = null, model_version = null,
                route = null, employer_key = null, shown_at = null, shown_id = null
            where learner_id = any(:ids)
            """),
        values,
    )
    changed = await session.execute(
        text("""
            insert into learner (learner_id, erased)
            select unnest(cast(:ids as uuid[])), true order by 1
            on conflict (learner_id) do update set
                erased = true, market = null, revision = 0,
                profile = null, profile_at = null, profile_id = null,
                enrolment_at = null, enrolment_id = null,
                completed_on = null, completion_at = null, completion_id = null,
                paused = null, paused_until = null, pause_at = null, pause_id = null,
                withdrawal_at = null, withdrawal_id = null
            where not learner.erased
            returning old.market
            """),
        values,
    )
    markets = set(changed.scalars())
    if not markets:
        return  # all of them were forgotten before
    # what rounds kept may hold facts about them; their digests stay
    await session.execute(text("update round set inputs = null where inputs is not null"))
    matched = await session.scalars(
        text("""
            select distinct market from vacancy join match using (vacancy_id)
            where learner_id = any(:ids)
            """),
        values,
    )
    await raise_revision(session, set(), left=(markets | set(matched)) - {None})


async def raise_revision(
    session: AsyncSession, markets: Collection[str], *, left: Collection[str] = ()
) -> None:
    """
    Say that *markets* changed, and that rows went away from those in *left*.

    Row locks are taken in the order of names and held until the commit, so revisions become
    visible in order.
    """
    if not markets and not left:
        return
    await session.execute(
        text("""
            insert into market (market, revision, reload_from)
            select name, 1, case when name = any(:left) then 1 else 0 end
            from unnest(cast(:names as text[])) as name order by name
            on conflict (market) do update set
                revision = market.revision + 1,
                reload_from = case when market.market = any(:left)
                    then market.revision + 1 else market.reload_from end,
                changed_at = clock_timestamp(),
                changed_since = case when market.revision > market.round_revision
                    then market.changed_since else clock_timestamp() end
            """),
        {"names": sorted({*markets, *left}), "left": sorted(left)},
    )
