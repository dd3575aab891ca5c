"""The frame and the headers of every page."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.pages import frame
from services.pages.frame import AssetsMissing, SecurityHeaders, add_assets, open_pages


def app(templates: Path) -> FastAPI:
    """One page that may have faults."""
    (templates / "page.html").write_text(
        '{% extends "frame.html" %}{% block title %}Work{% endblock %}'
        "{% block content %}<h1>{{ words }}</h1>{% endblock %}"
    )
    pages = open_pages(
        templates,
        service_name="Placement",
        navigation=[{"text": "Work", "href": "/"}, {"text": "Log", "href": "/log"}],
    )
    made = FastAPI()
    made.add_middleware(SecurityHeaders)
    add_assets(made)

    @made.get("/")
    async def page(request: Request, fault: str = "") -> HTMLResponse:
        faults = {"reason": fault} if fault else {}
        return pages.render(request, "page.html", here="/", faults=faults, words="<b>hello</b>")

    return made


@pytest.fixture
async def browser(tmp_path: Path):
    """Asks the application without a network."""
    transport = httpx.ASGITransport(app=app(tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://pages.test") as client:
        yield client


async def test_a_page_stands_in_the_frame_with_its_data_escaped(browser: httpx.AsyncClient) -> None:
    """The title, the skip link, the current navigation entry; data never becomes markup."""
    page = (await browser.get("/")).text
    assert "<title>Work - Placement</title>" in page
    assert 'href="#main-content"' in page
    assert "&lt;b&gt;hello&lt;/b&gt;" in page
    assert page.count('aria-current="page"') == 1
    assert "<script" not in page


async def test_faults_head_the_page_and_its_title(browser: httpx.AsyncClient) -> None:
    """The summary links to the field and takes the focus without any script."""
    page = (await browser.get("/", params={"fault": "Choose a reason"})).text
    assert "<title>Error: Work" in page
    assert '<a href="#reason">Choose a reason</a>' in " ".join(page.split()).replace("> C", ">C")
    assert " autofocus" in page


async def test_pages_are_kept_by_nobody_and_assets_for_a_year(browser: httpx.AsyncClient) -> None:
    """Pages say no-store and allow nothing from elsewhere; hashed assets may be kept."""
    page = await browser.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    style = await browser.get(sheet)
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]


def test_pages_without_built_assets_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout nobody has built is told the command."""
    monkeypatch.setattr(frame, "BUILT", tmp_path)
    with pytest.raises(AssetsMissing, match="make assets"):
        open_pages(tmp_path)
