"""What was decided, by whom, on what was shown: per vacancy, and all of it."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from services.review import labels, reasons
from services.review.chain import Link, first_break
from services.review.console import Console
from services.review.store import accounts, decisions
from services.review.store.decisions import Happening

PAGE = 100
COLUMNS = ("seq", "at", "account", "act", "vacancy", "match", "reason", "previous", "hash")


@dataclass(frozen=True, slots=True)
class LogPages:
    """Timelines and the global log."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/shortlists/{vacancy_id}/timeline")(self.timeline)
        router.get("/log")(self.log)
        router.get("/log.csv")(self.export)

    async def timeline(self, request: Request, vacancy_id: UUID) -> HTMLResponse:
        """Everything that happened around a vacancy, newest first."""
        async with self.console.sessions() as session:
            vacancy, _ = await self.console.vacancy(session, vacancy_id)
            links = await decisions.decisions_of(session, vacancy_id)
            happenings = await decisions.happenings_of(session, vacancy_id)
            called = await accounts.labels(session, {link.entry.account for link in links})
        told = [
            *(_decided(link, called) for link in links),
            *(_happened(happening) for happening in happenings),
        ]
        told.sort(key=lambda row: row.at, reverse=True)
        return self.console.page(
            request,
            "timeline.html",
            here="/",
            vacancy=vacancy,
            told=told,
            broken=first_break(links),
        )

    async def log(self, request: Request, before: int | None = None) -> HTMLResponse:
        """The newest decisions of all, or those before *before*."""
        async with self.console.sessions() as session:
            links = await decisions.log_page(session, before=before, limit=PAGE)
            called = await accounts.labels(session, {link.entry.account for link in links})
        return self.console.page(
            request,
            "log.html",
            here="/log",
            told=[_decided(link, called) for link in links],
            older=links[-1].seq if len(links) == PAGE else None,
        )

    async def export(self) -> StreamingResponse:
        """The whole log as a table with its hashes, so that anybody can check the chains."""
        return StreamingResponse(
            self._rows(),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="decisions.csv"'},
        )

    async def _rows(self) -> AsyncIterator[str]:
        yield _csv(COLUMNS)
        async with self.console.sessions() as session:
            async for link in decisions.whole_log(session):
                entry = link.entry
                yield _csv(
                    (
                        link.seq,
                        entry.at.isoformat(),
                        entry.account,
                        entry.act,
                        entry.vacancy_id or "",
                        entry.match_id or "",
                        entry.reason or "",
                        link.previous,
                        link.hash,
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of a timeline; *mark* is the beginning of a decision's hash."""

    at: datetime
    who: str
    what: str
    about: str
    why: str
    vacancy_id: UUID | None
    mark: str = ""


def _decided(link: Link, called: dict[str, str]) -> Told:
    entry = link.entry
    act = labels.CAUSES.get(entry.act, entry.act)
    return Told(
        at=entry.at,
        who=called.get(entry.account, "The service"),
        what=act[:1].upper() + act[1:],
        about=labels.alias(entry.learner_id) if entry.learner_id else "",
        why=reasons.in_words(entry.reason),
        vacancy_id=entry.vacancy_id,
        mark=link.hash[:12],
    )


# what a timeline calls the facts of other services
KINDS = {
    "VacancyPledged": "Interviews pledged",
    "VacancyChanged": "Vacancy changed",
    "VacancyClosed": "Vacancy closed",
    "ShortlistProposed": "Shortlist proposed",
    "MatchWithdrawn": "Match withdrawn",
    "EmployerAccepted": "Employer said yes",
    "EmployerDeclined": "Employer said no",
    "LearnerAccepted": "Learner said yes",
    "LearnerDeclined": "Learner said no",
    "InterviewBooked": "Interview booked",
    "InterviewHeld": "Interview held",
    "InterviewMissed": "Interview missed",
    "OutcomeRecorded": "Outcome recorded",
    "LetterSent": "Letter sent",
    "LetterFailed": "Letter failed",
    "LetterBounced": "Letter came back",
}
WRITERS = {"Vacancy": "Employer", "Shortlist": "Matcher", "Match": "Matcher", "Letter": "Letters"}


def _happened(happening: Happening) -> Told:
    told = happening.words
    why = [reasons.in_words(told.get(key)) for key in ("reason", "outcome", "template")]
    if "interviews" in told:
        why.append(labels.plural(told["interviews"], "interview"))
    who = next((w for start, w in WRITERS.items() if happening.kind.startswith(start)), "Replies")
    return Told(
        at=happening.at,
        who=who,
        what=KINDS.get(happening.kind, happening.kind),
        about=labels.alias(happening.learner_id) if happening.learner_id else "",
        why=". ".join(words for words in why if words),
        vacancy_id=happening.vacancy_id,
    )


def _csv(values: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(str(value)) for value in values])
    return out.getvalue()


def _safe(text: str) -> str:
    # a spreadsheet must not take a value for a formula
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
