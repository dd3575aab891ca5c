"""The report of `p2a ingest` on a terminal of 80 columns."""

from io import StringIO

import pytest
from rich.console import Console

from services.cli.verdicts import place, show
from services.intake.report import Note, Report, Row, Verdict


def shown(report: Report, *files: str) -> str:
    """What stands on the terminal."""
    written = StringIO()
    show(report, files, Console(file=written, width=80))
    return written.getvalue()


def said(report: Report, *files: str) -> str:
    """The same, wherever a line ends."""
    return " ".join(shown(report, *files).split())


def row(at: str, verdict: Verdict, words: str = "", rule: str | None = None) -> Row:
    return Row(place=at, verdict=verdict, words=words, rule=rule)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (":38 /Message/Learner[1]", "Learner 1 (line 38)"),
        (":38 /Message/Learner[1]/DateOfBirth", "Learner 1 (line 38) /DateOfBirth"),
        (":5", "line 5"),
        (":5/email", "line 5 /email"),
        (" /vacancies/3/wage", "/vacancies/3/wage"),
        ("", "the whole file"),
    ],
)
def test_a_place_in_words(rest: str, words: str) -> None:
    assert place(rest) == words


def test_a_file_is_named_once_with_what_needs_somebody_first() -> None:
    name = "a-long-name-of-a-return-that-takes-most-of-a-line-2026-11-22-090000-01.xml"
    rows = [
        row(f"{name}:{line} /Message/Learner[{number}]", verdict, verdict.value.upper())
        for number, (line, verdict) in enumerate(zip(range(10, 60, 10), Verdict, strict=True), 1)
    ]
    text = shown(Report(rows=rows), name)
    assert text.count(name) == 1
    order = ["REFUSED", "QUARANTINED", "ACCEPTED", "UNCHANGED", "IGNORED"]
    assert sorted(order, key=text.index) == order
    assert max(map(len, text.splitlines())) <= 80
    assert "5 rows: 1 refused, 1 quarantined, 1 accepted, 1 unchanged, 1 ignored." in text


def test_equal_rows_stand_together_and_all_are_counted() -> None:
    """Those that need nobody are named up to a dozen; those that do, every one."""
    ignored = [row(f"t.csv:{n}", Verdict.IGNORED, "another scheme") for n in range(2, 32)]
    refused = [row(f"t.csv:{n}", Verdict.REFUSED, "no reference", "missing") for n in range(32, 52)]
    text = said(Report(rows=ignored + refused), "t.csv")
    assert f"refused 20 missing: no reference lines {', '.join(map(str, range(32, 52)))} " in text
    assert "ignored 30 another scheme lines 2, 3, 4" in text
    assert "12, 13 and 18 more: --json names each" in text


def test_each_file_has_its_own_rows() -> None:
    """Though the name of one begins with the other's."""
    report = Report(rows=[row("a.csv", Verdict.ACCEPTED), row("a.csv.csv:2", Verdict.ACCEPTED)])
    text = said(report, "a.csv", "a.csv.csv")
    assert text.startswith("a.csv accepted 1 the whole file a.csv.csv accepted 1 line 2")


def test_further_rules_and_warnings_are_told() -> None:
    held = Row(
        place="v.json",
        verdict=Verdict.QUARANTINED,
        rule="no-pledge",
        words="no interviews are pledged",
        also=(Note("unknown-standard", "code 9 is in no catalogue"),),
        notes=(Note("late", "closes soon [tomorrow]"),),
    )
    text = said(Report(rows=[held]), "v.json")
    assert "also unknown-standard: code 9 is in no catalogue" in text
    assert "note late: closes soon [tomorrow]" in text


@pytest.mark.parametrize(
    ("verdict", "dry_run", "next_"),
    [
        (Verdict.REFUSED, False, "correct them and take the same file in again"),
        (Verdict.QUARANTINED, False, "send what the rule asks for"),
        (Verdict.IGNORED, False, "P2A_INTAKE_PROGRAMMES"),
        (Verdict.ACCEPTED, True, "Dry run: nothing was kept."),
        (Verdict.ACCEPTED, False, "1 row: 1 accepted."),
    ],
)
def test_the_end_says_what_to_do_next(verdict: Verdict, *, dry_run: bool, next_: str) -> None:
    text = said(Report(rows=[row("t.csv:2", verdict)], dry_run=dry_run), "t.csv")
    assert next_ in text[text.index("1 row:") :]
