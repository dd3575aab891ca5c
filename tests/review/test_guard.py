"""Who gets in, and whose forms count."""

from uuid import uuid4

import pytest
from pydantic import ValidationError

from services.review.settings import Settings
from tests.review import make
from tests.review.world import World


def test_the_development_sign_in_refuses_to_start_outside_a_demonstration(world: World) -> None:
    """The message names both settings."""
    values = world.settings.model_dump() | {"embedded": False}
    with pytest.raises(ValidationError, match="P2A_EMBEDDED"):
        Settings(**values)


@pytest.mark.parametrize("path", ["/", "/log", "/log.csv", "/figures", "/shortlists/x"])
async def test_nobody_sees_a_page_without_signing_in(world: World, path: str) -> None:
    """They are sent to the sign-in, and from there to where they wanted."""
    browser = world.browser()
    answer = await browser.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_after_signing_in_one_is_where_one_wanted_to_be(world: World) -> None:
    """A path of ours is kept, another site's address is not."""
    browser = world.browser()
    page = await browser.get("/figures")
    assert page.answer.url.path == "/sign-in"
    choice = page.tree.xpath("//input[@name='account']/@value")[0]
    assert (await browser.send(page, "sign-in-form", account=choice)).answer.url.path == "/figures"
    for after in ("//elsewhere.test/", "https://elsewhere.test/", "/\\elsewhere.test"):
        away = await world.browser().post(
            "http://console.test/sign-in", {"account": choice, "after": after}
        )
        assert str(away.answer.url) == "http://console.test/"


async def test_the_cookie_is_opaque_and_kept_from_scripts(world: World) -> None:
    """The database has its hash alone."""
    browser = world.browser()
    page = await browser.get("/sign-in")
    choice = page.tree.xpath("//input[@name='account']/@value")[0]
    answer = await browser.client.post(
        "/sign-in", data={"account": choice}, headers={"sec-fetch-site": "same-origin"}
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    secret = cookie.split("=", 1)[1].split(";")[0]
    assert len(secret) > 40
    assert await world.scalar("select count(*) from web_session where id_hash = :s", s=secret) == 0
    assert await world.scalar("select count(*) from web_session") == 1


async def test_a_session_ends_when_idle_when_old_and_when_signed_out(world: World) -> None:
    """An hour without a page, twelve hours with, or at once."""
    browser = await world.coordinator()
    for _ in range(11):
        world.clock.move(minutes=59)
        assert (await browser.get("/figures")).answer.url.path == "/figures"
    for _ in range(2):
        world.clock.move(minutes=59)
        page = await browser.get("/figures")
    assert page.answer.url.path == "/sign-in"
    browser = await world.coordinator()
    world.clock.move(minutes=61)
    assert (await browser.get("/")).answer.url.path == "/sign-in"
    browser = await world.coordinator()
    page = await browser.get("/")
    kept = dict(browser.client.cookies)
    out = page.tree.xpath("//form[@action='/sign-out']")[0]
    await browser.post("http://console.test/sign-out", dict(out.form_values()))
    browser.client.cookies.update(kept)
    assert (await browser.get("/")).answer.url.path == "/sign-in"


@pytest.mark.parametrize(
    ("token", "site"),
    [
        ("right", "cross-site"),
        ("right", "same-site"),
        ("wrong", "same-origin"),
        ("", "same-origin"),
    ],
)
async def test_a_form_that_is_not_ours_changes_nothing(world: World, token: str, site: str) -> None:
    """Another site, another session's token, no token: 403."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser, other = await world.coordinator(0), await world.coordinator(1)
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}"
    tokens = {
        "right": (await browser.get(path)).form("approve-form").fields["token"],
        "wrong": (await other.get(path)).form("approve-form").fields["token"],
        "": "",
    }
    url = f"http://console.test{path}/approve"
    answer = await browser.post(url, {"token": tokens[token], "version": "2"}, site=site)
    assert answer.status == 403
    assert await world.posted() == []


async def test_an_old_browser_is_known_by_its_origin(world: World) -> None:
    """Without Sec-Fetch-Site the Origin must be ours."""
    vacancy, one = uuid4(), uuid4()
    await world.take(make.pledged(vacancy), make.proposed(vacancy, [one]))
    browser = await world.coordinator()
    path = f"/shortlists/{vacancy}/matches/{make.match_id(vacancy, one)}"
    data = dict((await browser.get(path)).form("approve-form").form_values())
    for origin, status in (
        ("http://elsewhere.test", 403),
        ("null", 403),
        ("http://console.test", 303),
    ):
        answer = await browser.client.post(f"{path}/approve", data=data, headers={"origin": origin})
        assert answer.status_code == status


async def test_an_unknown_page_is_a_page(world: World) -> None:
    """404 with words, whatever the address looks like."""
    browser = await world.coordinator()
    for path in ("/nowhere", f"/shortlists/{uuid4()}", "/shortlists/x", f"/letters/{uuid4()}"):
        page = await browser.get(path)
        assert page.status == 404
        assert "Page not found" in page.words


async def test_pages_may_not_be_kept_or_framed(world: World) -> None:
    """Every page says so, and sends its origin to us alone."""
    browser = await world.coordinator()
    headers = (await browser.get("/")).answer.headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
