"""What every page of the console works with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.contacts.store import Employer, Reader, employers, people
from services.contacts.vault import Vault
from services.delivery.database import Sessions
from services.pages.frame import Pages
from services.review import cards
from services.review.asking import Intake, Matcher
from services.review.calling import Calling
from services.review.deciding import Decisions, UnknownVacancy
from services.review.guard import Guard, Visit, visit_of
from services.review.identity import SignIn
from services.review.inquiring import Inquiries
from services.review.settings import Settings
from services.review.state import MatchState, VacancyState
from services.review.store import accounts, matches, vacancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The collaborators of the pages, and what several pages ask of them."""

    settings: Settings
    sessions: Sessions
    pages: Pages
    vault: Vault
    matcher: Matcher
    inquiries: Inquiries
    intake: Intake
    sign_in: SignIn
    guard: Guard
    decisions: Decisions
    now: Callable[[], datetime]
    wake: Callable[[], None]

    def page(
        self, request: Request, name: str, *, status: int = 200, **data: object
    ) -> HTMLResponse:
        """A page for the signed-in visitor."""
        visit = visit_of(request)
        return self.pages.render(request, name, status=status, visit=visit, now=self.now(), **data)

    async def vacancy(
        self, session: AsyncSession, vacancy_id: UUID
    ) -> tuple[VacancyState, list[MatchState]]:
        """A vacancy with its matches; raises UnknownVacancy."""
        found = await vacancies.vacancies(session, [vacancy_id])
        if vacancy_id not in found:
            raise UnknownVacancy(f"no vacancy {vacancy_id}")
        return found[vacancy_id], (await matches.matches_of(session, [vacancy_id]))[vacancy_id]

    async def reader(
        self, session: AsyncSession, visit: Visit, found: Iterable[MatchState]
    ) -> cards.Reader:
        """Names this session has revealed, each read audited; how the deciders are called."""
        listed = list(found)
        seen = await accounts.revealed(session, visit.id_hash, [m.learner_id for m in listed])
        names: dict[UUID, str] = {}
        for reason in sorted(set(seen.values())):
            ids = [learner_id for learner_id, given in seen.items() if given == reason]
            reader = Reader(account=visit.account, reason=reason)
            for person in (await people(session, self.vault, ids, reader=reader)).values():
                names[person.learner_id] = f"{person.given_name} {person.family_name}"
        deciders = {match.decided_by for match in listed if match.decided_by}
        return cards.Reader(
            now=self.now(), names=names, accounts=await accounts.labels(session, deciders)
        )

    async def employers(
        self, session: AsyncSession, visit: Visit, ids: Iterable[UUID], *, reason: str
    ) -> dict[UUID, Employer]:
        """The employers of *ids*, the read audited."""
        wanted = set(ids)
        if not wanted:
            return {}
        reader = Reader(account=visit.account, reason=reason)
        return await employers(session, self.vault, wanted, reader=reader)

    async def calling(
        self,
        session: AsyncSession,
        visit: Visit,
        named: Callable[[VacancyState], bool],
        *,
        reason: str,
    ) -> Calling:
        """How vacancies are called; the employers of those *named* are read, and audited."""
        known = await vacancies.every_vacancy(session)
        ids = [row.profile.employer_id for row in known if row.profile and named(row)]
        names = await self.employers(session, visit, ids, reason=reason)
        return Calling(
            {row.vacancy_id: row for row in known},
            {employer_id: employer.name for employer_id, employer in names.items()},
        )


def see(path: str) -> RedirectResponse:
    """What every POST that acted answers: go and see."""
    return RedirectResponse(path, status_code=303)
