"""`p2a explain` on a kept round; it and `p2a whatif` against a running matcher."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner, Result

from services.cli.app import app
from services.matcher import archive
from services.matcher.market import RoundInputs
from services.matcher.proposal import propose
from tests.matcher.cohorts import cohort, learner, round_of, vacancy
from tests.matcher.scene import MODEL, RULES

FIGURES = {
    "placed": 1, "completers": 1, "places": 1, "mean_days_unplaced": 0.0, "most_days_unplaced": 0,
    "total_score": 1,
}  # fmt: skip
SAID = {
    "ranked_by": "logistic-0-abc", "before": FIGURES, "after": FIGURES, "shortlists": [],
    "coverage": [
        {"route": "Care services", "completers": None, "before": None, "after": None},
        {"route": "Digital", "completers": 24, "before": 10, "after": 12},
    ],
}  # fmt: skip
FAR, NEAR = learner(1, max_miles=10, outcode="WV1"), learner(2, completed_on=date(2026, 9, 1))
WHERE = vacancy(1, outcode="B5", interviews=2)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def kept(folder: Path, inputs: RoundInputs) -> Path:
    """The round's inputs as the matcher keeps them."""
    outcome = propose(inputs, MODEL, RULES)
    file = folder / "round"
    file.write_bytes(archive.packed(archive.written(inputs, outcome.judgement.scores)))
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return kept(tmp_path, round_of([FAR, NEAR], [WHERE]))


def test_a_pair_is_explained_in_plain_words(file: Path) -> None:
    done = run("explain", WHERE.vacancy_id, "--learner", FAR.learner_id, "--round", file)
    assert done.exit_code == 0
    assert (
        "Not on the shortlist. The workplace is further than the learner can travel." in done.stdout
    )
    assert "Each of these alone gives a place here; anything less does not:" in done.stdout
    assert "miles more" in done.stdout
    again = run("explain", WHERE.vacancy_id, "--learner", NEAR.learner_id, "--round", file)
    assert again.stdout.startswith("On a place.")


def test_every_pair_of_a_scarce_market_is_explained(tmp_path: Path) -> None:
    """Also where somebody would lose their interview: that is said."""
    inputs = cohort(3, 6, 3, 1)
    packed, seen = kept(tmp_path, inputs), set()
    for one in inputs.vacancies:
        for other in inputs.learners:
            about = ("explain", one.vacancy_id, "--learner", other.learner_id, "--round", packed)
            done, facts = run(*about), json.loads(run(*about, "--json").stdout)
            assert done.exit_code == 0, done.exception
            placed = facts["standing"]["standing"] == "placed"
            loses = not placed and bool(facts["swap"] and facts["swap"]["losers"])
            assert ("would have no interview" in done.stdout) == loses, done.stdout
            seen.add(loses)
    assert seen == {True, False}


def test_an_absence_is_counted_by_reason_and_route(file: Path) -> None:
    done = run("explain", WHERE.vacancy_id, "--round", file)
    assert done.stdout.splitlines() == [
        "1 learner on a place, of 2 completers.",
        "2 trained in Engineering and manufacturing.",
        "  Too far to travel (travel-reach): 1",
    ]


def test_reports_name_nobody_unless_asked(file: Path) -> None:
    counted = run("explain", "unlock", "--round", file)
    assert "One change would place too few to show" in counted.stdout
    assert str(FAR.learner_id) not in counted.stdout
    named = run("explain", "unlock", "--learners", "--round", file)
    assert f"{FAR.learner_id}: Travels" in named.stdout
    assert f"a place on vacancy {WHERE.vacancy_id}" in named.stdout
    assert "Travels further (reach): too few to show" in named.stdout
    barred = run("explain", "barriers", "--round", file)
    assert "  Too far to travel (travel-reach): too few to show" in barred.stdout


def test_a_pledge_that_would_place_somebody_names_its_vacancy(tmp_path: Path) -> None:
    where = vacancy(1, outcode="B5", interviews=1)
    one, other = learner(1, completed_on=date(2026, 6, 1)), learner(2)
    packed = kept(tmp_path, round_of([one, other], [where]))
    said = run("explain", "unlock", "--learners", "--round", packed).stdout
    assert f": One more interview pledged, on vacancy {where.vacancy_id}" in said
    assert "The employer pledges more interviews (pledge): too few to show" in said


def test_json_has_the_same_fields_in_every_run(file: Path) -> None:
    one, two = (run("explain", "unlock", "--round", file, "--json").stdout for _ in range(2))
    assert one == two
    assert set(json.loads(one)) == {
        "by_kind", "by_month", "by_route", "completers", "market", "nothing", "rounds", "unplaced",
        "unread",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", vacancy(7).vacancy_id), "no vacancy"),
        (("explain", WHERE.vacancy_id, "--learner", vacancy(7).vacancy_id), "no learner"),
    ],
)
def test_what_cannot_be_answered_ends_in_words(
    file: Path, arguments: tuple[object, ...], words: str
) -> None:
    done = run(*arguments, "--round", file)
    assert done.exit_code in {1, 2}
    assert words in done.stderr


