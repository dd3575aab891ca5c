"""SQL of the pool: what of a market changed since it was last read."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.learner import LearnerProfile
from schemas.vacancy import VacancyProfile
from services.matcher.market import Learner, Pair, Vacancy
from services.matcher.matches import MatchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """
    How far a market is; ``reload_from``: pools that have seen less read everything again.

    ``last`` is its last round; ``goes_on`` the same, if what goes on from it can be replayed.
    """

    revision: int
    reload_from: int
    last: UUID | None
    goes_on: UUID | None


async def one_moment(session: AsyncSession) -> None:
    """All the session reads from here on is of one moment: rows and revision agree."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def state(session: AsyncSession, market: str) -> MarketState:
    """How far *market* is, in this session's view."""
    found = await session.execute(
        # where somebody was forgotten, all kept inputs were: only a whole round begins anew
        text("""
            select market.revision, reload_from, market.round_id as last,
                last.round_id as goes_on
            from market left join round as last on last.round_id = market.round_id
                and last.inputs is not null and exists (select from round as base
                    where base.round_id = last.base_id and base.inputs is not null)
            where market.market = :market
            """),
        {"market": market},
    )
    return MarketState(**found.mappings().one())


async def learners(session: AsyncSession, market: str, since: int) -> list[Learner]:
    """The market's learners that changed after revision *since*."""
    rows = await session.execute(
        text("""
            select learner_id, profile, completed_on, coalesce(paused, false) as paused,
                paused_until, withdrawal_at is not null and (enrolment_at is null
                    or (withdrawal_at, withdrawal_id) > (enrolment_at, enrolment_id)) as withdrawn
            from learner where market = :market and revision > :since
            """),
        {"market": market, "since": since},
    )
    return [
        Learner(**row | {"profile": LearnerProfile.model_validate(row["profile"])})
        for row in map(dict[str, Any], rows.mappings())
    ]


async def vacancies(session: AsyncSession, market: str, since: int) -> list[Vacancy]:
    """The market's vacancies that changed after revision *since*."""
    rows = await session.execute(
        text("""
            select vacancy_id, profile, case when closure_at is not null and (pledge_at is null
                or (closure_at, closure_id) > (pledge_at, pledge_id)) then closed end as closed
            from vacancy where market = :market and revision > :since
            """),
        {"market": market, "since": since},
    )
    return [
        Vacancy(**row | {"profile": VacancyProfile.model_validate(row["profile"])})
        for row in map(dict[str, Any], rows.mappings())
    ]


async def matches(session: AsyncSession, market: str, since: int) -> list[MatchFacts]:
    """What people said of the market's matches, where it or the vacancy changed after *since*."""
    rows = await session.execute(
        text("""
            select match_id, match.vacancy_id, match.learner_id, decision, held_until, decision_at,
                position, employer, employer_at, answer, answer_at, interview, interview_at,
                booked_on, withdrawn_at, coalesce(learner.erased, false) as learner_erased
            from match join vacancy using (vacancy_id)
                left join learner on learner.learner_id = match.learner_id
            where vacancy.market = :market
                and (match.revision > :since or vacancy.revision > :since)
            """),
        {"market": market, "since": since},
    )
    return [MatchFacts(**row) for row in rows.mappings()]


async def placed(session: AsyncSession, market: str) -> frozenset[Pair]:
    """The places the market's last published shortlists gave."""
    rows = await session.execute(
        text("""
            select unnest(placed) as learner_id, vacancy_id
            from shortlist join vacancy using (vacancy_id) where market = :market
            """),
        {"market": market},
    )
    return frozenset((row.learner_id, row.vacancy_id) for row in rows)
