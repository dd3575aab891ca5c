"""The pages behind the links in letters. Looking changes nothing; sending the form does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.contacts.store import Employer
from services.delivery.database import Sessions
from services.delivery.failpoints import reach
from services.notifier import clock, facts, reasons, reply_forms, standing
from services.notifier.answering import Answering, LinkClosed, Opened
from services.notifier.interviews import YES
from services.notifier.standing import Standing
from services.pages.frame import Pages

TEMPLATES = Path(__file__).parent / "templates" / "pages"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPages:
    """Both sides' pages over one link address."""

    sessions: Sessions
    answering: Answering
    pages: Pages
    phone: str
    now: Callable[[], datetime]
    woken: Callable[[], None]

    def router(self) -> APIRouter:
        """GET and HEAD show, POST answers."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/reply/{token}", self.show, methods=["GET", "HEAD"])
        router.add_api_route("/reply/{token}", self.take, methods=["POST"])
        return router

    async def show(self, request: Request, token: str) -> Response:
        """How things stand for whoever holds *token*."""
        async with self.sessions.begin() as session:
            try:
                opened = await self.answering.open(session, token, self.now())
            except LinkClosed:
                return self._closed(request)
        return self._page(request, opened, {}, {})

    async def take(self, request: Request, token: str) -> Response:
        """Do what the form says, then show how things stand."""
        form = await request.form()
        sent = {name: value for name, value in form.items() if isinstance(value, str)}
        async with self.sessions.begin() as session:
            try:
                faults = await self.answering.answer(session, token, sent, self.now())
                opened = await self.answering.open(session, token, self.now())
            except LinkClosed:
                return self._closed(request)
        reach("reply.taken")
        if faults:
            return self._page(request, opened, sent, faults)
        log.info("reply taken", side=opened.side)
        self.woken()
        return RedirectResponse(f"{request.url.path}?saved=yes", status_code=303)

    def _closed(self, request: Request) -> Response:
        return self.pages.render(request, "closed.html", status=404, phone=self.phone)

    def _page(
        self, request: Request, opened: Opened, sent: Mapping[str, str], faults: Mapping[str, str]
    ) -> Response:
        told = _learners(opened, sent) if opened.mine else _employers(opened, sent)
        saved = request.query_params.get("saved") == YES and not faults
        return self.pages.render(
            request,
            f"{opened.side}.html",
            status=422 if faults else 200,
            faults=faults,
            saved=saved,
            phone=self.phone,
            **told,
        )


def _employers(opened: Opened, sent: Mapping[str, str]) -> dict[str, Any]:
    everyone = opened.all_of_them
    vacancy = everyone[-1].shortlist.vacancy
    answerable = [one for one in everyone if one.open]
    given = standing.offered([one.interview for one in everyone], opened.now)
    asked = standing.slot_count(len(answerable))
    slots = [clock.local_entry(slot) for slot in given or standing.suggested(opened.now, asked)]
    slots += [""] * (asked - len(slots))
    return {
        "title": vacancy.title,
        "interviews": facts.promised(vacancy),
        "interview_by": clock.day_words(vacancy.interview_by),
        "learners": [_card(one, opened, sent) for one in everyone],
        "answerable": len(answerable),
        "asked": any(one.asked_how for one in everyone),
        "slots": [sent.get(f"slot-{place}", slot) for place, slot in enumerate(slots, start=1)],
        "earliest": clock.local_entry(opened.now),
        "suggested": not given,
        "reasons": reply_forms.EMPLOYER_REASONS,
        "outcomes": reply_forms.HAPPENED,
    }


def _card(one: Standing, opened: Opened, sent: Mapping[str, str]) -> dict[str, Any]:
    interview = one.interview
    number = interview.number
    person = opened.people.get(interview.learner_id)
    match = next(m for m in one.shortlist.matches if m.match_id == interview.match_id)
    booked = interview.booked_for if not interview.over else None
    return {
        "number": number,
        "label": facts.label(interview).capitalize(),
        "given_name": person.given_name if person else None,
        "phone": person.phone if person and booked and not person.contact_restricted else None,
        "email": person.email if person and booked and not person.contact_restricted else None,
        "reasons": reasons.for_employer(match, one.shortlist.vacancy),
        "gone": interview.withdrawn or interview.learner == "no",
        "open": one.open,
        "past": one.past,
        "asked": one.asked_how,
        "said": interview.employer,
        "booked": clock.time_words(booked) if booked else None,
        "answer": sent.get(f"answer-{number}") or interview.employer,
        "reason": sent.get(f"reason-{number}") or interview.employer_reason,
        "share": sent.get(f"share-{number}") == YES or interview.may_share,
        "happened": sent.get(f"happened-{number}") or reply_forms.said_happened(interview),
    }


def _learners(opened: Opened, sent: Mapping[str, str]) -> dict[str, Any]:
    one = opened.mine
    if one is None:
        raise LinkClosed("not a learner's page")
    interview, vacancy = one.interview, one.shortlist.vacancy
    match = next(m for m in one.shortlist.matches if m.match_id == interview.match_id)
    slots = standing.free(one, [o.interview for o in opened.all_of_them])
    chosen = interview.booked_for or interview.slot or (slots[0] if slots else None)
    return {
        "title": vacancy.title,
        "employer_name": opened.employer.name if opened.employer else "the employer",
        "work": facts.work(vacancy, opened.employer or _nameless(one)),
        "why": reasons.for_learner(match, vacancy),
        "open": one.open,
        "gone": interview.withdrawn or interview.employer == "no",
        "booked": clock.time_words(interview.booked_for) if interview.booked_for else None,
        "past": one.past,
        "said": interview.learner,
        "answer": sent.get("answer") or interview.learner,
        "reason": sent.get("reason") or interview.learner_reason,
        "reasons": reply_forms.LEARNER_REASONS,
        "slots": {slot.isoformat(): clock.time_words(slot) for slot in slots},
        "slot": sent.get("slot") or (chosen.isoformat() if chosen else None),
    }


def _nameless(one: Standing) -> Employer:
    return Employer(employer_id=one.shortlist.vacancy.employer_id, name="the employer")
