"""What a proxy can be told to do to the lines that go through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Flag, auto


class Way(Flag):
    """Which direction of a line."""

    ASKED = auto()  # from the client to the server
    ANSWERED = auto()  # from the server to the client
    BOTH = ASKED | ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    Something done to a line at the reply to a request of *kind*.

    Kafka's kinds are its API names (``Produce``), PostgreSQL's the first word of a command's
    tag (``COMMIT``), SMTP's the command (``RCPT``), ``CONNECT`` for the greeting and ``.`` for
    the end of a letter. It happens *times* times, after the first *spared* such replies.
    """

    kind: str | None = None
    times: int = 1
    spared: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseReply(Fault):
    """The server did it, its reply is thrown away and the line closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayReply(Fault):
    """The reply, and all that comes after it on this line, *seconds* late."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Fault):
    """Both ends get a reset instead of the reply; without *kind* every line there is, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(Fault):
    """
    From that reply on the line stays open and what is said is swallowed, one *way* or both.

    Without *kind* so is every line there is, at once, and with *newcomers* each later one until
    the fault is cleared. A swallowed line never speaks again: its bytes are gone. Either end
    closing it is passed on.
    """

    way: Way = Way.BOTH
    newcomers: bool = False


@dataclass(slots=True, eq=False)
class Armed:
    """
    A fault on a proxy; *hits* is how often it was felt.

    That is replies lost or late, lines reset, and half-open lines on which something was lost.
    """

    fault: Fault
    hits: int = 0
    seen: int = field(default=0, repr=False)

    def meets(self, kind: str) -> bool:
        """Whether it happens now, at a reply of *kind*."""
        fault = self.fault
        if fault.kind != kind or self.seen >= fault.spared + fault.times:
            return False
        self.seen += 1
        return self.seen > fault.spared


@contextmanager
def felt(*armed: Armed) -> Iterator[None]:
    """The block fails if one of its faults never happened."""
    yield
    silent = [one.fault for one in armed if not one.hits]
    assert not silent, f"never happened: {silent}"
