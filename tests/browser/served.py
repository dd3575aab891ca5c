"""The console on a port of this machine, for a browser that really draws it."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn

from tests.review.world import World

Answer = TypeVar("Answer")


class Served:
    """A world whose application is served from a thread of its own; `run` does things there."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.world = self.run(self._made(url))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        # without its lifespan no part starts: there is no broker here
        config = uvicorn.Config(
            self.world.app, port=self.port, lifespan="off", log_config=None, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self._loop)
        self.address = f"http://127.0.0.1:{self.port}"

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """What *work* gives, done where the application runs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    def stop(self) -> None:
        self._server.should_exit = True
        self._serving.result(timeout=10)
        self.run(self.world.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _made(self, url: str) -> World:
        return World(url)
