"""Two coordinators at one shortlist."""

import asyncio
from uuid import UUID, uuid4

from tests.review import make
from tests.review.world import Browser, Page, World


async def confirmed(browser: Browser, vacancy: UUID, *learners: UUID) -> Page:
    """The confirm page with *learners* ticked."""
    page = await browser.get(f"/shortlists/{vacancy}")
    ticked = [str(make.match_id(vacancy, learner)) for learner in learners]
    return await browser.send(page, "approve-form", match=ticked)


async def test_two_approve_at_once_one_wins_and_the_other_sees_what_changed(world: World) -> None:
    """One 303, one 409; one set of events; never last-write-wins."""
    vacancy, one, two, three = (uuid4() for _ in range(4))
    await world.take(make.pledged(vacancy, interviews=3), make.proposed(vacancy, [one, two, three]))
    first, second = await world.coordinator(0), await world.coordinator(1)
    pages = [await confirmed(first, vacancy, one), await confirmed(second, vacancy, two, three)]
    answers = await asyncio.gather(
        first.send(pages[0], "confirm-form"), second.send(pages[1], "confirm-form")
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status == 409)
    assert "Nothing of yours was done" in lost.words
    assert lost.tree.get_element_by_id("differences") is not None
    winners = {event.learner_id for event in await world.posted("MatchApproved")}
    assert winners in ({one}, {two, three})


async def test_the_entries_are_kept_and_can_be_sent_again(world: World) -> None:
    """Who changed what is named; one more click does it on the list as it is now."""
    vacancy, one, two, three = (uuid4() for _ in range(4))
    await world.take(make.pledged(vacancy, interviews=3), make.proposed(vacancy, [one, two, three]))
    first, second = await world.coordinator(0), await world.coordinator(1)
    mine = await confirmed(second, vacancy, one, two)
    await first.send(await confirmed(first, vacancy, one), "confirm-form")
    stale = await second.send(mine, "confirm-form")
    assert stale.status == 409
    assert "Coordinator A: approved" in stale.words
    assert "To review, place 1" in stale.words
    assert "Going out, place 1" in stale.words
    again = stale.form("again-form")
    assert again.form_values().count(("match", str(make.match_id(vacancy, two)))) == 1
    assert ("match", str(make.match_id(vacancy, one))) not in again.form_values()
    done = await second.send(stale, "again-form")
    assert done.status == 200
    assert "2 learners going out" in done.words


async def test_a_stale_hold_keeps_its_reason_and_day(world: World) -> None:
    """What was chosen is not asked twice."""
    vacancy, one, two = (uuid4() for _ in range(3))
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one, two]))
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}/hold"
    page = await browser.get(path)
    await world.take(make.proposed(vacancy, [two, one], version=2))
    stale = await browser.send(page, reason="second-opinion", until="2026-11-25")
    assert stale.status == 409
    assert "Hold until Wednesday 25 November 2026: I want a colleague's view" in stale.words
    assert "A new round of the matcher" in stale.words
    assert (await browser.send(stale, "again-form")).status == 200
    (held,) = await world.posted("MatchHeld")
    assert held.reason == "second-opinion"


async def test_the_pledge_is_kept_to_on_the_page_too(world: World) -> None:
    """More ticks than interviews: a sentence says so and nothing is done."""
    vacancy, one, two = (uuid4() for _ in range(3))
    await world.take(make.pledged(vacancy, interviews=1), make.proposed(vacancy, [one, two]))
    browser = await world.coordinator()
    refused = await browser.send(await confirmed(browser, vacancy, one, two), "confirm-form")
    assert refused.status == 422
    assert "pledged 1 interview: 0 approved or under way" in refused.words
    assert await world.posted() == []


async def test_undo_inside_the_window_sends_no_letter(world: World) -> None:
    """The learner is proposed again; the window's end finds nothing."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    going = await browser.send(await confirmed(browser, vacancy, one), "confirm-form")
    world.clock.move(minutes=14)
    undone = await browser.send(going, "undo-form")
    assert "going out" not in undone.words
    assert "To review" in undone.words
    world.clock.move(minutes=30)
    assert not await world.sending.send_one()
    assert await world.posted("ShortlistSent") == []
    (held,) = await world.posted("MatchHeld")
    assert (held.reason, held.until) == ("undone", None)


async def test_an_undo_after_the_window_is_too_late_and_says_so(world: World) -> None:
    """A screen from before the letters left is stale."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    going = await browser.send(await confirmed(browser, vacancy, one), "confirm-form")
    world.clock.move(minutes=16)
    assert await world.sending.send_one()
    late = await browser.send(going, "undo-form")
    assert late.status == 409
    again = await browser.send(late, "again-form")
    assert again.status == 422
    assert "letters have gone" in again.words


async def test_two_replicas_send_a_shortlist_once(world: World) -> None:
    """Whoever comes second finds the row taken, then gone."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    await browser.send(await confirmed(browser, vacancy, one), "confirm-form")
    world.clock.move(minutes=16)
    sent = await asyncio.gather(*(world.sending.send_one() for _ in range(4)))
    assert sent.count(True) == 1
    assert len(await world.posted("ShortlistSent")) == 1


async def test_a_form_without_a_tick_comes_back_with_the_reason(world: World) -> None:
    """422, the summary links to the first box."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    refused = await browser.send(await browser.get(f"/shortlists/{vacancy}"), "approve-form")
    assert refused.status == 422
    (link,) = refused.tree.xpath("//div[contains(@class, 'govuk-error-summary')]//a")
    assert link.get("href") == "#match"
    assert refused.tree.get_element_by_id("match").get("type") == "checkbox"
