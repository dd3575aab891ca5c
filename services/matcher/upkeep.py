"""An allocation kept best while learners, vacancies and locks change: only what changed costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints
from services.matcher.repair import redrawn, repaired
from services.matcher.residual import NOBODY, Residual


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

    First all that changes only who comes in from outside or goes there, in one repair; then each
    column of values, whose arcs are at one pledge.
    """
    moved = _rows_changed(residual, changes)
    moved |= repaired(residual, residual.outside)
    for pledge, values in sorted(changes.pledges.items()):
        if lost := _bar(residual, pledge, values < 0):
            moved |= lost | repaired(residual, residual.outside)
        residual.values[:, pledge] = values
        residual.redraw_column(pledge)
        moved |= repaired(residual, pledge)
    return moved


def _rows_changed(residual: Residual, changes: Changes) -> set[int]:
    """Whoever changed stands outside with the new values; nobody is over a pledge's places."""
    moved = set(changes.learners.tolist())
    touched = set(changes.places).union(*(_put_out(residual, who) for who in sorted(moved)))
    residual.values[changes.learners] = changes.values
    residual.worth[changes.learners] = changes.worth
    residual.used[changes.learners] = changes.used
    for node, places in sorted(changes.places.items()):
        residual.places[node] = places
        while len(members := residual.members[node]) > places:
            who = members[int(residual.leaving(members, node).argmin())]
            touched |= _put_out(residual, who)
            moved.add(who)
    redrawn(residual, moved, touched)
    return moved


def _bar(residual: Residual, pledge: int, barred: NDArray[np.bool_]) -> set[int]:
    """Whoever is *barred* has no place at *pledge*, and cannot come instead; who had one."""
    lost = {who for who in residual.members[pledge] if barred[who]}
    touched = {pledge}.union(*(_put_out(residual, who) for who in sorted(lost)))
    residual.values[barred, pledge] = -1
    residual.redraw_column(pledge)
    redrawn(residual, lost, touched)
    return lost


def _put_out(residual: Residual, learner: int) -> set[int]:
    """
    Take all places of a learner; where they were.

    All of them, even for one that is lost: whoever has several could go to the lost one from the
    others, and those arcs are not at the outside.
    """
    nodes = {int(node) for node in residual.held[learner] if node != NOBODY}
    for node in nodes:
        residual.members[node].remove(learner)
    residual.held[learner] = NOBODY
    return nodes
