"""A shortlist whose letters have gone, and what the notifier knows then."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from schemas.decision import ShortlistSent
from tests.notifier.scene import Scene, employer_address, learner_address, match, shortlist

SLOTS = {"slot-1": "2026-09-10T10:00", "slot-2": "2026-09-11T14:00", "slot-3": ""}


@dataclass
class Sent:
    """A shortlist whose letters have gone, and its links."""

    scene: Scene
    event: ShortlistSent

    @property
    def employer(self) -> str:
        return self.scene.fake.to(employer_address(self.event.vacancy.employer_id))[0].link

    def learner(self, place: int = 0) -> str:
        return self.scene.fake.to(learner_address(self.event.matches[place].learner_id))[0].link


async def gone(scene: Scene, count: int = 1, **given: Any) -> Sent:
    event = shortlist(*(match(place) for place in range(1, count + 1)), **given)
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    return Sent(scene, event)


async def everything(scene: Scene) -> list[str]:
    """All the notifier knows, but for who read what in contacts."""
    async with scene.sessions() as session:
        tables = ("vacancy", "shortlist", "match", "letter", "link", "queue", "outbox", "inbox")
        return [
            str(row)
            for table in tables
            for row in await session.execute(text(f"select t::text from {table} t order by 1"))
        ]


async def say(scene: Scene, link: str, **fields: str) -> int:
    async with scene.browser() as browser:
        answer = await browser.post(link, data={k.replace("_", "-"): v for k, v in fields.items()})
    await scene.send_all()
    return answer.status_code


async def both_said_yes(scene: Scene, count: int = 1) -> Sent:
    sent = await gone(scene, count)
    fields = {f"answer-{place}": "yes" for place in range(1, count + 1)}
    assert await say(scene, sent.employer, **SLOTS, **fields) == 200
    assert await say(scene, sent.learner(), answer="yes") == 200
    return sent
