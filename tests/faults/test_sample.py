"""A few cells of the matrix, the same in every `make test`; `make faults` plays them all."""

import random
from collections.abc import Callable, Sequence

import pytest

from tests.faults.arena import Cell
from tests.faults.arenas import Arenas
from tests.faults.matrix import CELLS
from tests.faults.report import ROW

SEED = 9
FAMILIES = 4


def chosen(cells: Sequence[Cell]) -> list[Cell]:
    """One short cell of each of a few families, the same for the same seed."""
    families: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.short and "embedded" in cell.brokers:
            families.setdefault(cell.family, []).append(cell)
    chance = random.Random(SEED)
    return [chance.choice(families[name]) for name in chance.sample(sorted(families), FAMILIES)]


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("cell", chosen(CELLS), ids=str)
def test_a_cell_of_the_matrix(
    cell: Cell, arenas: Arenas, record_property: Callable[[str, object], None]
) -> None:
    row, verdict = arenas.for_(cell).play(cell)
    record_property(ROW, row.as_json() | {"place": CELLS.index(cell)})
    assert row.times > 0, f"{cell} did not happen"
    assert (verdict.lost, verdict.doubled, verdict.amiss) == ([], [], [])
