"""Every fault against every service it can touch: nothing is lost, nothing is doubled."""

from collections.abc import Callable

import pytest

from tests.faults.arena import Cell
from tests.faults.arenas import Arenas, broker_of
from tests.faults.matrix import CELLS
from tests.faults.report import ROW

HERE = [cell for cell in CELLS if broker_of(cell)]


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cell", HERE, ids=str)
def test_nothing_is_lost_and_nothing_doubled(
    cell: Cell, arenas: Arenas, record_property: Callable[[str, object], None]
) -> None:
    row, verdict = arenas.for_(cell).play(cell)
    record_property(ROW, row.as_json() | {"place": CELLS.index(cell)})
    assert row.times > 0, f"{cell} did not happen"
    assert (verdict.lost, verdict.doubled, verdict.amiss) == ([], [], [])
