"""Quiet means: nothing waits anywhere, twice, and nothing was done in between."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.embedded.quiet import NeverQuiet, wait_until_quiet

Status = dict[str, dict[str, int]]


@contextmanager
def service(answers: list[Status]) -> Iterator[tuple[str, list[Status]]]:
    """A service that gives *answers* one after the other, the last one for ever."""
    given: list[Status] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.append(answers[min(len(given), len(answers) - 1)])
            body = json.dumps(given[-1]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", given
    finally:
        server.shutdown()
        server.server_close()


def status(waiting: int, done: int) -> Status:
    return {"waiting": {"relay": waiting}, "done": {"relay": done}}


def test_it_waits_for_work_and_for_work_done_between_two_looks() -> None:
    answers = [status(1, 0), status(0, 1), status(0, 2), status(0, 2)]
    with service(answers) as (url, given), service([status(0, 9)]) as (other, _):
        wait_until_quiet({"intake": url, "matcher": other}, limit=10)
    assert given == answers


def test_it_says_what_is_still_waiting() -> None:
    with service([status(3, 0)]) as (url, _), pytest.raises(NeverQuiet, match=r"intake.*relay.*3"):
        wait_until_quiet({"intake": url}, limit=0.5)
