"""Bugs planted in the real code: with one the judge names what broke, without it is silent."""

import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.audit.collecting import collect
from services.audit.history import Client, History, Taken
from services.audit.judge import findings, verdicts
from services.audit.letters import letters
from services.audit.verdict import DOUBLED, LOST
from services.delivery import effects
from services.delivery.consumer import Consumer
from services.delivery.failpoints import KILLED, VARIABLE
from services.embedded.kafka import forget_members
from services.embedded.mail import Mail
from services.embedded.processes import Child
from services.notifier.outcomes import Outcomes
from services.notifier.smtp import SmtpMailer
from tests.broker import brokers
from tests.broker.rig import Rig
from tests.faults import planted
from tests.notifier.scene import Scene, learner_address, open_scene, shortlist
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

EVENTS = 40
LIMIT = 60.0


@pytest.fixture(autouse=True)
def uprooted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test plants in this process is gone afterwards."""
    for owner, name in ((Consumer, "take"), (effects, "take"), (Outcomes, "lost")):
        monkeypatch.setattr(owner, name, getattr(owner, name))


@pytest.mark.parametrize(
    ("plant", "place", "found"),
    [
        ("commits_first", "consumer.handled", {("effects", LOST)}),
        ("nothing", "consumer.handled", set()),
        ("no_inbox", "consumer.committed", {("effects", DOUBLED)}),
        ("nothing", "consumer.committed", set()),
    ],
)
async def test_a_consumer_that_dies(
    direct: Rig, tmp_path: Path, plant: str, place: str, found: set[tuple[str, str]]
) -> None:
    """
    Dying before its transaction loses what was committed first, and nothing else.

    Dying after it doubles what no inbox remembers, and nothing else.
    """
    events = [direct.event(str(nth)) for nth in range(EVENTS)]
    await direct.post(*events)
    await direct.relay()
    dying = _dying(direct, tmp_path, plant, place)
    dying.start()
    await eventually(lambda: _ended(dying), limit=LIMIT, what="the death")
    assert dying.process is not None
    assert dying.process.returncode == KILLED, dying.last_lines()
    if not brokers.APACHE:
        await forget_members(direct.bootstrap, direct.group)

    planted.PLANTS[plant]()  # whoever comes after it is no better
    await direct.consumer()
    history = await eventually(lambda: _quiet(direct), limit=LIMIT, what="quiet")
    told = findings(history)
    assert {(one.invariant, one.kind) for one in told} == found, told
    assert bool(told) is bool(found)


@pytest.mark.parametrize(
    ("plant", "times", "state", "found"),
    [
        ("resends_unknown", 2, "sent", {("letters", DOUBLED)}),
        ("nothing", 1, "unknown", set()),
    ],
)
async def test_a_letter_taken_without_an_answer(
    post_office: "PostOffice", plant: str, times: int, state: str, found: set[tuple[str, str]]
) -> None:
    """The line is cut after the final dot: sent again by itself it is in the sink twice."""
    planted.PLANTS[plant]()
    scene, event = post_office.scene, shortlist()
    invited = learner_address(event.matches[0].learner_id)
    await scene.know(event)
    await scene.hear(event)
    post_office.mail.fail(invited, "drop")
    for _ in range(3):
        await scene.send_all()
        scene.clock.move(days=2)
    assert sum(invited in one["to"] for one in post_office.mail.messages()) == times
    assert (await scene.states())["invitation"] == state
    told = letters(await post_office.history()).findings
    assert {(one.invariant, one.kind) for one in told} == found, told


@dataclass
class PostOffice:
    """A notifier that sends by SMTP to the sink, and what the judge is shown of both."""

    scene: Scene
    mail: Mail
    bootstrap: str
    database: str

    async def history(self) -> History:
        ours = {str(letter.letter_id) for letter in await self.scene.letters()}
        ids = (one["message_id"].strip("<>").partition("@")[0] for one in self.mail.messages())
        client = Client(mails=Counter(id_ for id_ in ids if id_ in ours))
        return await collect(self.bootstrap, self.database, client=client)


@pytest.fixture
async def post_office(bootstrap: str, database: str, mail: Mail) -> AsyncIterator[PostOffice]:
    scene = open_scene(database, SmtpMailer(host="127.0.0.1", port=mail.smtp_port, timeout=10))
    yield PostOffice(scene, mail, bootstrap, database)
    await scene.close()


def _dying(rig: Rig, folder: Path, plant: str, place: str) -> Child:
    return Child(
        name="taker",
        command=[
            sys.executable, "-m", "tests.faults.planted", plant, "tests.faults.taker",
            rig.bootstrap, rig.database, rig.topic, rig.group,
        ],
        log=folder / "taker.log",
        environment=dict(os.environ) | {VARIABLE: f"{place}=kill"},
    )  # fmt: skip


async def _ended(child: Child) -> bool:
    return not child.running


async def _quiet(rig: Rig) -> History | None:
    """The history, once nothing waits; its effects are those of the table, which counts them."""
    type_ = rig.noted.ce_type()
    history = await collect(
        rig.bootstrap,
        rig.database,
        readers={rig.topic: {rig.group: frozenset({type_})}},
        catalogue={type_: rig.noted},
    )
    if any(verdict.waiting for verdict in verdicts(history)):
        return None
    taken = (
        Taken(group=rig.group, source="the table", id=str(id_))
        for id_, times in (await rig.had()).items()
        for _ in range(times)
    )
    return replace(history, taken=tuple(taken))
