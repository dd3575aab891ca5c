"""Only holders of a key come in."""

from collections.abc import Callable

from fastapi import Request

from services.intake.keys import KeyRing
from services.intake.problems import Problem


def guard(keys: KeyRing) -> Callable[[Request], None]:
    """A dependency that refuses a request without a key of the ring."""

    def check(request: Request) -> None:
        if keys.holder(request.headers.get("authorization")) is None:
            raise Problem("unauthorized", "this needs a valid API key")

    return check
