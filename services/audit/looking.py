"""Looking until it is sure: what is wrong once may be on its way, what is wrong twice is wrong."""

import asyncio

from services.audit.collecting import collect
from services.audit.judge import verdicts
from services.audit.verdict import Verdict, confirmed

# a relay that has not yet noticed what its broker lost looks every second
PAUSE = 3.0


async def looked(bootstrap: str, database: str, *, settle: float = 0.0) -> list[Verdict]:
    """
    What every invariant comes to, with the findings that two looks have in common.

    With *settle* the second look is at least so many seconds later, and what still waits then is
    a finding too. Without anything to confirm one look is enough.
    """
    first = verdicts(await collect(bootstrap, database))
    if any(one.findings or (settle and one.waiting) for one in first):
        await asyncio.sleep(max(settle, PAUSE))
        second = verdicts(await collect(bootstrap, database))
        return confirmed(first, second, stuck=settle > 0)
    return first
