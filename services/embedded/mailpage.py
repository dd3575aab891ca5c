"""The mail sink's web page: every letter, its text and HTML, its files; and the faults to order."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, Field

from services.embedded.mailbox import Fault, Mailbox, Mailed

# A letter's HTML runs nothing and loads nothing, wherever it is opened; its links open a new tab.
CAGE = (
    "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


class Ordered(BaseModel):
    """A fault to come."""

    address: str
    reply: str = Field(pattern=r"^(drop|[45][0-9][0-9] .+)$")
    times: int = Field(default=1, ge=1)


def build_page(mailbox: Mailbox) -> FastAPI:
    """The page over *mailbox*."""
    app = FastAPI(title="Mail sink", openapi_url=None)

    def letter(number: int) -> Mailed:
        if not 1 <= number <= len(mailbox.letters):
            raise HTTPException(404, f"there is no letter {number}: {len(mailbox.letters)} taken")
        return mailbox.letters[number - 1]

    @app.get("/")
    async def listed() -> HTMLResponse:
        return HTMLResponse(PAGES.get_template("letters.html").render(letters=mailbox.letters))

    @app.get("/messages.json")
    async def messages(after: int = 0) -> JSONResponse:
        return JSONResponse({"messages": [one.summary() for one in mailbox.letters[after:]]})

    @app.get("/messages/{number}")
    async def one(number: int) -> HTMLResponse:
        found = letter(number)
        return HTMLResponse(PAGES.get_template("letter.html").render(letter=found.summary()))

    @app.get("/messages/{number}/html")
    async def html(number: int) -> HTMLResponse:
        body = '<base target="_blank">' + letter(number).html()
        return HTMLResponse(body, headers={"content-security-policy": CAGE})

    @app.get("/messages/{number}/files/{place}")
    async def file(number: int, place: int) -> Response:
        files = letter(number).files()
        if place >= len(files):
            raise HTTPException(404, f"letter {number} has {len(files)} files")
        name = files[place].get_filename() or "invitation.ics"
        return Response(
            files[place].get_payload(decode=True),
            media_type=files[place].get_content_type(),
            headers={"content-disposition": f'attachment; filename="{Path(name).name}"'},
        )

    @app.post("/faults", status_code=204)
    async def fault(ordered: Ordered) -> None:
        mailbox.faults.append(Fault(ordered.address, ordered.reply, ordered.times))

    return app


async def serve(folder: Path, *, smtp_port: int, http_port: int) -> None:
    """Take letters and show them until SIGTERM or SIGINT."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", loop=loop), "127.0.0.1", smtp_port
    )
    page = uvicorn.Config(
        build_page(mailbox), host="127.0.0.1", port=http_port, access_log=False, log_level="warning"
    )
    async with smtp:
        await uvicorn.Server(page).serve()
