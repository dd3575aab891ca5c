"""One database for a module, emptied before each test: cheaper than a database each."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder others may enter, as a server's own account must; pytest keeps its own private."""
    folder = Path(tempfile.mkdtemp(prefix="p2a-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
