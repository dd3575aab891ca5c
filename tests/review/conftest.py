"""The console under test."""

from collections.abc import AsyncIterator

import pytest

from tests.review.world import World


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    """A console with an empty database."""
    made = World(database)
    yield made
    await made.close()
