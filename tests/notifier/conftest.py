"""Fixtures of the notifier's tests."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from services.embedded.postgres import Postgres
from tests import databases
from tests.notifier.scene import Scene, learner_address, open_scene, shortlist

EMPTIED = (
    "truncate vacancy, shortlist, match, letter, link, queue, outbox, inbox,"
    " contacts.person, contacts.employer, contacts.reading, contacts.erasure cascade"
)


@pytest.fixture(scope="session")
def own_database(postgres: Postgres) -> Iterator[str]:
    """One database for the whole suite: emptying it is much quicker than making another."""
    with databases.cloned(postgres) as url:
        yield url


@pytest.fixture
async def scene(own_database: str) -> AsyncIterator[Scene]:
    """A notifier with a fake mailer and nothing on record."""
    plain = own_database.replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(
        plain, options="-c search_path=notifier", autocommit=True
    ) as connection:
        await connection.execute(EMPTIED)
        await connection.execute("insert into queue default values")
    opened = open_scene(own_database)
    yield opened
    await opened.close()


@pytest.fixture
async def invited(scene: Scene) -> str:
    """A shortlist is due; the address of its learner."""
    event = shortlist()
    await scene.know(event)
    await scene.hear(event)
    return learner_address(event.matches[0].learner_id)
