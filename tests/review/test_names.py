"""Names are hidden on the server until somebody asks, with a reason."""

from uuid import UUID, uuid4

from sqlalchemy import text

from tests.review import make
from tests.review.world import Browser, World

NAME = "Quillfeather"


async def a_shortlist(world: World) -> tuple[UUID, UUID, str]:
    """One learner with a name on one shortlist, and the path of their match."""
    vacancy, learner = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [learner]))
    await world.person(learner, email="zofia@example.org", phone="07700 900123", postcode="B6 4TN")
    return vacancy, learner, f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, learner)}"


async def every_page(browser: Browser, vacancy: UUID, path: str) -> str:
    """The bytes of each page that shows the learner."""
    pages = ["/", f"/shortlists/{vacancy}", path, f"/shortlists/{vacancy}/timeline", "/log"]
    pages += [f"{path}/{act}" for act in ("hold", "reject", "move", "reveal")]
    pages += [f"/shortlists/{vacancy}/approve?version=2&match={path.rsplit('/', 1)[1]}", "/log.csv"]
    answers = [await browser.client.get(page, follow_redirects=True) for page in pages]
    assert all(answer.status_code == 200 for answer in answers)
    return " ".join(answer.text for answer in answers)


async def test_no_page_holds_a_name_before_it_is_asked_for(world: World) -> None:
    """Not hidden by style: the bytes do not have it. The alias is the same everywhere."""
    vacancy, _, path = await a_shortlist(world)
    browser = await world.coordinator()
    seen = await every_page(browser, vacancy, path)
    for value in (NAME, "zofia", "07700", "B6 4TN", "L-4711"):
        assert value not in seen
    assert await world.scalar("select count(*) from contacts.reading where kind = 'people'") == 0


async def test_a_name_is_shown_to_the_session_that_gave_a_reason(world: World) -> None:
    """Both logs keep who and why; other sessions still see the alias; decisions tell of it."""
    _, learner, path = await a_shortlist(world)
    browser, other = await world.coordinator(0), await world.coordinator(1)
    page = await browser.get(f"{path}/reveal")
    refused = await browser.send(page)
    assert refused.status == 422
    assert NAME not in refused.answer.text
    shown = await browser.send(refused, reason="ring-learner")
    assert f"Zofia {NAME}" in shown.words
    assert "07700 900123" in shown.words
    assert NAME not in (await other.get(path)).answer.text
    async with world.sessions() as session:
        rows = await session.execute(
            text("select account, reason, ids from contacts.reading where kind = 'people'")
        )
        readings = rows.all()
    assert readings
    assert {row.reason for row in readings} == {"ring-learner"}
    assert all(row.ids == [learner] for row in readings)
    assert "Name shown" in (await browser.get("/log")).words
    await browser.send(await browser.get(path), "approve-form")
    (approved,) = await world.posted("MatchApproved")
    assert approved.shown.names_hidden is False
    assert NAME not in " ".join(event.value().decode() for event in await world.posted())


async def test_finding_by_name_puts_it_into_no_address(world: World) -> None:
    """The search is a POST; results are aliases; the log says how many were found, not whom."""
    vacancy, learner, _ = await a_shortlist(world)
    browser = await world.coordinator()
    page = await browser.get(f"/shortlists/{vacancy}/why-not")
    found = await browser.send(page, "find-form", find=f"zofia {NAME}")
    assert "1 learner found" in found.words
    assert NAME not in str(found.answer.url)
    assert NAME not in found.answer.text
    (link,) = found.tree.xpath("//div[@id='found']//a/@href")
    assert link.endswith(str(learner))
    assert await world.scalar("select shown->>'found' from decision") == "1"
    nobody = await browser.send(found, "find-form", find="Nobody Atall")
    assert "Nobody goes by that name" in nobody.words
    assert (await browser.send(found, "find-form", find="")).status == 422


async def test_why_not_says_what_the_matcher_says(world: World) -> None:
    """The first failing rule, what it is and what it would have to be."""
    vacancy, learner, _ = await a_shortlist(world)
    world.services.places[vacancy, learner] = {
        "standing": "absent",
        "position": None,
        "rule": "travel-reach",
        "words": "Lives 14.2 miles away, farther than they can travel.",
        "value": "14.2 miles",
        "limit": "12 miles",
        "round_id": str(uuid4()),
        "rules_version": "2026-11-01",
        "model_version": "prior-1",
    }
    browser = await world.coordinator()
    page = await browser.get(f"/shortlists/{vacancy}/why-not")
    answer = await browser.send(page, "choose-form", learner=str(learner))
    assert "Not on this shortlist. Lives 14.2 miles away" in answer.words
    assert "12 miles" in answer.words


async def test_a_matcher_that_is_away_is_said_to_be(world: World) -> None:
    """The console still works; a learner it does not know is told apart."""
    vacancy, learner, _ = await a_shortlist(world)
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/why-not/{learner}"
    assert "knows no such learner" in (await browser.get(path)).words
    world.services.away = True
    page = await browser.get(path)
    assert page.status == 200
    assert "cannot be asked just now" in page.words
