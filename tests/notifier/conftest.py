"""Fixtures of the notifier's tests."""

from collections.abc import AsyncIterator

import pytest

from tests.notifier.scene import Scene, open_scene


@pytest.fixture
async def scene(database: str) -> AsyncIterator[Scene]:
    """A notifier with a fake mailer."""
    opened = open_scene(database)
    yield opened
    await opened.sessions.kw["bind"].dispose()
