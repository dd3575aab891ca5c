"""An allocation kept best while learners, vacancies and locks change: only what changed costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints
from services.matcher.repair import fill, let_in, redrawn
from services.matcher.residual import NOBODY, NONE, Residual


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    What is otherwise than the allocation knows.

    ``learners`` are rows with all their values, [changed x pledges], worth [changed x turns] and
    turns used; ``pledges`` are columns [learners], by pledge; ``places`` the new places by pledge.
    """

    learners: Ints
    values: NDArray[np.signedinteger]
    worth: Ints
    used: Ints
    pledges: Mapping[int, NDArray[np.signedinteger]] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)


def keep(residual: Residual, changes: Changes) -> set[int]:
    """
    Bring the allocation up to *changes*; the learners whose places may have changed.

    Whoever changed, or has a place where values changed, goes away together with the place, which
    leaves the best allocation of the others. Then one by one they come in again as the place is
    opened again; what else has opened is filled.
    """
    places = residual.places.copy()
    for pledge, number in changes.places.items():
        places[pledge] = number
    gone = _sent_away(residual, changes, places)
    moved = set(gone)
    for learner in sorted(gone, key=lambda who: (-int(residual.worth[who, 0]), who)):
        left = [each for each in gone[learner] if residual.places[each] < places[each]]
        while residual.away[learner]:
            moved |= let_in(residual, learner, left.pop(0) if left else None)
    for pledge in np.flatnonzero(residual.places < places).tolist():
        moved |= _filled(residual, pledge, int(places[pledge]))
    return moved


def _filled(residual: Residual, pledge: int, places: int) -> set[int]:
    """Open and fill places until one stays free: then the others would too."""
    moved: set[int] = set()
    while residual.places[pledge] < places:
        moved |= fill(residual, pledge)
        if len(residual.members[pledge]) < residual.places[pledge]:
            residual.places[pledge] = places
    return moved


def _sent_away(residual: Residual, changes: Changes, places: Ints) -> dict[int, list[int]]:
    """All changes made but for *places* that open; whom they concern, and where they had places."""
    whom = set(changes.learners.tolist())
    for pledge in changes.pledges:
        whom.update(residual.members[pledge])
    gone = {who: _put_out(residual, who) for who in sorted(whom)}
    for pledge in sorted(changes.places):
        while len(members := residual.members[pledge]) > places[pledge]:
            who = members[int(residual.leaving(members, pledge).argmin())]
            gone[who] = _put_out(residual, who)
    residual.values[changes.learners] = changes.values
    residual.worth[changes.learners] = changes.worth
    residual.used[changes.learners] = changes.used
    for pledge, values in changes.pledges.items():
        residual.values[:, pledge] = values
        residual.places[pledge] = 0
        residual.redraw_column(pledge)
        _lower(residual, pledge)
    closed = {node for nodes in gone.values() for node in nodes} | set(changes.places)
    np.minimum(residual.places, places, out=residual.places)
    redrawn(residual, set(gone), closed)
    return gone


def _put_out(residual: Residual, learner: int) -> list[int]:
    """Take all places of a learner, who is away, and close them; where they were."""
    residual.away[learner] = True
    nodes: list[int] = residual.held[learner][residual.held[learner] != NOBODY].tolist()
    for node in nodes:
        residual.members[node].remove(learner)
        residual.places[node] -= 1
    residual.held[learner] = NOBODY
    return nodes


def _lower(residual: Residual, pledge: int) -> None:
    """A pledge where nobody has a place lies low enough for every arc that leads to it."""
    into = residual.arcs[:, pledge]
    if (into < NONE).any():
        residual.height[pledge] = int((into + residual.height)[into < NONE].min())
