"""`make faults`: all that is marked `faults`, on both brokers; the page, and one line of totals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults import page
from tests.faults.report import Row, row_of, totals
from tests.faults.table import ROWS_FILE

SOAK = "tests/faults/test_soak.py"
# what does not depend on the broker runs once; the first folder's conftest.py prints the table
RUNS = {"embedded": ["tests/faults", "tests"], "apache": ["tests/faults", "tests/broker"]}
# each worker gets neighbours, and so keeps its arena
TWO_AT_A_TIME = ["-n", "2", "--dist", "worksteal", f"--ignore={SOAK}"]


def main() -> int:
    """Run all of it; 0 if every fault was felt and nothing came of any."""
    rows: list[Row] = []
    broken = 0
    for broker, folders in RUNS.items():
        found, code = _run(broker, [*TWO_AT_A_TIME, *folders])
        broken += code
        rows += found
        if found:
            words = totals(found, broken=code)
            page.keep(broker, found, words, datetime.now(UTC).date())
    _, code = _run("embedded", [SOAK])
    sys.stdout.write(f"{totals(rows, broken=broken + code)}\n")
    return int(broken + code > 0 or not rows)


def _run(broker: str, arguments: list[str]) -> tuple[list[Row], int]:
    """The rows of one pytest, and 1 if it failed."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        told = os.environ | {"P2A_TEST_BROKER": broker, ROWS_FILE: str(file)}
        command = [sys.executable, "-m", "pytest", "-q", "-m", "faults", *arguments]
        done = subprocess.run(command, env=told, check=False)
        rows = [row_of(one) for one in json.loads(file.read_text())] if file.exists() else []
    return rows, int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
