"""A coordinator's ordinary way through the console."""

from uuid import uuid4

from tests.review import make
from tests.review.world import World


async def test_ticked_learners_are_approved_and_their_letters_wait_for_the_window(
    world: World,
) -> None:
    """Work list, shortlist, tick two, confirm: approved at once, sent when the window ends."""
    vacancy, one, two, three = (uuid4() for _ in range(4))
    pledge = make.pledged(vacancy)
    await world.employer(pledge.vacancy.employer_id)
    await world.take(pledge, make.proposed(vacancy, [one, two], [three]))
    browser = await world.coordinator()

    work = await browser.get("/")
    assert "1 thing needs you" in work.words
    assert "Examplia Castings" in work.words
    page = await browser.get(f"/shortlists/{vacancy}")
    assert "A reserve is approved by moving it up" in page.words
    ticked = [str(make.match_id(vacancy, learner)) for learner in (one, two)]
    confirm = await browser.send(page, "approve-form", match=ticked)
    assert "Approve 2 learners?" in confirm.words
    assert await world.posted() == []
    after = await browser.send(confirm, "confirm-form")
    assert "2 learners going out at 09:15" in after.words
    assert "No place is open now" in after.words

    approved = await world.posted("MatchApproved")
    assert {event.learner_id for event in approved} == {one, two}
    assert approved[0].shown.order == tuple(make.match_id(vacancy, m) for m in (one, two, three))
    assert approved[0].shown.names_hidden
    assert not await world.sending.send_one()
    world.clock.move(minutes=15)
    assert await world.sending.send_one()
    (sent,) = await world.posted("ShortlistSent")
    assert [listed.learner_id for listed in sent.matches] == [one, two]
    # the matcher learns from what was sent: it must come back as it was proposed
    assert [listed.measures for listed in sent.matches] == [{"interest": 1.0}] * 2
    assert {listed.model_version for listed in sent.matches} == {"logistic-0"}
    assert not await world.sending.send_one()
