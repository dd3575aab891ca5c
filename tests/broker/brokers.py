"""Which broker the suite runs on: the embedded one, or Apache Kafka by P2A_TEST_BROKER=apache."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.embedded.apache import Apache
from services.embedded.kafka import Kafka
from services.embedded.processes import ServerDidNotStart

APACHE = os.environ.get("P2A_TEST_BROKER") == "apache"
GIVEN = os.environ.get("P2A_KAFKA_BOOTSTRAP")
Server = Apache | Kafka


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A broker of one's own, to stop and kill; in CI a missing Apache Kafka is a failure."""
    server = Apache(folder) if APACHE else Kafka(folder)
    try:
        server.start()
    except ServerDidNotStart as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Apache Kafka on {server.bootstrap}: {missing}")
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def shared(folder: Path) -> Iterator[str]:
    """The address of a broker for every test: the one we were given, or one of our own."""
    if APACHE and GIVEN:
        asyncio.run(_answers(GIVEN))
        yield GIVEN
        return
    with running(folder) as server:
        yield server.bootstrap


async def _answers(bootstrap: str) -> None:
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Apache Kafka on P2A_KAFKA_BOOTSTRAP={bootstrap}")
    writer.close()
    await writer.wait_closed()
