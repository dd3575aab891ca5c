"""A Chromium, and something for it to look at."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.served import Served

CHROMIUM = os.environ.get("P2A_CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that P2A_CHROMIUM names."""
    if not Path(CHROMIUM).exists():
        missing = f"no Chromium at {CHROMIUM}: install it or set P2A_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def served(database: str) -> Iterator[Served]:
    """The console with an empty database, on a port."""
    made = Served(database)
    yield made
    made.stop()


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    """A window with scripts, for axe to run in."""
    with chromium.new_context(base_url=served.address) as context:
        yield context.new_page()


@pytest.fixture
def plain_page(chromium: Browser, served: Served) -> Iterator[Page]:
    """A window that runs no script."""
    with chromium.new_context(base_url=served.address, java_script_enabled=False) as context:
        yield context.new_page()
