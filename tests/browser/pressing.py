"""Pressing a button that sends a form."""

from playwright.sync_api import Page


def press(page: Page, name: str) -> None:
    """Press the button called exactly *name* and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
