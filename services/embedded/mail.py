"""
A mail sink of our own: it takes every letter by SMTP, keeps it, and shows it on a web page.

`python -m services.embedded.mail FOLDER --smtp-port N --http-port N` is the process behind `Mail`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from services.embedded.processes import Child, free_port, listening


class Mail:
    """One server process; letters lie in *folder* as files, so a restart still has them."""

    def __init__(
        self, folder: Path, *, smtp_port: int | None = None, http_port: int | None = None
    ) -> None:
        self.folder = folder
        self.smtp_port = smtp_port or free_port()
        self.http_port = http_port or free_port()
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where a browser sees the letters."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def child(self) -> Child | None:
        return self._child

    def start(self) -> str:
        """Start and answer the page's address; raises ServerDidNotStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = Child(
            name="The mail sink",
            command=[
                sys.executable, "-m", "services.embedded.mail", str(self.folder),
                "--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port),
            ],
            log=self.folder / "mail.log",
        )  # fmt: skip
        self._child.start()
        self._child.wait_until(lambda: listening(self.smtp_port) and listening(self.http_port))
        return self.url

    def stop(self) -> None:
        """Stop in order; the letters stay in the folder."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """Stop as a crash would."""
        if self._child:
            self._child.kill()

    def messages(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Every letter taken so far but the first *after*, as `/messages.json` shows them."""
        address = f"{self.url}/messages.json?after={after}"
        with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - loopback
            found: list[dict[str, Any]] = json.load(page)["messages"]
        return found

    def letters(self) -> Counter[str]:
        """How often each letter came, by its id: what stands before the @ of its Message-ID."""
        ids = (mail["message_id"] for mail in self.messages())
        return Counter(one.removeprefix("<").partition("@")[0] for one in ids)

    def fail(self, address: str, reply: str, *, times: int = 1) -> None:
        """
        Answer the next *times* letters to *address* (``*`` is anybody) with *reply*.

        *reply* is an SMTP reply such as ``451 4.3.0 Try later``, said at RCPT TO, or ``drop``:
        the letter is kept and the line is cut after its final dot, without an answer.
        """
        fault = json.dumps({"address": address, "reply": reply, "times": times}).encode()
        asked = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/faults", fault, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=10):  # noqa: S310 - loopback
            pass


def main() -> None:
    """Serve until asked to stop."""
    from services.embedded.mailpage import serve  # noqa: PLC0415 - only the child needs a server

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--smtp-port", type=int, required=True)
    asked.add_argument("--http-port", type=int, required=True)
    given = asked.parse_args()
    asyncio.run(serve(given.folder, smtp_port=given.smtp_port, http_port=given.http_port))


if __name__ == "__main__":
    main()
