"""One database for a module, emptied before each test: cheaper than a database each."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from services.delivery.database import Sessions, open_database
from services.embedded.postgres import Postgres
from tests import databases
from tests.intake import look
from tests.intake.calling import app_on, client_of


@pytest.fixture(scope="module")
def intake_database(postgres: Postgres) -> Iterator[str]:
    with databases.cloned(postgres) as url:
        yield url


@pytest.fixture
async def sessions(intake_database: str) -> AsyncIterator[Sessions]:
    opened = open_database(intake_database, schema="intake")
    await look.empty(opened)
    yield opened
    await opened.kw["bind"].dispose()


@pytest.fixture
async def client(sessions: Sessions, intake_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app_on(intake_database)) as opened:
        yield opened
