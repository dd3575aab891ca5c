"""A visitor without JavaScript: opens pages, fills in their real forms, sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html

Values = Mapping[str, str | Sequence[str]]


class PageRefused(RuntimeError):
    """A page or a form answered with an error; the message says which, without its token."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands on a page, with what is filled in already."""

    url: str
    method: str
    fields: dict[str, list[str]]
    buttons: tuple[tuple[str, str], ...]
    words: str
    choices: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the visitor sees."""

    url: str
    status: int
    tree: html.HtmlElement

    @property
    def words(self) -> str:
        """All text, in one line."""
        return " ".join(self.tree.text_content().split())

    def links(self) -> list[str]:
        """Where its links lead, in order, each once."""
        found = [urljoin(self.url, a.get("href")) for a in self.tree.iter("a") if a.get("href")]
        return list(dict.fromkeys(found))

    def forms(self) -> list[Form]:
        """Its forms, in order."""
        return [_form(self.url, form) for form in self.tree.forms]


class Visitor:
    """One browser window with its cookies."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=30, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def open(self, url: str) -> Page:
        """Go to *url*; raises PageRefused."""
        return _page(self._client.get(url))

    def send(self, form: Form, values: Values | None = None, *, expect: int = 200) -> Page:
        """Press a button of *form* with *values* over what it holds; raises PageRefused."""
        data = {**form.fields, **(values or {})}
        if form.method == "GET":
            return _page(self._client.get(form.url, params=data))
        parts = urlsplit(form.url)
        # as every browser says of a form sent to where it came from
        headers = {"origin": f"{parts.scheme}://{parts.netloc}", "sec-fetch-site": "same-origin"}
        return _page(self._client.post(form.url, data=data, headers=headers), expect)


def _page(answer: httpx.Response, expect: int = 200) -> Page:
    page = Page(str(answer.url), answer.status_code, html.fromstring(answer.content or b"<p></p>"))
    if answer.status_code != expect:
        where = "/".join(part for part in urlsplit(page.url).path.split("/")[:2])
        raise PageRefused(
            answer.status_code,
            f"{answer.request.method} {where}: {answer.status_code} {page.words[:300]}",
        )
    return page


def _form(base: str, form: html.FormElement) -> Form:
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    return Form(
        url=urljoin(base, form.get("action") or base),
        method=(form.get("method") or "GET").upper(),
        fields=fields,
        buttons=tuple(_buttons(form)),
        words=" ".join(form.text_content().split()),
        choices=_choices(form),
    )


def _buttons(form: html.FormElement) -> Iterator[tuple[str, str]]:
    for button in form.iter("button"):
        name = button.get("name")
        if name:
            yield name, button.get("value") or ""


def _choices(form: html.FormElement) -> dict[str, list[str]]:
    """The values that could be chosen, for boxes, radio buttons and lists."""
    found: dict[str, list[str]] = {}
    for field in form.iter("input", "select"):
        name = field.get("name")
        if not name:
            continue
        if field.tag == "select":
            values = [option.get("value") or "" for option in field.iter("option")]
            found.setdefault(name, []).extend(value for value in values if value)
        elif field.get("type") in {"checkbox", "radio"}:
            found.setdefault(name, []).append(field.get("value") or "on")
    return found
