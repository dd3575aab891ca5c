"""A broker for the run, a rig whose every connection goes through proxies, and the arena."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.embedded.postgres import Postgres
from tests.broker import brokers
from tests.broker.rig import Rig
from tests.faults.arenas import Arenas
from tests.faults.proxied import Proxied
from tests.faults.table import Table


def pytest_configure(config: pytest.Config) -> None:
    """The table of the matrix, only where something is printed: not in a worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(config), "p2a-faults-table")


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One broker for every test that leaves it alone."""
    with brokers.shared(tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[brokers.Server]:
    """A broker this test may stop and kill."""
    with brokers.running(tmp_path / "broker") as server:
        yield server


@pytest.fixture
async def direct(bootstrap: str, database: str) -> AsyncIterator[Rig]:
    """A rig that meets no fault: to prepare, and to look what truly happened."""
    async with Rig.opened(bootstrap, database) as rig:
        yield rig


@pytest.fixture
async def proxied(direct: Rig, postgres: Postgres) -> AsyncIterator[Proxied]:
    """The same topic, group and database through proxies of this test's own."""
    async with Proxied.before(direct, postgres.port) as made:
        yield made


@pytest.fixture(scope="module")
def arenas() -> Iterator[Arenas]:
    """A running arena for whichever cell asks, made anew when it must be."""
    with Arenas() as found:
        yield found
