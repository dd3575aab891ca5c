"""Promise 3, through the whole service: nobody is left out who could be placed."""

import random
from datetime import date, timedelta
from uuid import UUID

from schemas.envelope import Event
from tests import make
from tests.matcher import happened
from tests.matcher.maximum import rounds
from tests.matcher.scene import Scene

OUTCODES = ("B1", "B70", "CV3", "DY1", "WS2", "WV1", "B91", "ST16", "LS1")


async def test_as_many_are_placed_as_can_be(scene: Scene) -> None:
    """As scipy's maximum matching finds on the same eligible pairs; no pledge is exceeded."""
    chance = random.Random(11)
    people: list[Event] = []
    for number in range(120):
        learner_id = UUID(int=1000 + number, version=4)
        profile = make.learner_profile(
            outcode=chance.choice(OUTCODES),
            max_miles=chance.choice((3, 8, 20)),
            holds=chance.choice(((), ("driving-licence",))),
        )
        done = date(2026, 8, 1) + timedelta(days=chance.randrange(20))
        people += [
            make.enrolled(learner_id=learner_id, learner=profile),
            make.completed(learner_id=learner_id, completed_on=done),
        ]
    pledges = [
        happened.pledge(
            UUID(int=5000 + number, version=4),
            interviews=chance.choice((1, 2, 3)),
            outcode=chance.choice(OUTCODES),
            essential=chance.choice(((), ("driving-licence",))),
        )
        for number in range(30)
    ]
    await scene.tell(*people, *pledges)
    await scene.round()

    # learners of Coventry's market are matched there: each market has its own maximum
    made = await rounds(scene.sessions)
    assert len(made) == 2
    for counts, most in made:
        assert 0 < counts["allocated"] == most <= counts["pledged_places"]
    shortlists = await scene.shortlists()
    assert len(shortlists) == len(pledges)
    for event in pledges:
        assert len(shortlists[event.vacancy_id].matches) <= event.vacancy.interviews
