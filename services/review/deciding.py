"""Where decisions are made: on a locked vacancy, at the version on the coordinator's screen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas.envelope import Event
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.delivery.outbox import post
from services.review import clock
from services.review.chain import Entry
from services.review.decisions import release_surplus
from services.review.desk import Decision, Desk, later
from services.review.pools import room
from services.review.screen import Screen, screen_of
from services.review.state import MatchState, VacancyState
from services.review.store import accounts, decisions, matches, vacancies

SERVICE = "service:review"
Act = Callable[[Desk], Decision]


class UnknownVacancy(Exception):
    """Nothing is known of that vacancy."""


class StaleScreen(Exception):
    """The shortlist is no longer what was on the coordinator's screen; nothing was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The signed-in coordinator, and the web session that names were revealed to."""

    account: str
    id_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Makes decisions stand: events, matches, log and screen in one transaction."""

    sessions: Sessions
    now: Callable[[], datetime]

    async def decide(self, who: Who, vacancy_id: UUID, version: int, act: Act) -> Decision:
        """
        The *act*, if the shortlist is still at *version*.

        Raises UnknownVacancy, StaleScreen or DecisionRefused, and then nothing has changed.
        """
        async with self.sessions.begin() as session:
            known = await vacancies.vacancies(session, [vacancy_id])
            if vacancy_id not in known:
                raise UnknownVacancy(f"no vacancy {vacancy_id}")
            vacancy = (await vacancies.lock(session, [vacancy_id]))[vacancy_id]
            if vacancy.version != version:
                raise StaleScreen(f"version {version} was shown, {vacancy.version} stands")
            found = (await matches.matches_of(session, [vacancy_id]))[vacancy_id]
            learners = [match.learner_id for match in found]
            seen = await accounts.revealed(session, who.id_hash, learners)
            left = await _room(session, vacancy, clock.today(self.now()))
            at = replace(desk(vacancy, found, who.account, self.now(), seen), room=left)
            decision = act(at)
            await settle(session, at, decision)
        reach("review.decided")
        return decision


def desk(
    vacancy: VacancyState,
    found: Sequence[MatchState],
    coordinator: str,
    now: datetime,
    seen: Iterable[UUID] = (),
) -> Desk:
    """The desk for one vacancy."""
    return later(
        Desk(
            vacancy=vacancy,
            matches={match.match_id: match for match in found},
            coordinator=coordinator,
            now=now,
            today=clock.today(now),
            seen=frozenset(seen),
        )
    )


async def settle(session: AsyncSession, at: Desk, decision: Decision) -> None:
    """Write a decision's whole effect. The caller holds the vacancy's lock."""
    vacancy_id = at.vacancy.vacancy_id
    await matches.change(session, decision.matches)
    await vacancies.change(session, vacancy_id, {**decision.vacancy, "decided_at": at.now})
    await decisions.append(session, [_entry(at, decision, event) for event in decision.events])
    await post(session, *decision.events)
    screens = await _screens(session, {vacancy_id}, at.now, at.coordinator, decision.cause)
    await vacancies.save_screens(session, screens)


async def facts_changed(
    session: AsyncSession, changed: set[UUID], *, now: datetime, cause: str
) -> None:
    """New versions for vacancies whose facts changed; a pledge that shrank frees what is over."""
    if not changed:
        return
    screens = await _screens(session, changed, now, None, cause)
    last = await vacancies.last_screens(session, changed)
    await vacancies.save_screens(
        session, [screen for screen in screens if not screen.same_as(last.get(screen.vacancy_id))]
    )
    known = await vacancies.vacancies(session, changed)
    found = await matches.matches_of(session, changed)
    for vacancy_id in sorted(changed):
        if not known[vacancy_id].joint_pledge:
            await _release(session, desk(known[vacancy_id], found[vacancy_id], SERVICE, now))
    await _release_pools(session, known.values(), now)


async def _release(session: AsyncSession, at: Desk) -> None:
    if at.vacancy.profile and (release := release_surplus(at)):
        await settle(session, at, release)


async def _release_pools(
    session: AsyncSession, changed: Iterable[VacancyState], now: datetime
) -> None:
    """What a joint pledge has no room for any more, on whichever of its vacancies."""
    pledges = {vacancy.joint_pledge: vacancy for vacancy in changed if vacancy.joint_pledge}
    for _, one in sorted(pledges.items()):
        ids = [member.vacancy_id for member in await vacancies.members(session, one)]
        for vacancy_id, vacancy in sorted((await vacancies.lock(session, ids)).items()):
            found = (await matches.matches_of(session, [vacancy_id]))[vacancy_id]
            at = desk(vacancy, found, SERVICE, now)
            left = await _room(session, vacancy, at.today)
            await _release(session, replace(at, room=left))


async def _room(session: AsyncSession, vacancy: VacancyState, today: date) -> int | None:
    """What the other members of its joint pledge leave the vacancy; the caller holds them all."""
    members = await vacancies.members(session, vacancy)
    if not members:
        return None
    found = await matches.matches_of(session, [member.vacancy_id for member in members])
    return room(vacancy.vacancy_id, members, found, today=today)


async def _screens(
    session: AsyncSession, ids: Iterable[UUID], now: datetime, account: str | None, cause: str
) -> list[Screen]:
    wanted = sorted(set(ids))
    known = await vacancies.vacancies(session, wanted)
    found = await matches.matches_of(session, wanted)
    return [screen_of(known[i], found[i], now=now, account=account, cause=cause) for i in wanted]


def _entry(at: Desk, decision: Decision, event: Event) -> Entry:
    facts: Mapping[str, object] = event.model_dump(mode="json")
    shown = {name: facts[name] for name in facts if name not in _COLUMNS}
    return Entry(
        at=at.now,
        account=at.coordinator,
        act=decision.cause,
        vacancy_id=at.vacancy.vacancy_id,
        match_id=_uuid(facts.get("match_id")),
        learner_id=_uuid(facts.get("learner_id")),
        reason=_text(facts.get("reason")),
        shown=shown | {"screen": at.vacancy.version},
    )


_COLUMNS = frozenset(
    {"occurred_at", "vacancy_id", "match_id", "learner_id", "coordinator", "reason"}
)


def _uuid(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


def _text(value: object) -> str | None:
    return str(value) if value else None
