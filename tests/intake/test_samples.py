"""The real sample files, with the packaged settings and with markers that take more."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from services.delivery.database import Sessions
from services.intake import checks, lexicon
from services.intake.files import Source, items
from services.intake.ingest import ingest
from services.intake.programmes import Programmes, load_programmes
from services.intake.report import Report
from services.intake.statements import LearnerStatement
from tests.intake import look
from tests.intake.make import desks
from tests.intake.shared import CLEAN, DETAIL, DISCRIMINATORY, RETURN_1920, RETURN_2526, shared

AT = datetime(2026, 11, 1, tzinfo=UTC)
ANY = '[[programmes]]\nkey = "any"\n[[programmes.markers]]\n'


def source(name: str) -> Source:
    path = shared(name)
    return Source(path.name, path.read_bytes(), AT)


def programmes(tmp_path: Path, text: str) -> Programmes:
    file = tmp_path / "programmes.toml"
    file.write_text(text)
    return load_programmes(file)


def standings(name: str, chosen: Programmes) -> dict[str, str]:
    """Each learner's state by the provider's reference."""
    return {
        item.reference or "": "completed" if item.given["completion"] else "enrolled"
        for item in items(source(name), chosen)
        if isinstance(item, LearnerStatement)
    }


async def both_runs(sessions: Sessions, name: str) -> tuple[Report, Report]:
    first = await ingest(sessions, desks(), [source(name)])
    before, sent = await look.held(sessions), await look.posted(sessions)
    second = await ingest(sessions, desks(), [source(name)])
    assert (await look.held(sessions), await look.posted(sessions)) == (before, sent)
    return first, second


async def test_all_19_learners_of_2025_26_are_accounted_for(sessions: Sessions) -> None:
    first, second = await both_runs(sessions, RETURN_2526)
    assert first.counts == {
        "accepted": 1, "unchanged": 0, "ignored": 18, "quarantined": 0, "refused": 0,
    }  # fmt: skip
    assert second.counts["unchanged"] == 1
    (ours,) = [row for row in first.rows if row.verdict == "accepted"]
    assert ours.place == f"{source(RETURN_2526).name}:1036 /Message/Learner[13]"
    (bad,) = [row for row in first.rows if any(n.rule == "uln-check" for n in row.notes)]
    assert bad.reference == "ASFLearner"
    assert all(row.rule == "not-this-programme" for row in first.rows if row is not ours)


async def test_all_18_learners_of_2019_20_are_accounted_for(sessions: Sessions) -> None:
    first, second = await both_runs(sessions, RETURN_1920)
    assert first.counts["ignored"] == len(first.rows) == 18
    assert second.counts == first.counts


def test_a_marker_that_takes_any_aim_finds_the_one_completer(tmp_path: Path) -> None:
    found = standings(RETURN_2526, programmes(tmp_path, ANY))
    assert len(found) == 19
    assert [name for name, told in found.items() if told == "completed"] == ["SBLearnerEV"]


def test_completion_is_read_from_programme_aims(tmp_path: Path) -> None:
    """A running component holds nobody back, a finished one completes nobody."""
    found = standings(RETURN_1920, programmes(tmp_path, ANY))
    assert len(found) == 18
    assert {found[name] for name in ("TshipLearn17", "HighAppLearn", "AppLearner")} == {"enrolled"}
    traineeships = programmes(tmp_path, ANY + 'prog_type = ["24"]\n')
    told = standings(RETURN_1920, traineeships)
    assert told == {"TshipLearn17": "completed", "TshipLearn19": "enrolled"}
    first_programmes = programmes(tmp_path, ANY + 'prog_type = ["3"]\n')
    assert standings(RETURN_1920, first_programmes)["AppLearner"] == "completed"


def test_old_prior_levels_keep_their_old_meaning(tmp_path: Path) -> None:
    chosen = programmes(tmp_path, ANY)
    levels = {
        item.reference: item.given["prior_level"]
        for item in items(source(RETURN_1920), chosen)
        if isinstance(item, LearnerStatement)
    }
    assert (levels["TshipLearn17"], levels["HighAppLearn"], levels["Levy"]) == (0, 3, 2)
    assert levels["16Learner"] is None


def test_12_learner_numbers_of_the_sample_pass_on_11_distinct_ones() -> None:
    root = etree.parse(shared(RETURN_2526)).getroot()
    numbers = [element.text or "" for element in root.iterfind("{*}Learner/{*}ULN")]
    valid = [number for number in numbers if checks.uln_is_valid(number)]
    assert (len(valid), len(set(valid))) == (12, 11)


async def test_two_learners_of_one_number_become_a_task(sessions: Sessions, tmp_path: Path) -> None:
    file = tmp_path / "programmes.toml"
    file.write_text(ANY)
    taking_all = desks(intake_programmes=file)
    report = await ingest(sessions, taking_all, [source(RETURN_2526)])
    assert report.counts["accepted"] == 19
    assert [kind for kind, _ in await look.tasks(sessions)] == ["same-person"]


async def test_the_discriminatory_advert_is_flagged_and_its_twin_waits_for_a_pledge(
    sessions: Sessions,
) -> None:
    report = await ingest(sessions, desks(), [source(DISCRIMINATORY), source(CLEAN)])
    flagged, clean = report.rows
    assert (flagged.verdict, flagged.rule) == ("quarantined", "discriminatory-words")
    assert "you don't wear or require glasses" in flagged.words
    assert (clean.verdict, clean.rule) == ("quarantined", "no-pledge")
    for row in report.rows:
        assert row.wage is not None
        assert row.wage["aged_21_up"] == "cannot-tell"
        assert "2027-05-10" in row.wage["words"]
    assert [kind for kind, _ in await look.tasks(sessions)] == ["discriminatory-words"]
    assert await look.posted(sessions) == []


async def test_with_next_years_rates_and_its_standard_the_clean_advert_is_pledged(
    sessions: Sessions, tmp_path: Path
) -> None:
    wages = tmp_path / "wages.toml"
    rates = '[[rates]]\nfrom = 2027-04-01\nadult = "13.00"\nyoung = "11.00"\napprentice = "8.30"\n'
    wages.write_text(rates)
    seller = {"referenceNumber": "ST1", "larsCode": 369, "title": "Sales executive", "level": 4,
              "route": "Sales, marketing and procurement", "earliestStartDate": "2020-01-01",
              "skills": []}  # fmt: skip
    async with sessions.begin() as session:
        body = json.dumps([seller]).encode()
        await lexicon.import_file(session, "dump.json", body, account="test")
    pledges = Source(
        "pledges.csv",
        b"employer,interviews,interview_by,as_of\n5G6Y3E,2,2027-05-01,2026-11-01\n",
        AT,
    )
    knowing = desks(intake_wages=wages)
    report = await ingest(sessions, knowing, [pledges, source(CLEAN), source(DISCRIMINATORY)])
    assert [row.verdict for row in report.rows] == ["accepted", "accepted", "quarantined"]
    # 21,425 for 30 hours is 13.73 an hour
    assert report.rows[1].wage is not None
    assert report.rows[1].wage["aged_21_up"] == "meets"
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_the_detail_dialect_is_read_and_its_own_figures_are_not_trusted(
    sessions: Sessions,
) -> None:
    report = await ingest(sessions, desks(), [source(DETAIL)])
    (row,) = report.rows
    assert (row.verdict, row.rule, row.reference) == ("quarantined", "no-pledge", "1000000001")
    assert [note.rule for note in row.also] == ["unknown-standard"]
    assert row.wage is not None
    assert (row.wage["aged_21_up"], row.wage["yearly_pence"]) == ("meets", None)


@pytest.mark.parametrize(("status", "told"), [("2", True), ("1", False)])
async def test_the_schemes_learner_completes_when_the_return_says_so(
    sessions: Sessions, status: str, *, told: bool
) -> None:
    text = shared(RETURN_2526).read_text(encoding="utf-8")
    start = text.index("<LearnRefNumber>MCALearner")
    end = f"<CompStatus>{status}</CompStatus><LearnActEndDate>2026-10-01</LearnActEndDate>"
    changed = text[:start] + text[start:].replace("<CompStatus>1</CompStatus>", end, 1)
    report = await ingest(
        sessions, desks(date(2026, 11, 20)), [Source("r.xml", changed.encode(), AT)]
    )
    assert report.counts["accepted"] == 1
    assert ("CourseCompleted" in await look.names(sessions)) is told


def test_the_json_samples_are_what_the_tests_think() -> None:
    clean, other = (json.loads(shared(name).read_text()) for name in (CLEAN, DISCRIMINATORY))
    assert (clean["standardLarsCode"], other["standardLarsCode"]) == ("369", "274")
