"""What became of the rows of files, for somebody at a terminal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.intake.report import Report, Row, Verdict

# what needs somebody stands first
ORDER = (
    Verdict.REFUSED,
    Verdict.QUARANTINED,
    Verdict.ACCEPTED,
    Verdict.UNCHANGED,
    Verdict.IGNORED,
)
NEEDS_SOMEBODY = frozenset({Verdict.REFUSED, Verdict.QUARANTINED})
# of rows that need nobody: more are counted, and named by --json
PLACES = 12
LINE = re.compile(r"^:(\d+)")
LINE_ALONE = re.compile(r"^line \d+$")
LEARNER = re.compile(r"^\s*/Message/Learner\[(\d+)\]")


def show(report: Report, files: Sequence[str], console: Console) -> None:
    """Each of *files* once, its equal rows together; at the end counts and what to do next."""
    for name, rows in _by_file(report.rows, files):
        console.print(Text(f"\n{name}", style="bold"), soft_wrap=True)
        console.print(_table(name, rows))
    console.print()
    for line in closing(report):
        console.print(line, markup=False, highlight=False)


def closing(report: Report) -> Iterator[str]:
    """How many rows have which verdict, and what is to be done about them."""
    counts = report.counts
    found = [f"{counts[verdict]} {verdict}" for verdict in ORDER if counts[verdict]]
    total = len(report.rows)
    yield f"{total} {'row' if total == 1 else 'rows'}: {', '.join(found) or 'nothing to take'}."
    if counts["refused"]:
        yield (
            "Refused rows were not kept: correct them and take the same file in again; what was "
            "taken already is not taken twice."
        )
    if counts["quarantined"]:
        yield (
            "Quarantined rows are kept and wait: send what the rule asks for, or settle the task "
            "that a coordinator finds at the console."
        )
    if counts["ignored"] == total > 0:
        yield "Nothing here is of the programme; P2A_INTAKE_PROGRAMMES says what counts as it."
    if report.dry_run:
        yield "Dry run: nothing was kept. Without --dry-run it is."


def place(rest: str) -> str:
    """Where in its file a row is, such as ``Learner 1 (line 38)``."""
    line = LINE.match(rest)
    rest = rest[line.end() :] if line else rest
    learner = LEARNER.match(rest)
    rest = (rest[learner.end() :] if learner else rest).strip()
    named = f"line {line[1]}" if line else ""
    if learner:
        named = f"Learner {learner[1]} ({named})" if named else f"Learner {learner[1]}"
    return " ".join(part for part in (named, rest) if part) or "the whole file"


def _by_file(rows: Sequence[Row], files: Sequence[str]) -> Iterator[tuple[str, list[Row]]]:
    # the longest name first: one may begin with another
    names = sorted(files, key=len, reverse=True)
    of = [next((name for name in names if row.place.startswith(name)), "") for row in rows]
    for name in dict.fromkeys(of):
        yield name, [row for row, own in zip(rows, of, strict=True) if own == name]


def _table(name: str, rows: Iterable[Row]) -> Table:
    alike: dict[tuple[Verdict, str, str], list[str]] = {}
    for row in rows:
        key = (row.verdict, row.rule or "", words(row))
        alike.setdefault(key, []).append(place(row.place.removeprefix(name)))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for key in sorted(alike, key=lambda key: ORDER.index(key[0])):
        verdict, rule, said = key
        about = f"{rule}: {said}" if rule else said
        where = Text(_where(alike[key], all_of=verdict in NEEDS_SOMEBODY), style="dim")
        table.add_row(verdict.value, str(len(alike[key])), Text(f"{about}\n") + where)
    return table


def _where(places: Sequence[str], *, all_of: bool) -> str:
    shown = list(islice(places, None if all_of else PLACES))
    more = len(places) - len(shown)
    listed = ", ".join(shown)
    if len(shown) > 1 and all(LINE_ALONE.match(each) for each in shown):
        listed = "lines " + listed.replace("line ", "")
    return listed + (f" and {more} more: --json names each" if more else "")


def words(row: Row) -> str:
    """What is said of *row*, a line for each rule, warning and judgement of its wage."""
    also = [f"also {note.rule}: {note.words}" for note in row.also]
    notes = [f"note {note.rule}: {note.words}" for note in row.notes]
    wage = []
    if row.wage and row.wage["words"] not in row.words:
        young, adult, verdict = (row.wage[k] for k in ("aged_18_to_20", "aged_21_up", "words"))
        wage = [f"wage {young} at 18-20, {adult} from 21: {verdict}"]
    return "\n".join(part for part in (row.words, *wage, *also, *notes) if part)
