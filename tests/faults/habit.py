"""Somebody who does one thing over and over, and is asked to pause while the judge looks."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import httpx

from services.embedded.browser import PageRefused

REST = 150.0  # one act goes through every page there is, on a machine that is being broken


class Habit:
    """
    Does *act* again and again in a thread of its own, begun by `resume`.

    *act* answers for how many seconds to wait before the next time. What a fault does to a call
    is counted in ``failures`` and shrugged off; anything else ends it and `pause` raises it.
    """

    def __init__(self, act: Callable[[], float], *, name: str) -> None:
        self.failures = 0
        self.wrong: BaseException | None = None
        self._act = act
        self._going = Event()
        self._idle = Event()
        self._over = Event()
        self._thread = Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Begin, or go on."""
        self._going.set()

    def pause(self) -> None:
        """Come back when the act at hand is over; raises what went wrong for good."""
        self._going.clear()
        assert self._idle.wait(REST) or self.wrong, f"{self._thread.name} did not pause"
        if self.wrong is not None:
            raise self.wrong

    def close(self) -> None:
        """No more."""
        self._over.set()
        self._going.set()
        self._thread.join(REST)

    def _live(self) -> None:
        while not self._over.is_set():
            self._idle.set()
            self._going.wait()
            self._idle.clear()
            try:
                pause = 0.0 if self._over.is_set() else self._act()
            except (httpx.HTTPError, PageRefused, OSError):
                self.failures += 1
                pause = 0.2
            except BaseException as wrong:  # noqa: BLE001 - told by pause()
                self.wrong = wrong
                return
            self._over.wait(pause)