def test_a_file_that_is_no_round_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    done = run("explain", "unlock", "--round", other)
    assert (done.exit_code, "were not packed by us" in done.stderr) == (1, True)


def test_without_a_matcher_it_says_where_to_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("P2A_MATCHER_URL", raising=False)
    done = run("explain", "unlock")
    assert (done.exit_code, "P2A_MATCHER_URL is not set" in done.stderr) == (2, True)


class Answering(BaseHTTPRequestHandler):
    """A matcher that works something out once, then answers."""

    asked: ClassVar[list[str]] = []
    said: ClassVar[list[tuple[int, Any]]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body = self.said.pop(0)
        self.send_response(status)
        self.send_header("retry-after", "0.01")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["content-length"])).decode())
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Keep the output clean."""


@pytest.fixture
def matcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answering]]:
    Answering.asked.clear()
    Answering.said.clear()
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("P2A_MATCHER_URL", f"http://127.0.0.1:{server.server_port}")
    yield Answering
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_report_being_worked_out_is_waited_for(matcher: type[Answering]) -> None:
    table = {"cells": {}, "total": 0}
    report = {"completers": 3, "unplaced": 0, "nothing": 0, "unread": 0, "by_kind": table,
              "by_route": table, "by_month": table, "rounds": 1}  # fmt: skip
    matcher.said += [(503, {"detail": "is being worked out"}), (200, report)]
    done = run("explain", "unlock", "--market", "east")
    assert done.exit_code == 0
    assert "0 of 3 completers have no interview." in done.stdout
    assert matcher.asked == ["/v1/markets/east/unlock?learners=false"] * 2
    assert "is being worked out" in done.stderr


def test_a_market_is_told_in_figures_and_an_unknown_one_refused(matcher: type[Answering]) -> None:
    row = {"market": "east", "completers": 3, "allocated": 2, "unplaced": {"scarce": 1}}
    matcher.said += [(200, [row])] * 2
    east = run("explain", "east").stdout
    assert "east: 2 of 3 completers have an interview." in east
    assert "More learners than interviews they could have (scarce): 1" in east
    refused = run("explain", "west")
    assert (refused.exit_code, "no market is called west; there are east" in refused.stderr) == (
        2, True,
    )  # fmt: skip


def test_who_enters_and_leaves_is_listed_vacancy_by_vacancy(matcher: type[Answering]) -> None:
    """Twenty of either side, then how many more; all as JSON."""
    crowd = [str(learner(n).learner_id) for n in range(1, 24)]
    moves = [
        {"vacancy_id": "v1", "enter": crowd[:20], "leave": crowd, "reordered": False},
        {"vacancy_id": "v2", "enter": [], "leave": crowd[:1], "reordered": False},
        {"vacancy_id": "v3", "enter": [], "leave": [], "reordered": True},
    ]
    matcher.said += [(200, SAID | {"shortlists": moves})] * 2
    lines = run("whatif", "--without", "pay").stdout.splitlines()
    assert "    Care services: too few to show" in lines
    assert "    Digital: 10 -> 12 of 24" in lines
    assert lines[lines.index("  v1: 20 enter, 23 leave") + 1 :] == [
        *(f"    enters: {who}" for who in crowd[:20]),
        *(f"    leaves: {who}" for who in crowd[:20]),
        "    leaves: 3 more; --json has all",
        "  v2: 0 enter, 1 leave",
        f"    leaves: {crowd[0]}",
        "  v3: another order",
    ]
    facts = json.loads(run("whatif", "--without", "pay", "--json").stdout)
    assert facts["shortlists"] == moves


def test_a_preview_of_weights_says_how_they_are_made_to_rank(matcher: type[Answering]) -> None:
    """In the words of the preview itself, with the version that it ranked by."""
    matcher.said += [(200, SAID)] * 2
    weighed = run("whatif", "--weight", "distance=2", "--weight", "pay@care=0.5")
    assert weighed.stdout.splitlines()[-2:] == [
        "To make these weights rank: p2a model reweigh distance=2 pay@care=0.5",
        "  then p2a model activate logistic-0-abc --by ACCOUNT",
    ]
    plain = run("whatif", "--without", "pay").stdout
    assert "reweigh" not in plain
    # other weights would be marking themselves
    assert "starts to be expected of these interviews: 0.0 -> 0.0" in plain
    assert "starts to be expected" not in weighed.stdout


def test_a_refusal_of_the_matcher_is_passed_on(matcher: type[Answering]) -> None:
    matcher.said += [(422, {"detail": "no rule in force is called horoscope"})]
    done = run("whatif", "east", "--without", "horoscope")
    assert (done.exit_code, "called horoscope" in done.stderr) == (1, True)
    assert json.loads(matcher.asked[0]) == {
        "changes": [{"change": "rule-off", "rule": "horoscope"}]
    }
