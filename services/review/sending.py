"""The holding window: when it ends, what was approved goes out, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from schemas.decision import ShortlistSent
from schemas.match import Match
from schemas.vacancy import VacancyProfile
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.review.deciding import SERVICE, desk, settle
from services.review.decisions import call_off
from services.review.desk import Decision, Desk
from services.review.standing import Standing
from services.review.store import matches, vacancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Posts ShortlistSent for the shortlists whose holding window has ended."""

    sessions: Sessions
    now: Callable[[], datetime]

    async def send_one(self) -> bool:
        """Send one due shortlist; False when there was none that another replica is not at."""
        async with self.sessions.begin() as session:
            vacancy = await vacancies.due(session, self.now())
            if vacancy is None:
                return False
            found = (await matches.matches_of(session, [vacancy.vacancy_id]))[vacancy.vacancy_id]
            if vacancy.profile is None or vacancy.closed:
                at = desk(vacancy, found, SERVICE, self.now())
                await settle(session, at, call_off(at))
            else:
                at = desk(vacancy, found, vacancy.send_by or SERVICE, self.now())
                await settle(session, at, sent(at, vacancy.profile))
        reach("review.sent")
        return True

    async def waiting(self) -> int:
        """How many shortlists wait for their window to end."""
        async with self.sessions() as session:
            return await vacancies.due_count(session)


def sent(at: Desk, profile: VacancyProfile) -> Decision:
    """The approved matches, if there still are any, go to employer and learners."""
    over = {"send_due": None, "send_by": None}
    going = [match for match in at.order() if at.standing(match.match_id) == Standing.APPROVED]
    listed = [_listed(match.facts, place) for place, match in enumerate(going, 1) if match.facts]
    if not listed:
        return Decision(cause="not-sent", events=(), vacancy=over)
    event = ShortlistSent(
        event_id=uuid5(at.vacancy.vacancy_id, f"sent:{at.vacancy.version}"),
        occurred_at=at.now,
        vacancy_id=at.vacancy.vacancy_id,
        shortlist_version=max(at.vacancy.shortlist_version, 1),
        coordinator=at.coordinator,
        vacancy=profile,
        matches=tuple(listed),
    )
    changes: dict[UUID, dict[str, object]] = {
        match.match_id: {"decision": "sent", "sent_at": at.now} for match in listed
    }
    return Decision(cause="sent", events=(event,), matches=changes, vacancy=over)


def _listed(match: Match, place: int) -> Match:
    # that a peer declined is for coordinators alone: nobody who writes to the employer gets it
    return match.model_copy(update={"position": place, "handed_over": None})
