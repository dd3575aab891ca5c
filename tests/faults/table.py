"""The table: a line a cell as it is played, and the totals at the end."""

from datetime import UTC, datetime

import pytest

from tests.faults import page
from tests.faults.arenas import BROKER
from tests.faults.report import COLUMNS, ROW, Row, line, row_of, totals


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
        terminalreporter.section(f"faults on {BROKER}")
        for cells in (COLUMNS, *(row.cells() for row in self.rows)):
            terminalreporter.write_line(line(cells))
        terminalreporter.write_line(totals(self.rows, self.failed))
        if page.WANTED:
            page.keep(BROKER, self.rows, totals(self.rows, self.failed), datetime.now(UTC).date())

    def _print(self, row: Row) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            if not self.rows:
                reporter.write_line(line(COLUMNS))
            reporter.write_line(line(row.cells()))
        self.rows.append(row)
