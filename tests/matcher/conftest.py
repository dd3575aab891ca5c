"""What the matcher's suites share."""

from collections.abc import AsyncIterator

import pytest

from services.delivery.database import Sessions, open_database
from tests.matcher.scene import Scene


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
