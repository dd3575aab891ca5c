"""Fixtures every suite shares. Nothing is imported from here."""

import asyncio
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.delivery.topics import create_topics, declared
from services.embedded.kafka import Kafka
from services.embedded.mail import Mail
from services.embedded.postgres import Postgres
from tests import databases


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI what could not run has failed: there a skip would hide it for ever."""
    report = yield
    if _hides_something(report) and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which fails in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself when it is read."""
    report = yield
    if _hides_something(report):
        report.outcome = "failed"
        report.longrepr = f"skipped, which fails in CI: {report.longrepr}"
    return report


def _hides_something(report: pytest.TestReport | pytest.CollectReport) -> bool:
    return report.skipped and bool(os.environ.get("CI"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL a run, its template database at the newest migration."""
    # not in pytest's own folder: every pytest that starts closes that one to other accounts,
    # and the server, which is not root, could not restart after a crash
    with TemporaryDirectory(prefix="p2a-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = databases.prepared(Postgres(Path(folder) / "server"))
        yield server
        server.stop()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The address of a database of this test's own: whoever commits uses this one."""
    with databases.cloned(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one embedded broker a run, with every topic; use groups of your own."""
    server = Kafka(tmp_path_factory.mktemp("kafka"))
    bootstrap = server.start()
    asyncio.run(create_topics(bootstrap, declared(), single_node=True))
    yield bootstrap
    server.stop()


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mail]:
    """One mail sink a run: use addresses of your own, faults at ``*`` would meet others."""
    sink = Mail(tmp_path_factory.mktemp("mail"))
    sink.start()
    yield sink
    sink.stop()
