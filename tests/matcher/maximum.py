"""The most completers that can be placed, by an algorithm that is not ours."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from sqlalchemy import text

from services.delivery.database import Sessions
from services.matcher import archive


def most_placed(inputs: bytes) -> int:
    """As scipy's maximum matching finds on the eligible pairs of a round's kept *inputs*."""
    kept = archive.read(archive.unpacked(inputs))
    assert kept.scores is not None
    places = [vacancy.profile.interviews for vacancy in kept.vacancies]
    slots = np.repeat(kept.scores >= 0, places, axis=1)
    return int((maximum_bipartite_matching(csr_array(slots), perm_type="column") >= 0).sum())


async def rounds(sessions: Sessions) -> list[tuple[dict[str, Any], int]]:
    """The figures of every round that was made, each with the most that could be placed in it."""
    async with sessions() as session:
        found = await session.execute(text("select counts, inputs from round"))
        return [(row.counts, most_placed(row.inputs)) for row in found]
