"""`p2a skills`, as operators run it: each answer as JSON, each exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli.app import app
from tests.intake import make
from tests.intake.make import PLEDGE, LearnerXml, advert, adverts, done, ilr

DUMP = [
    {
        "referenceNumber": "ST9001", "larsCode": 8001, "title": "Duct technician", "level": 3,
        "route": "Engineering and manufacturing",
        "skills": [{"skillId": "S1", "detail": "Stick work in ducts."}],
    },
    {"referenceNumber": "ST9002", "larsCode": 0, "title": "Not yet", "level": 3,
     "route": "Digital"},
]  # fmt: skip


@pytest.fixture
def there(database: str, tmp_path: Path) -> dict[str, str | None]:
    """The variables of a database with two learners and an advert that say an unknown word."""
    variables: dict[str, str | None] = {
        "P2A_DATABASE_URL": database, "P2A_CONTACTS_KEYS": make.KEY}  # fmt: skip
    people = [LearnerXml(ref=reference, aims=[done()]) for reference in ("A", "B")]
    (tmp_path / "r.xml").write_bytes(ilr(*people))
    (tmp_path / "a.json").write_text(adverts(advert(skills=["Stick work"], pledge=PLEDGE)))
    said = f"ukprn,reference,as_of,skills\n{make.UKPRN},A,2026-11-19,Stick work\n"
    (tmp_path / "s.csv").write_text(said)
    paths = [str(tmp_path / name) for name in ("r.xml", "a.json", "s.csv")]
    assert CliRunner().invoke(app, ["ingest", *paths], env=variables).exit_code == 0
    return variables


def run(there: dict[str, str | None], *arguments: str) -> Result:
    return CliRunner().invoke(app, ["skills", *arguments], env=there)


def told(there: dict[str, str | None], *arguments: str) -> Any:
    ran = run(there, *arguments, "--json")
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_word_is_listed_mapped_and_gone(there: dict[str, str | None]) -> None:
    (word,) = told(there, "unknown")
    assert (word["word"], word["times"]) == ("stick work", 2)
    assert word["sources"] == {"advert": 1, "learner": 1}
    assert all({"key", "label", "score"} == set(near) for near in word["suggestions"])
    assert "1 word waits" in run(there, "unknown").stdout
    done = told(there, "map", "stick work", "leadership")
    assert (done["learners"], done["vacancies"]) == (1, 1)
    assert told(there, "unknown") == []
    assert told(there, "show")["version"] == done["version"]


def test_a_trial_import_tells_what_the_import_then_does(
    there: dict[str, str | None], tmp_path: Path
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('[skills]\nstick-work = ["Stick work"]\n')
    tried = told(there, "import", str(file), "--dry-run")
    assert told(there, "show")["version"] == tried["before"] != tried["version"]
    imported = told(there, "import", str(file))
    assert imported == tried | {"dry_run": False}
    assert (imported["learners"], imported["vacancies"]) == (1, 1)
    assert imported["skills"]["added"] == 1
    again = told(there, "import", str(file))
    assert (again["version"], again["learners"]) == (imported["version"], 0)


def test_rows_left_out_are_listed_and_the_others_are_there(
    there: dict[str, str | None], tmp_path: Path
) -> None:
    file = tmp_path / "dump.json"
    file.write_text(json.dumps(DUMP))
    ran = run(there, "import", str(file))
    assert ran.exit_code == 3
    assert "dump.json /standards/1/larsCode: missing" in ran.stdout
    assert "sentences of standards that ask for no skill we know: 1" in ran.stdout
    assert told(there, "show", "ST9001")["standard"]["title"] == "Duct technician"
    file.write_text(json.dumps(DUMP[1:]))
    assert run(there, "import", str(file)).exit_code == 1


def test_one_skill_is_shown_with_the_standards_that_ask_for_it(
    there: dict[str, str | None],
) -> None:
    found = told(there, "show", "mig welding")
    assert found["skill"]["key"] == "welding"
    assert "ST0349" in found["standards"]
    assert "S1    welding" in run(there, "show", "ST0349").stdout
    assert "next: ST0432" in run(there, "show", "st0349").stdout
    assert "(never used)" in run(there, "show", "Physical fitness").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("map", "stick work"), 2, "give a SKILL"),
        (("map", "stick work", "welding", "--ignore"), 2, "give a SKILL"),
        (("map", "stick work", "flying"), 1, "no skill flying"),
        (("import", "nowhere.json"), 2, "no file"),
        (("show", "flying"), 1, "no skill and no standard"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    there: dict[str, str | None], arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run(there, *arguments)
    assert (ran.exit_code, words in ran.stderr) == (code, True), ran.stderr
