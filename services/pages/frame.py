"""The frame every page of ours stands in, and the assets it names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAME = Path(__file__).parent / "templates"
BUILT = Path(__file__).parent / "assets" / "built"
MACROS = "govuk_frontend_jinja"
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)


class AssetsMissing(Exception):
    """Nobody has built the assets."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of one service, standing in our frame."""

    environment: Environment

    def render(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        **data: object,
    ) -> HTMLResponse:
        """
        The page *name* with *data*.

        With ``faults`` (field id to words) the frame puts the error summary on top and
        "Error: " before the title, and ``fault(faults, "field")`` gives a macro its message.
        """
        text = self.environment.get_template(name).render(request=request, **data)
        return HTMLResponse(text, status_code=status)


def open_pages(templates: Path, **globals: object) -> Pages:  # noqa: A002 - Jinja2's own word
    """
    The pages under *templates*, with the govuk macros, ``frame.html`` and the asset manifest.

    The frame reads ``service_name``, ``service_url``, ``navigation`` (a list of
    ``{"text", "href"}``), and ``help_text`` from *globals*, and ``here`` (the href of the
    current navigation entry) from a page's own data.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader([templates, FRAME]),
                PrefixLoader({MACROS: PackageLoader(MACROS)}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(globals)
    environment.globals.update(assets=_manifest(), fault=_fault)
    return Pages(environment)


def add_assets(app: FastAPI) -> None:
    """Serve the built assets under /assets; their names hold their hash, so for a year."""
    app.mount("/assets", _Assets(directory=BUILT), name="assets")


class SecurityHeaders:
    """
    Tells browsers what our pages may do: nothing from elsewhere, no frame, no cache, no index.

    *referrer* ``same-origin`` suits pages whose forms must still say where they come from.
    """

    def __init__(self, app: ASGIApp, referrer: str = "no-referrer") -> None:
        self.app = app
        self.headers = {
            "content-security-policy": POLICY,
            "referrer-policy": referrer,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "x-robots-tag": "noindex",
            "cross-origin-opener-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class _Assets(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - its own
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _manifest() -> Mapping[str, str]:
    try:
        names: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    except FileNotFoundError as missing:
        raise AssetsMissing("the pages' style sheet is not built: run `make assets`") from missing
    return {name: f"/assets/{built}" for name, built in names.items()}


def _fault(faults: Mapping[str, str] | None, field: str) -> dict[str, str] | None:
    words = (faults or {}).get(field)
    return {"text": words} if words else None
