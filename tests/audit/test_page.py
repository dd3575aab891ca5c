"""What an operator reads, and what two looks have in common."""

from dataclasses import replace

from services.audit.judge import verdicts
from services.audit.verdict import Finding, Verdict, confirmed
from services.cli.audit import SHOWN, page
from tests.audit.make import history, row, with_row, without_record

WRONG = Finding("accepted", "lost", "one", "is not there", "send it again")
LATE = Finding("accepted", "lost", "two", "has not come yet", "look why")


def verdict(findings: tuple[Finding, ...] = (), waiting: tuple[Finding, ...] = ()) -> Verdict:
    return Verdict(
        name="accepted", sentence="all is there", looked={"rows": 12345},
        findings=findings, waiting=waiting,
    )  # fmt: skip


def test_a_quiet_system_is_a_line_an_invariant_and_a_total() -> None:
    lines = list(page(verdicts(history())))
    assert len(lines) == 11 + 2
    assert all(line.startswith("ok ") for line in lines[:11])
    assert lines[-1] == "0 lost, 0 doubled, 0 wrong; 0 on their way"


def test_a_finding_says_what_is_wrong_and_what_to_do() -> None:
    whole = without_record(history(), "CourseCompleted")
    text = "\n".join(page(verdicts(whole)))
    assert "FINDING 1   accepted" in text
    assert f"  lost: p2a.CourseCompleted.v1 {row(whole, 'CourseCompleted').id}" in text
    assert "    do: p2a replay p2a.learners.v1 --from 2 --to 2" in text
    assert text.endswith("1 lost, 0 doubled, 0 wrong; 0 on their way")


def test_work_on_its_way_is_counted_and_no_fault() -> None:
    whole = with_row(history(), "LearnerChanged", published=False)
    text = "\n".join(page(verdicts(whole)))
    assert "1 waiting" in text
    assert "FINDING" not in text
    assert text.endswith("1 on their way")


def test_a_thousand_findings_are_not_printed() -> None:
    many = tuple(replace(WRONG, subject=str(number)) for number in range(1000))
    lines = list(page([verdict(many)]))
    assert len(lines) < 5 + 3 * SHOWN + 3
    assert "  and 980 more: p2a audit --json names them all" in lines
    assert "(12,345 rows)" in lines[0]


def test_only_what_two_looks_find_is_found() -> None:
    (both,) = confirmed([verdict((WRONG,))], [verdict((WRONG,))], stuck=False)
    assert both.findings == (WRONG,)
    (healed,) = confirmed([verdict((WRONG,))], [verdict()], stuck=False)
    assert healed.findings == ()
    (new,) = confirmed([verdict()], [verdict((WRONG,))], stuck=False)
    assert new.findings == ()


def test_what_waits_too_long_is_a_finding_where_it_was_asked_for() -> None:
    before, now = verdict(waiting=(LATE,)), verdict(waiting=(LATE, WRONG))
    (patient,) = confirmed([before], [now], stuck=False)
    assert (patient.findings, patient.waiting) == ((), (LATE, WRONG))
    (strict,) = confirmed([before], [now], stuck=True)
    assert (strict.findings, strict.waiting) == ((LATE,), (WRONG,))
