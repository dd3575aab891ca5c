"""Only holders of a key come in, and not too often."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from services.intake.keys import KeyRing
from services.intake.problems import Problem
from services.intake.rate import Rate


def guard(keys: KeyRing, rate: Rate) -> Callable[[Request], Awaitable[None]]:
    """A dependency that refuses who has no key of the ring, or calls more often than *rate*."""

    async def check(request: Request) -> None:
        holder = keys.holder(request.headers.get("authorization"))
        if holder is None:
            headers = {"WWW-Authenticate": "Bearer"}
            raise Problem("unauthorized", "this needs a valid API key", headers=headers)
        if seconds := await rate.wait_for(holder):
            words = f"{rate.a_minute} requests a minute are taken from one sender"
            raise Problem("too-many", words, headers={"Retry-After": str(seconds)})

    return check
