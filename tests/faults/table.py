"""The table: a line a cell as it is played, and the totals at the end."""

import json
import os
from pathlib import Path

import pytest

from tests.faults.report import COLUMNS, ROW, Row, line, row_of, totals

# where `make faults` wants the rows of a run, as JSON
ROWS_FILE = "P2A_FAULTS_ROWS"


class Table:
    """Prints the rows of every process that plays cells."""

    def __init__(self, config: pytest.Config) -> None:
        self.rows: list[Row] = []
        self.failed = 0
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """As pytest calls it, in the process that prints."""
        self.failed += report.failed
        for name, value in report.user_properties if report.when == "call" else ():
            if name == ROW and isinstance(value, dict):
                self._print(row_of(value))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """As pytest calls it, last."""
        if not self.rows:
            return
        self.rows.sort(key=lambda row: row.place)
        terminalreporter.section(f"faults on {', '.join(sorted({r.broker for r in self.rows}))}")
        for cells in (COLUMNS, *(row.cells() for row in self.rows)):
            terminalreporter.write_line(line(cells))
        terminalreporter.write_line(totals(self.rows, broken=self.failed))
        if wanted := os.environ.get(ROWS_FILE):
            Path(wanted).write_text(json.dumps([row.as_json() for row in self.rows]))

    def _print(self, row: Row) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            if not self.rows:
                reporter.write_line(line(COLUMNS))
            reporter.write_line(line(row.cells()))
        self.rows.append(row)
