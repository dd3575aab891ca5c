"""States of the console worth looking at."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from schemas.interview import EmployerAccepted, EmployerDeclined, InterviewBooked, LearnerAccepted
from schemas.letter import LetterBounced, LetterFailed
from services.review import decisions
from services.review.deciding import Who
from tests.review import insight, make
from tests.review.world import World

LONG = "Advanced electromechanical maintenance and instrumentation technician apprentice " * 2


@dataclass(frozen=True, slots=True)
class Scene:
    """A console with work in every group; *busy* is the shortlist with everything on it."""

    busy: UUID
    match: UUID
    reserve: UUID
    empty: UUID
    letter: UUID
    check: UUID
    word: UUID
    learner: UUID


async def day(world: World) -> Scene:
    """An ordinary day: every kind of row, every standing, long words, an empty shortlist."""
    names = ("Examplia Castings", "Cradley Health Robotics", "Soho Road Logistics")
    busy, empty, lapsing, waiting = (uuid4() for _ in range(4))
    learners = [uuid4() for _ in range(9)]
    pledge = make.pledged(busy, interviews=6, title="Lean manufacturing operative apprentice")
    await world.employer(pledge.vacancy.employer_id, names[0])
    await world.take(pledge, make.proposed(busy, learners[:6], learners[6:]))
    who = Who(account="coordinator-other", id_hash="")
    for place, act in enumerate(
        (
            lambda desk: decisions.approve(
                desk, [make.match_id(busy, learners[0])], holding=world.settings.review_holding
            ),
            lambda desk: decisions.hold(
                desk,
                make.match_id(busy, learners[1]),
                reason="awaiting-employer",
                until=date(2026, 11, 30),
            ),
            lambda desk: decisions.reject(
                desk, make.match_id(busy, learners[2]), reason="learner-asked"
            ),
        )
    ):
        await world.app.state.console.decisions.decide(who, busy, 2 + place, act)
    gone = make.pledged(empty, title=LONG[:190], interviews=3)
    await world.employer(gone.vacancy.employer_id, names[1])
    await world.take(gone, make.proposed(empty, []))
    late = make.pledged(lapsing, title="Support worker apprentice", interview_by=date(2026, 11, 26))
    await world.employer(late.vacancy.employer_id, names[2])
    await world.take(late, make.proposed(lapsing, [uuid4()]))
    long = [make.match(waiting, uuid4(), 1, waiting_since=date(2026, 9, 1))]
    patient = make.pledged(waiting, title="Warehouse operative apprentice")
    await world.take(patient, make.proposed(waiting, [], matches=tuple(long)))
    await _answered(world)
    bounced = make.lettered(LetterBounced, busy, at=make.MONDAY, reason="address-refused")
    await world.take(
        bounced,
        make.lettered(
            LetterFailed, busy, at=make.MONDAY, reason="outcome-unknown", side="employer"
        ),
    )
    check = uuid4()
    world.services.tasks.append(
        {
            "task_id": check,
            "kind": "discriminatory-words",
            "about": uuid4(),
            "words": 'The advert says "young and energetic".',
            "raised_at": make.MONDAY,
        }
    )
    word = uuid4()
    world.services.words.append(make.word(word))
    await world.person(learners[3])
    insight.market(world.services, busy, learners[3], empty)
    return Scene(
        busy=busy,
        match=make.match_id(busy, learners[3]),
        reserve=make.match_id(busy, learners[6]),
        empty=empty,
        letter=bounced.letter_id,
        check=check,
        word=word,
        learner=learners[3],
    )


async def _answered(world: World) -> None:
    vacancy = uuid4()
    one, two, three = (uuid4() for _ in range(3))
    await world.take(
        make.pledged(vacancy, interviews=3, title="Adult care worker apprentice"),
        make.proposed(vacancy, [one, two, three]),
    )
    who = Who(account="coordinator-other", id_hash="")
    ids = [make.match_id(vacancy, learner) for learner in (one, two, three)]
    await world.app.state.console.decisions.decide(
        who,
        vacancy,
        2,
        lambda desk: decisions.approve(desk, ids, holding=world.settings.review_holding * 0),
    )
    await world.sending.send_one()
    at = make.later(minutes=5)
    await world.take(
        make.answer(EmployerAccepted, vacancy, one, at=at),
        make.answer(LearnerAccepted, vacancy, one, at=at),
        make.answer(
            InterviewBooked, vacancy, one, at=make.later(minutes=6), starts_at=make.later(days=3)
        ),
        make.answer(EmployerAccepted, vacancy, two, at=at),
        make.answer(EmployerDeclined, vacancy, three, at=at, reason="position-filled"),
    )
