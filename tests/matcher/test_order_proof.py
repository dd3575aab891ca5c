"""Promise 7: shuffled, repeated and split into batches, a day's events end in the same state."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas import decision, interview, learner, vacancy
from schemas.decision import Shown
from schemas.envelope import Event
from schemas.match import ShortlistProposed
from services.delivery.database import Sessions
from services.matcher.market import match_id
from tests import make
from tests.matcher import happened
from tests.matcher.scene import Scene

SPACE = UUID(int=5)
LEARNERS = [uuid5(SPACE, f"learner {n}") for n in range(4)]
VACANCIES = [uuid5(SPACE, f"vacancy {n}") for n in range(2)]
COURSE = learner.Course(course_id=SPACE, started_on=date(2026, 6, 1), route=6, level=3)
DAY = datetime(2026, 9, 1, 8, tzinfo=UTC)

About = tuple[dict[str, Any], int, int]  # identity and time, number of learner, of vacancy
Maker = Callable[[About, int], Event]


def _learner(kind: type[Event], **facts: Callable[[int], Any]) -> Maker:
    def made(about: About, variant: int) -> Event:
        base, who, _ = about
        given = {name: value(variant) for name, value in facts.items()}
        return kind(**base, learner_id=LEARNERS[who], **given)

    return made


def _vacancy(kind: type[Event], **facts: Callable[[int], Any]) -> Maker:
    def made(about: About, variant: int) -> Event:
        base, _, where = about
        given = {name: value(variant) for name, value in facts.items()}
        return kind(**base, vacancy_id=VACANCIES[where], **given)

    return made


def _match(kind: type[Event], **facts: Callable[[int], Any]) -> Maker:
    def made(about: About, variant: int) -> Event:
        base, who, where = about
        pair = {"learner_id": LEARNERS[who], "vacancy_id": VACANCIES[where]}
        identity = match_id((LEARNERS[who], VACANCIES[where]))
        given = {name: value(variant) for name, value in facts.items()}
        return kind(**base, **pair, match_id=identity, **given)

    return made


def _decided(kind: type[Event], **facts: Callable[[int], Any]) -> Maker:
    shown = Shown(shortlist_version=1)
    return _match(kind, coordinator=lambda _: "c1", shown=lambda _: shown, **facts)


def _sent(about: About, _: int) -> Event:
    base, who, where = about
    measured = {"measures": {"interest": float(where)}, "model_version": "logistic-0"}
    template = happened.sent(VACANCIES[where], LEARNERS[who], **measured)
    profile = _pledge_of(0)
    return template.model_copy(update=base | {"vacancy": profile})


def _moved(about: About, variant: int) -> Event:
    base, who, where = about
    loser = (None, LEARNERS[0], LEARNERS[1])[variant]
    moved = happened.moved(LEARNERS[who], VACANCIES[where], variant + 1, instead_of=loser)
    return moved.model_copy(update=base)


def _profile_of(variant: int) -> learner.LearnerProfile:
    outcode = ("B1", "B9", "CV1")[variant]
    return make.learner_profile(course=COURSE, outcode=outcode)


def _pledge_of(variant: int) -> vacancy.VacancyProfile:
    return make.vacancy_profile(
        employer_id=SPACE, interviews=variant + 1, outcode=("B2", "B3", "CV2")[variant]
    )


def _reason(_: int) -> str:
    return "other"


EVENTS: tuple[Maker, ...] = (
    _learner(learner.LearnerEnrolled, learner=_profile_of),
    _learner(learner.LearnerEnrolled, learner=_profile_of),
    _learner(learner.LearnerChanged, learner=_profile_of),
    _learner(
        learner.CourseCompleted,
        course_id=lambda _: SPACE,
        completed_on=lambda v: date(2026, 8, 20 + v),
    ),
    _learner(
        learner.CourseCompleted,
        course_id=lambda _: SPACE,
        completed_on=lambda v: date(2026, 8, 20 + v),
    ),
    _learner(learner.CompletionRevoked, course_id=lambda _: SPACE),
    _learner(learner.LearnerPaused, until=lambda v: (None, date(2026, 9, 1), date(2027, 1, 1))[v]),
    _learner(learner.LearnerResumed),
    _learner(learner.LearnerWithdrawn),
    _learner(learner.LearnerErased),
    _vacancy(vacancy.VacancyPledged, vacancy=_pledge_of),
    _vacancy(vacancy.VacancyPledged, vacancy=_pledge_of),
    _vacancy(vacancy.VacancyChanged, vacancy=_pledge_of),
    _vacancy(vacancy.VacancyClosed, reason=_reason),
    _decided(decision.MatchApproved),
    _decided(
        decision.MatchHeld,
        reason=_reason,
        until=lambda v: (None, date(2026, 9, 1), date(2027, 1, 1))[v],
    ),
    _decided(decision.MatchRejected, reason=_reason),
    _moved,
    _sent,
    _match(interview.EmployerAccepted),
    _match(interview.EmployerDeclined, reason=_reason),
    _match(interview.LearnerAccepted),
    _match(interview.LearnerDeclined, reason=_reason),
    _match(interview.InterviewBooked, starts_at=lambda _: DAY),
    _match(interview.InterviewHeld),
    _match(interview.InterviewMissed, reason=_reason),
    _match(interview.OutcomeRecorded, outcome=lambda v: ("offer", "no-offer", "started")[v]),
    _match(interview.OutcomeRecorded, outcome=lambda v: ("offer", "no-offer", "started")[v]),
)


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """A day's events in order, and the same with repeats, shuffled, in batches."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, len(EVENTS) - 1),
                st.integers(0, len(LEARNERS) - 1),
                st.integers(0, len(VACANCIES) - 1),
                st.integers(0, 2),
                st.integers(0, 6),  # few different times: ties are common
            ),
            min_size=1,
            max_size=40,
        )
    )
    events = []
    for number, (kind, who, where, variant, hour) in enumerate(drawn):
        base = {
            "event_id": uuid5(SPACE, f"event {number}"),
            "occurred_at": DAY + timedelta(hours=hour),
        }
        events.append(EVENTS[kind]((base, who, where), variant))
    repeats = draw(st.lists(st.sampled_from(events), max_size=10))
    shuffled = draw(st.permutations(events + repeats))
    size = draw(st.integers(1, len(shuffled)))
    batches = [shuffled[at : at + size] for at in range(0, len(shuffled), size)]
    events.sort(key=lambda event: (event.occurred_at, event.event_id))
    return events, batches


