"""`p2a ingest`, as people run it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli.app import app
from services.delivery.database import open_database
from tests.intake import look, make
from tests.intake.make import PLEDGE, LearnerXml, advert, done, ilr
from tests.intake.shared import CLEAN, DISCRIMINATORY, RETURN_1920, RETURN_2526, shared


def run(
    *arguments: str, cwd: Path, monkeypatch: pytest.MonkeyPatch, **variables: str | None
) -> Result:
    monkeypatch.chdir(cwd)
    return CliRunner().invoke(app, ["ingest", *arguments], env=variables)


def posted(url: str) -> list[str]:
    async def ask() -> list[str]:
        sessions = open_database(url, schema="intake")
        try:
            return await look.names(sessions)
        finally:
            await sessions.kw["bind"].dispose()

    return asyncio.run(ask())


@pytest.fixture
def there(database: str) -> dict[str, str | None]:
    """The variables of a database that runs already."""
    return {"P2A_DATABASE_URL": database, "P2A_CONTACTS_KEYS": make.KEY}


def test_rows_and_counts_come_as_one_object(
    there: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.xml").write_bytes(ilr(LearnerXml(aims=[done()]), LearnerXml(ref="B")))
    tried = run("r.xml", "--json", "--dry-run", cwd=tmp_path, monkeypatch=monkeypatch, **there)
    assert tried.exit_code == 0, tried.stderr
    assert posted(str(there["P2A_DATABASE_URL"])) == []
    for verdict in ("accepted", "unchanged"):
        ran = run("r.xml", "--json", cwd=tmp_path, monkeypatch=monkeypatch, **there)
        report = json.loads(ran.stdout)
        assert report["counts"][verdict] == len(report["rows"]) == 2
        assert set(report["rows"][0]) >= {"place", "verdict", "rule", "words"}
    assert len(posted(str(there["P2A_DATABASE_URL"]))) == 3


@pytest.mark.parametrize(
    ("name", "first"),
    [
        (RETURN_2526, {"accepted": 1, "ignored": 18}),
        (RETURN_1920, {"ignored": 18}),
        (CLEAN, {"quarantined": 1}),
        (DISCRIMINATORY, {"quarantined": 1}),
    ],
)
def test_the_real_samples_are_accounted_for_and_a_second_run_changes_nothing(
    there: dict[str, str | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    first: dict[str, int],
) -> None:
    second = {"unchanged" if verdict == "accepted" else verdict: n for verdict, n in first.items()}
    for expected in (first, second):
        ran = run(str(shared(name)), "--json", cwd=tmp_path, monkeypatch=monkeypatch, **there)
        report = json.loads(ran.stdout)
        assert {verdict: n for verdict, n in report["counts"].items() if n} == expected
        assert len(report["rows"]) == sum(first.values())
        assert all(row["place"] for row in report["rows"])
        taken = {"accepted", "unchanged"}
        assert all(row["rule"] and row["words"] for row in report["rows"]
                   if row["verdict"] not in taken)  # fmt: skip
    assert len(posted(str(there["P2A_DATABASE_URL"]))) == first.get("accepted", 0)


def test_pledges_beside_the_adverts(
    there: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(advert()))
    (tmp_path / "p.csv").write_text(
        f"vacancy,interviews,interview_by,as_of\nVAC1000001,3,{PLEDGE['interview_by']},2026-11-01\n"
    )
    ran = run("a.json", "--pledges", "p.csv", cwd=tmp_path, monkeypatch=monkeypatch, **there)
    assert ran.exit_code == 0, ran.stderr
    assert "2 accepted" in ran.stdout
    assert posted(str(there["P2A_DATABASE_URL"])) == ["VacancyPledged"]


def test_exit_codes_tell_how_it_went(
    there: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = LearnerXml(ref="B", born=None)
    (tmp_path / "partly.xml").write_bytes(ilr(LearnerXml(), bad))
    (tmp_path / "none.xml").write_bytes(ilr(bad))
    (tmp_path / "broken.xml").write_bytes(ilr(LearnerXml())[:-20])
    codes = {
        name: run(name, cwd=tmp_path, monkeypatch=monkeypatch, **there).exit_code
        for name in ("partly.xml", "none.xml", "broken.xml", "absent.xml")
    }
    assert codes == {"partly.xml": 3, "none.xml": 1, "broken.xml": 1, "absent.xml": 2}
    broken = run("broken.xml", "--json", cwd=tmp_path, monkeypatch=monkeypatch, **there)
    assert "line" in json.loads(broken.stdout)["error"]
    assert len(posted(str(there["P2A_DATABASE_URL"]))) == 1


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    there: dict[str, str | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
) -> None:
    """And beside the report, which stays one JSON object. Rich takes FORCE_COLOR for a terminal."""
    (tmp_path / "r.xml").write_bytes(ilr(LearnerXml()))
    on = {"FORCE_COLOR": "1" if terminal else None, "TERM": "xterm"}
    ran = run("r.xml", "--json", cwd=tmp_path, monkeypatch=monkeypatch, **there | on)
    assert json.loads(ran.stdout)["counts"]["accepted"] == 1
    assert ("100%" in ran.stderr) is terminal


@pytest.mark.parametrize("keys", ["secretly-wrong", None])
def test_a_wrong_setting_is_named_and_not_shown(
    there: dict[str, str | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: str | None,
) -> None:
    (tmp_path / "r.xml").write_bytes(ilr(LearnerXml()))
    wrong = there | {"P2A_CONTACTS_KEYS": keys}
    ran = run("r.xml", cwd=tmp_path, monkeypatch=monkeypatch, **wrong)
    assert ran.exit_code == 2
    assert "P2A_CONTACTS_KEYS" in ran.stderr
    assert "secretly-wrong" not in ran.output


@pytest.mark.timeout(120)
def test_a_newcomer_needs_no_database_and_the_second_run_sees_the_first(open_folder: Path) -> None:
    """A process of its own, as the server it starts must end with it."""
    (open_folder / "r.xml").write_bytes(ilr(LearnerXml()))
    kept = {name: text for name, text in os.environ.items() if not name.startswith("P2A_")}
    verdicts = []
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-m", "services.cli", "ingest", "r.xml", "--json"],
            cwd=open_folder,
            env=kept | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        verdicts.append(json.loads(ran.stdout)["rows"][0]["verdict"])
    assert verdicts == ["accepted", "unchanged"]
    assert not list((open_folder / ".p2a").rglob("postmaster.pid"))
