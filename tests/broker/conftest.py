"""A broker for the run, and a rig for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.broker import brokers
from tests.broker.rig import Rig

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the embedded broker cannot show is left to `make test-kafka`."""
    elsewhere = pytest.mark.skip(reason="needs Apache Kafka: make test-kafka")
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker(pytest.mark.timeout(120))
        if item.get_closest_marker("kafka") and not brokers.APACHE:
            item.add_marker(elsewhere)


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
async def rig(bootstrap: str, database: str) -> AsyncIterator[Rig]:
    """A topic, a group and a database of this test's own, on the shared broker."""
    async with Rig.opened(bootstrap, database) as made:
        yield made


@pytest.fixture
async def own_rig(own_broker: brokers.Server, database: str) -> AsyncIterator[Rig]:
    """The same on a broker this test may stop and kill."""
    async with Rig.opened(own_broker.bootstrap, database) as made:
        yield made