async def state(scene: Scene) -> dict[str, str]:
    """Every fact that is kept. Revisions are left out: they count batches."""
    tables = {}
    async with scene.sessions() as session:
        for table in ("learner", "vacancy", "match"):
            sql = f"select json_agg(to_jsonb(t) - 'revision' order by {table}_id) from {table} t"
            tables[table] = str(await session.scalar(text(sql)))
    return tables


async def said(scene: Scene) -> list[object]:
    """What the next round says, without the identities that follow from its revision."""
    changing = {"event_id", "round_id"}
    return sorted(
        (event.model_dump_json(exclude=changing), isinstance(event, ShortlistProposed))
        for event in await scene.said()
    )


async def forget_all(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text("truncate market, learner, vacancy, match, round, shortlist, outbox")
        )


@given(day=days())
@settings(
    max_examples=25,
    deadline=None,
    # the database is emptied before each run
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_order_ends_in_the_same_state(
    sessions: Sessions, day: tuple[list[Event], list[list[Event]]]
) -> None:
    in_order, batches = day
    found = []
    for run in ([[event] for event in in_order], batches):
        await forget_all(sessions)
        scene = Scene(sessions=sessions)
        for batch in run:
            await scene.tell(*batch)
        facts = await state(scene)
        await scene.round()
        found.append((facts, await said(scene)))
    assert found[0] == found[1]
