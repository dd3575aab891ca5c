"""The work list, and letters a person has dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from services.pages.forms import FormRefused
from services.review import clock, labels, reasons
from services.review.asking import Check, Word
from services.review.chain import Entry
from services.review.console import Console, see
from services.review.forms import Settle
from services.review.guard import visit_of
from services.review.pools import shares
from services.review.store import decisions, letters, matches, vacancies
from services.review.store.letters import Letter
from services.review.work import Habits, Row, by_group, needing, vacancy_row

# what a group shows before it says how many more there are
SHOWN = 50
# working days within which a check should be looked at
CHECK_DAYS = 2


@dataclass(frozen=True, slots=True)
class WorkPages:
    """Home, and what is done from there."""

    console: Console

    def add_to(self, router: APIRouter) -> None:
        """Give *router* these pages."""
        router.get("/")(self.show)
        router.get("/letters/{letter_id}")(self.letter)
        router.post("/letters/{letter_id}")(self.settle)

    async def show(self, request: Request, group: str | None = None) -> HTMLResponse:
        """What needs doing; with *group* the whole of that group."""
        console = self.console
        checks = await console.intake.checks()
        words = await console.intake.words() if checks is not None else None
        habits = Habits(
            warning_days=console.settings.review_warning_days,
            waiting_days=console.settings.review_waiting_days,
        )
        async with console.sessions.begin() as session:
            known = await vacancies.every_vacancy(session)
            outlines = await matches.outlines(session)
            failed = await letters.open_letters(session)
            now = console.now()
            joint = shares(known, outlines, today=clock.today(now))
            rows = [
                vacancy_row(
                    v,
                    outlines.get(v.vacancy_id, ()),
                    now=now,
                    habits=habits,
                    share=joint.get(v.vacancy_id),
                )
                for v in known
            ]
            titles = {v.vacancy_id: v.profile.title for v in known if v.profile}
            groups = by_group(
                [
                    *rows,
                    *(_letter_row(letter, titles) for letter in failed),
                    *(_check_row(check) for check in checks or ()),
                    _words_row(words or ()),
                ]
            )
            shown = [
                (key, heading, found if key == group else found[:SHOWN], len(found))
                for key, heading, found in groups
            ]
            names = await console.employers(
                session,
                visit_of(request),
                [row.employer_id for _, _, found, _ in shown for row in found if row.employer_id],
                reason="work-list",
            )
        return console.page(
            request,
            "work.html",
            here="/",
            groups=shown,
            employers=names,
            needing=needing(groups),
            intake_away=checks is None,
            today=clock.today(console.now()),
        )

    async def letter(self, request: Request, letter_id: UUID) -> HTMLResponse:
        """One letter that did not arrive."""
        return await self._letter_page(request, letter_id)

    async def settle(self, request: Request, letter_id: UUID) -> Response:
        """A person has dealt with the letter."""
        try:
            form = Settle.read(await request.form())
        except FormRefused as refused:
            return await self._letter_page(request, letter_id, refused)
        console, visit = self.console, visit_of(request)
        async with console.sessions.begin() as session:
            found = await letters.letter(session, letter_id)
            if found is None:
                raise HTTPException(404)
            await vacancies.lock(session, [found.vacancy_id])
            now = console.now()
            if await letters.settle(session, letter_id, account=visit.account, now=now):
                entry = Entry(
                    at=now,
                    account=visit.account,
                    act="letter-settled",
                    vacancy_id=found.vacancy_id,
                    learner_id=found.learner_id,
                    reason=form.reason,
                    shown={"letter_id": str(letter_id), "state": found.state},
                )
                await decisions.append(session, [entry])
        return see("/")

    async def _letter_page(
        self, request: Request, letter_id: UUID, refused: FormRefused | None = None
    ) -> HTMLResponse:
        async with self.console.sessions() as session:
            found = await letters.letter(session, letter_id)
            if found is None:
                raise HTTPException(404)
            vacancy = (await vacancies.vacancies(session, [found.vacancy_id])).get(found.vacancy_id)
        return self.console.page(
            request,
            "letter.html",
            status=422 if refused else 200,
            here="/",
            letter=found,
            vacancy=vacancy,
            called=labels.alias(found.learner_id) if found.learner_id else None,
            choices=reasons.SETTLING,
            faults=refused.faults if refused else {},
            entries=refused.entries if refused else {},
        )


def _letter_row(letter: Letter, titles: dict[UUID, str]) -> Row:
    came_back = "came back" if letter.state == "bounced" else "could not be sent"
    return Row(
        group="letters",
        title=f"Letter to the {letter.side} {came_back}",
        letter_id=letter.letter_id,
        why=(reasons.in_words(letter.reason), titles.get(letter.vacancy_id, "")),
        otherwise="They do not know of the interview",
        due=clock.working_days_after(clock.today(letter.told_at), 1),
    )


def _check_row(check: Check) -> Row:
    passable = check.kind in reasons.PASSABLE
    return Row(
        group="checks",
        title=reasons.in_words(check.kind),
        check_id=check.task_id,
        why=(check.words[:200],),
        otherwise="The vacancy stays out of the matching" if passable else "The records stay as is",
        due=clock.working_days_after(clock.today(check.raised_at), CHECK_DAYS),
    )


def _words_row(words: Sequence[Word]) -> Row | None:
    """One row for all words that wait: a page of their own lists them."""
    if not words:
        return None
    records = sum(word.times for word in words)
    return Row(
        group="checks",
        title="Words for skills that nobody knows",
        page="/words",
        why=(
            labels.plural(len(words), "word waits", "words wait"),
            f"Said in {labels.plural(records, 'record')}",
        ),
        otherwise="They are shown, and count for nobody in the matching",
    )
