"""Doing what a form asks, or saying why not: what every deciding page shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.review import labels
from services.review.cards import Card, Reader, shortlist
from services.review.console import Console, see
from services.review.deciding import Act, StaleScreen
from services.review.desk import DecisionRefused
from services.review.forms import Versioned
from services.review.guard import visit_of
from services.review.screen import Change, Line, Screen, differences
from services.review.store import accounts, vacancies


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    What a coordinator asked for, so that a stale screen can offer it again.

    *words* says it in one sentence; *fields* are the form's other entries.
    """

    path: str
    words: str
    chosen: tuple[UUID, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


async def decide(
    console: Console, request: Request, form: Versioned, act: Act, asked: Asked
) -> Response:
    """The act done, then the shortlist; 409 with the difference, or 422 with the reason."""
    vacancy_id = UUID(request.path_params["vacancy_id"])
    try:
        await console.decisions.decide(visit_of(request).who, vacancy_id, form.version, act)
    except StaleScreen:
        return await stale(console, request, form.version, asked)
    except DecisionRefused as refused:
        return console.page(
            request, "refused.html", status=422, words=str(refused), vacancy_id=vacancy_id
        )
    console.wake()
    return see(f"/shortlists/{vacancy_id}")


async def stale(console: Console, request: Request, version: int, asked: Asked) -> HTMLResponse:
    """What changed since *version*, who changed it, and the entries, ready to send again."""
    vacancy_id = UUID(request.path_params["vacancy_id"])
    visit = visit_of(request)
    async with console.sessions.begin() as session:
        vacancy, found = await console.vacancy(session, vacancy_id)
        before = await vacancies.screen(session, vacancy_id, version)
        since = await vacancies.screens_since(session, vacancy_id, version)
        reader = await console.reader(session, visit, found)
        deciders = {screen.account for screen in since if screen.account}
        called = await accounts.labels(session, deciders)
    cards = shortlist(vacancy, found, reader)
    return console.page(
        request,
        "stale.html",
        status=409,
        vacancy=vacancy,
        asked=asked,
        chosen=_still(asked, (*cards.listed, *cards.ended)),
        changes=[_told(screen, called) for screen in since],
        differences=_differences(before, since[-1] if since else None, reader),
    )


def _still(asked: Asked, cards: Sequence[Card]) -> list[tuple[Card, bool]]:
    """The chosen cards, and whether each could still be approved."""
    return [(card, card.can_approve) for card in cards if card.match_id in asked.chosen]


def _told(screen: Screen, called: dict[str, str]) -> dict[str, object]:
    who = called.get(screen.account or "")
    cause = labels.CAUSES.get(screen.cause, screen.cause)
    return {"at": screen.at, "words": f"{who}: {cause}" if who else cause[:1].upper() + cause[1:]}


def _differences(
    before: Screen | None, after: Screen | None, reader: Reader
) -> list[tuple[str, str, str]]:
    """Each difference as what it is about, what was shown, what is now."""
    if before is None or after is None:
        return []
    rows = [
        (reader.called(change.learner_id), _line(change.before), _line(change.after, change))
        for change in differences(before, after)
    ]
    if before.pledged != after.pledged:
        rows.insert(0, ("Pledged interviews", str(before.pledged), str(after.pledged)))
    return rows


def _line(line: Line | None, change: Change | None = None) -> str:
    if line is None:
        return "Not on the list"
    kind = "place" if line.listed == "place" else "reserve"
    words = f"{labels.TAGS[line.standing][0]}, {kind} {line.place}"
    before = change.before if change else None
    same = before and (before.place, before.standing) == (line.place, line.standing)
    return f"{words}, with other reasons" if same else words
