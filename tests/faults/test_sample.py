"""A few cells of the matrix, the same in every `make test`; `make faults` plays them all."""

import random
from collections.abc import Callable

import pytest

from tests.faults.arena import Cell
from tests.faults.arenas import Arenas
from tests.faults.matrix import CELLS
from tests.faults.report import ROW

SEED = 4
CHOSEN = random.Random(SEED).sample([c for c in CELLS if c.short and "embedded" in c.brokers], 4)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("cell", CHOSEN, ids=str)
def test_a_cell_of_the_matrix(
    cell: Cell, arenas: Arenas, record_property: Callable[[str, object], None]
) -> None:
    row, verdict = arenas.for_(cell).play(cell)
    record_property(ROW, row.as_json() | {"place": CELLS.index(cell)})
    assert row.times > 0, f"{cell} did not happen"
    assert (verdict.lost, verdict.doubled, verdict.amiss) == ([], [], [])
