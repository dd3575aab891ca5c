"""What the matcher's suites share."""

from collections.abc import AsyncIterator

import pytest

from services.delivery.database import Sessions, open_database
from tests.matcher import happened
from tests.matcher.scene import FIVE, VACANCY, Scene


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """Sessions in the matcher's schema of a database of this test's own."""
    opened = open_database(database, schema="matcher")
    yield opened
    await opened.kw["bind"].dispose()


@pytest.fixture
def scene(sessions: Sessions) -> Scene:
    """A matcher of one replica, with no events yet."""
    return Scene(sessions=sessions)


@pytest.fixture
async def three_of_five(scene: Scene) -> Scene:
    """Five completers and one pledge of three interviews, after a first round."""
    for learner_id in FIVE:
        await scene.tell(*happened.completer(learner_id))
    await scene.tell(happened.pledge(VACANCY, interviews=3))
    await scene.round()
    return scene
