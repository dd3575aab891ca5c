"""A hundred thousand events, services struck every few seconds: the audit is silent."""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from itertools import takewhile
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from services.audit.collecting import collect
from services.audit.history import Client, History
from services.audit.judge import findings, verdicts
from services.audit.verdict import DOUBLED, LOST, WRONG
from services.cli.audit import page
from services.embedded.quiet import wait_until_quiet
from services.embedded.supervisor import SERVICES, Supervisor
from tests.embedded.folders import reachable
from tests.faults.arenas import BROKER, BROKERS, SEED
from tests.faults.driver import FREEZE, KILL, Blow, Driver, blows, logged
from tests.faults.multitude import Multitude
from tests.faults.people import coordinating, replying
from tests.faults.report import ROW, Row
from tests.waiting import until

EVENTS = int(os.environ.get("P2A_SOAK_EVENTS", "100000"))
SECONDS = float(os.environ.get("P2A_SOAK_SECONDS", "300"))
# the log of a run whose blows are to fall again
REPLAY = os.environ.get("P2A_SOAK_REPLAY")
VACANCIES = max(12, EVENTS // 800)
AFTER_ALL = 1_000  # cells of the matrix
MINUTES = 60.0
# up to beyond a member's session (10 s) and a letter's lease: others take over meanwhile
FROZEN = (1.0, 14.0)
SETTINGS = {
    "P2A_REVIEW_HOLDING": "PT0S",
    # what a killed notifier had in hand is parked after this; above a letter's own time
    "P2A_LEASE": "PT8S",
    "P2A_SMTP_TIMEOUT": "PT4S",
    "P2A_RETRY_UNIT": "PT1S",
}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Supervisor]:
    """Everything, running; its logs are kept as long as pytest keeps *tmp_path*."""
    with reachable() as folder:
        whole = Supervisor(folder / "all", SETTINGS, broker=BROKERS[BROKER](folder / "broker"))
        if BROKER != "embedded":
            # named, as deployed: back within its session, a member goes on without a rebalance
            for name in SERVICES:
                whole.own[name]["P2A_REPLICA"] = f"{name}-0"
        try:
            whole.start_servers()
            whole.start(*SERVICES)
            yield whole
        finally:
            whole.stop()
            for log in whole.logs():
                copy(log, tmp_path)


@pytest.mark.faults
@pytest.mark.timeout(SECONDS + 15 * MINUTES)
def test_a_hundred_thousand_events_under_fire(
    whole: Supervisor,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    multitude = Multitude(
        whole.url("intake"), whole.intake_key,
        events=EVENTS, vacancies=VACANCIES, seconds=SECONDS,
    )  # fmt: skip
    people = [coordinating(whole.url("review")), replying(whole.mail, SEED)]
    driver = Driver(
        supervisor=whole,
        blows=logged(Path(REPLAY)) if REPLAY else _while_handed_in(multitude),
        log=tmp_path / "blows.jsonl", taken=lambda: multitude.facts,
    )  # fmt: skip
    try:
        for person in people:
            person.resume()
        driver.drive(multitude.done)
        until(multitude.done, limit=2 * MINUTES, what="the last statement")
        ended = time.monotonic()
        for person in people:
            person.pause()
    finally:
        multitude.close()
        for person in people:
            person.close()
    wait_until_quiet({name: whole.url(name) for name in SERVICES}, limit=5 * MINUTES)
    recovery = time.monotonic() - ended

    history = asyncio.run(_history(whole, multitude))
    found = findings(history)
    figures = _figures(history, multitude, driver, whole)
    row = Row(
        place=AFTER_ALL, broker=BROKER, fault="killed and frozen all along", service="all",
        times=len(driver.struck), events=figures["events"],
        lost=sum(one.kind == LOST for one in found),
        doubled=sum(one.kind == DOUBLED for one in found),
        amiss=sum(one.kind == WRONG for one in found), recovery=recovery,
    )  # fmt: skip
    record_property(ROW, row.as_json())
    with capsys.disabled():
        lines = [
            f"\nsoak on {BROKER}, logs and blows in {tmp_path}: {json.dumps(figures, indent=2)}",
            *page(verdicts(history)),
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    # a few are enough: pytest takes minutes to show a hundred thousand
    assert found[:20] == []
    _it_was_under_fire(driver, multitude, figures)


def _while_handed_in(multitude: Multitude) -> Iterator[Blow]:
    """For the time asked for, and on while there is still something to be handed in."""

    def fires(blow: Blow) -> bool:
        return blow.at < SECONDS or not multitude.done()

    return takewhile(fires, blows(SEED, seconds=SECONDS + 10 * MINUTES, frozen=FROZEN))


async def _history(whole: Supervisor, multitude: Multitude) -> History:
    client = Client(answered=dict(multitude.owed), mails=_mails(whole.folder / "mail"))
    return await collect(whole.kafka.bootstrap, whole.postgres.dsn(), client=client)


def _mails(folder: Path) -> Counter[str]:
    """How often each letter is in the sink, by its id."""
    found = (message_from_bytes(file.read_bytes())["message-id"] for file in folder.glob("*.eml"))
    return Counter(str(message_id).strip("<>").partition("@")[0] for message_id in found)


def _figures(
    history: History, multitude: Multitude, driver: Driver, whole: Supervisor
) -> dict[str, Any]:
    """What the run came to, for the report."""
    types = Counter(row.type.removeprefix("p2a.").partition(".")[0] for row in history.posted)
    struck = driver.counts()
    return {
        "events": len(history.posted),
        "by_type": dict(types.most_common()),
        "records": len(history.records),
        "handed_in": multitude.facts,
        "learners": multitude.learners,
        "vacancies": multitude.vacancies,
        "kills": {name: struck[name, KILL] for name in SERVICES},
        "freezes": {name: struck[name, FREEZE] for name in SERVICES},
        "retries": multitude.retries,
        "seconds_of_blows": driver.struck[-1].at if driver.struck else 0.0,
        "letters": dict(Counter(letter.state for letter in history.letters)),
        "dead_letters": len(history.dead),
        "repeats_on_topics": len(history.records) - len({record.id for record in history.records}),
        "starts": {
            name: (whole.folder / f"{name}.log").read_text().count("Started server")
            for name in SERVICES
        },
    }


def _it_was_under_fire(driver: Driver, multitude: Multitude, figures: dict[str, Any]) -> None:
    """Else this would show nothing: everything asked for came, and every service was struck."""
    assert multitude.facts >= EVENTS
    assert figures["events"] > EVENTS
    # a short run may meet no request at a bad moment
    assert multitude.retries > 0 or SECONDS < MINUTES * 2
    assert driver.struck[-1].at > SECONDS - 15
    assert len(driver.struck) >= SECONDS / 6
    by_victim = {name: figures["kills"][name] + figures["freezes"][name] for name in SERVICES}
    assert all(by_victim.values()), by_victim
    for letter in ("LetterSent", "InterviewBooked", "MatchApproved"):
        assert figures["by_type"][letter] > 0
