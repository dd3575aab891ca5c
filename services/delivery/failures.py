"""Whose fault an error is, and how long to wait before trying again."""

import asyncio
import random
from dataclasses import dataclass
from enum import Enum, auto

from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

SERIALISATION_FAILURE = "40001"
DEADLOCK = "40P01"


class Stopping(RuntimeError):
    """The service is to stop: what is not committed will come again."""


class Fault(Enum):
    """What to do about an error while events are handled."""

    REPEAT = auto()  # two transactions met: the same again, uncounted
    OUTAGE = auto()  # the database or the broker is away: wait, blame no event
    EVENT = auto()  # the handler cannot do this event


def fault(error: BaseException) -> Fault:
    """Whose fault *error* is."""
    if isinstance(error, DBAPIError):
        if getattr(error.orig, "sqlstate", None) in {SERIALISATION_FAILURE, DEADLOCK}:
            return Fault.REPEAT
        if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
            return Fault.OUTAGE
    if isinstance(error, PoolExhausted | KafkaError | ConnectionError | TimeoutError | Stopping):
        return Fault.OUTAGE
    return Fault.EVENT


@dataclass(frozen=True, slots=True)
class Patience:
    """How often an event is tried by itself, and how long the pauses between grow, in seconds."""

    attempts: int = 5
    first: float = 0.1
    longest: float = 5.0

    def pause(self, attempt: int) -> float:
        """The pause after the *attempt*-th failure, half of it chance."""
        return min(self.longest, self.first * 2.0 ** min(attempt - 1, 20)) * _jitter()


def _jitter() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing


async def pause_or_stop(stopping: asyncio.Event, seconds: float) -> None:
    """Wait *seconds*; raises Stopping as soon as *stopping* is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
    raise Stopping
