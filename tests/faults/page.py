"""The last table, in docs/architecture/faults.md: a section a broker, written by `make faults`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.faults.report import Row, markdown

PAGE = Path(__file__).parents[2] / "docs" / "architecture" / "faults.md"


def keep(broker: str, rows: Sequence[Row], total: str, day: date, page: Path = PAGE) -> None:
    """Put *rows* where the last ones on *broker* stand; raises ValueError if there is no place."""
    before = page.read_text("utf-8")
    section = re.compile(rf"(?<=<!-- {broker}: made -->\n).*?(?=<!-- {broker}: end -->)", re.DOTALL)
    if not section.search(before):
        raise ValueError(f"{page.name} has no section for {broker}")
    lines = [f"On {day:%-d %B %Y}. {total}.", "", *markdown(rows), ""]
    page.write_text(section.sub(lambda _: "\n".join(lines), before), "utf-8")
