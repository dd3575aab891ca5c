"""The log of decisions: only added to, and told when altered."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.review.chain import START, Entry, Link, first_break, linked
from tests.review import make
from tests.review.world import World


def entry(vacancy: UUID, act: str) -> Entry:
    return Entry(
        at=make.MONDAY, account="coordinator-1", act=act, vacancy_id=vacancy, shown={"n": 1}
    )


def chain(*entries: Entry) -> list[Link]:
    """The entries as the log would keep them."""
    ends: dict[str, str] = {}
    links = []
    for seq, one in enumerate(entries, start=1):
        previous = ends.get(one.stream, START)
        ends[one.stream] = linked(previous, one)
        links.append(Link(seq=seq, entry=one, previous=previous, hash=ends[one.stream]))
    return links


def test_an_altered_or_missing_entry_breaks_its_chain() -> None:
    """Whole chains hold, side by side; a changed reason and a gap are found."""
    one, two = uuid4(), uuid4()
    links = chain(*(entry(v, act) for act in ("approved", "sent", "undone") for v in (one, two)))
    assert first_break(links) is None
    altered = replace(links[2], entry=replace(links[2].entry, reason="learner-asked"))
    assert first_break([*links[:2], altered, *links[3:]]) == altered
    assert first_break([*links[:2], *links[3:]]) == links[4]


@pytest.mark.parametrize(
    "change", ["update decision set reason = 'other'", "delete from decision", "truncate decision"]
)
async def test_the_database_refuses_to_change_the_log(world: World, change: str) -> None:
    """Whoever has the service's role can add, never alter."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}"
    await browser.send(await browser.get(path), "approve-form")
    async with world.sessions() as session:
        with pytest.raises(ProgrammingError, match="only ever added"):
            await session.execute(text(change))
    assert await world.scalar("select count(*) from decision") == 1


async def test_the_timeline_tells_everything_and_whether_it_was_altered(world: World) -> None:
    """Ours and the other services' facts; an edit behind the service is shown."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}"
    page = await browser.get(f"{path}/reject")
    await browser.send(page, reason="journey-not-workable")
    timeline = await browser.get(f"/shortlists/{vacancy}/timeline")
    for words in ("Interviews pledged", "Shortlist proposed", "The journey cannot work",
                  "Coordinator A", "All seals hold"):  # fmt: skip
        assert words in timeline.words
    async with world.sessions.begin() as session:
        await session.execute(text("alter table decision disable trigger user"))
        await session.execute(text("update decision set reason = 'learner-asked'"))
    altered = await browser.get(f"/shortlists/{vacancy}/timeline")
    assert "somebody changed the log" in altered.words


async def test_the_whole_log_can_be_taken_away_and_checked(world: World) -> None:
    """A table of every decision with its hashes; nothing a spreadsheet would run."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}"
    await browser.send(await browser.get(path), "approve-form")
    await browser.send(await browser.get(path), "undo-form")
    answer = await browser.client.get("/log.csv")
    head, *rows = answer.text.splitlines()
    assert head.startswith("seq,at,account,act")
    assert [row.split(",")[3] for row in rows] == ["approved", "undone"]
    assert rows[1].split(",")[-2] == rows[0].split(",")[-1]
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row.split(",") if cell)
