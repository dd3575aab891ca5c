"""`p2a allocate`: two real markets to their proven optimum, and clear words for bad rows."""

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from tests.intake.shared import shared

# by another solver, and published beside the data
OPTIMA = {2017: (928, 702.3366), 2018: (927, 805.6399)}


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["allocate", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("year", [2017, 2018])
def test_real_markets_reach_the_published_optimum(year: int) -> None:
    pairs, centres = (shared(f"allocation/wpi_{year}_{name}.csv") for name in ("pairs", "centres"))
    code, out, _ = run(pairs, centres, "--json")
    facts = json.loads(out)
    assert (code, list(facts)) == (0, ["placed", "total", "proven", "matches"])
    assert (facts["placed"], facts["total"]) == OPTIMA[year]
    assert facts["proven"] is True

    rows = [line.split(",") for line in pairs.read_text().splitlines()[1:]]
    scores = {(row[0], row[1]): (float(row[2]) + float(row[3])) / 2 for row in rows}
    matches = [tuple(match) for match in facts["matches"]]
    assert len({learner for learner, _ in matches}) == len(matches) == facts["placed"]
    assert sum(scores[match] for match in matches) == pytest.approx(facts["total"], abs=1e-3)
    capacities = dict(line.split(",") for line in centres.read_text().splitlines()[1:])
    for centre, places in capacities.items():
        assert sum(other == centre for _, other in matches) <= int(places)


def tables(folder: Path, pairs: str, capacities: str) -> tuple[Path, Path]:
    paths = folder / "pairs.csv", folder / "capacities.csv"
    for path, text in zip(paths, (pairs, capacities), strict=True):
        path.write_text(text, "utf-8")
    return paths


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    lines = shared("allocation/wpi_2018_pairs.csv").read_text().splitlines()
    shuffled = lines[1:]
    random.Random(5).shuffle(shuffled)
    centres = shared("allocation/wpi_2018_centres.csv")
    other, _ = tables(tmp_path, "\n".join([lines[0], *shuffled]), "x,y")
    assert run(other, centres) == run(shared("allocation/wpi_2018_pairs.csv"), centres)


def test_headers_are_free_and_scores_may_be_of_any_size(tmp_path: Path) -> None:
    """Coverage first: the better pair gives way, so that both are placed."""
    paths = tables(
        tmp_path, "\ufeffa,b,c\nann,x, 900000\nann,y,1\n\nbo,x,2\n", "d,e\nx,1\ny,1\nz,0\n"
    )
    code, out, told = run(*paths)
    assert (code, out) == (0, "bo,x\nann,y\n")
    assert told == "2 of 2 learners placed, total score 3.0, proven optimal\n"


def test_several_scores_of_a_pair_are_averaged(tmp_path: Path) -> None:
    """The first pair has the larger score, the second the larger mean."""
    paths = tables(tmp_path, "l,v,mine,theirs\na,x,0.9,0.1\nb,x,0.6,0.5\n", "v,n\nx,1\n")
    code, out, told = run(*paths)
    assert (code, out) == (0, "b,x\n")
    assert "total score 0.55" in told


GOOD = "learner,vacancy,score\na,x,0.5\n"


@pytest.mark.parametrize(
    ("pairs", "capacities", "complaint"),
    [
        ("", "v,n\nx,1\n", "pairs.csv, line 1: a header of 3 names is needed, got []"),
        ("l,v\na,x\n", "v,n\nx,1\n", "pairs.csv, line 1: a header of 3 names is needed"),
        ("a,x,0.5\n", "v,n\nx,1\n", "pairs.csv, line 1: the first line must be a header"),
        (GOOD + "b,x\n", "v,n\nx,1\n", "pairs.csv, line 3: 3 cells are needed, got 2"),
        (GOOD + "b,,1\n", "v,n\nx,1\n", "pairs.csv, line 3: an id is empty"),
        (GOOD + "b,x,high\n", "v,n\nx,1\n", "line 3: a score is a number of 0 or more, got 'high'"),
        (GOOD + "b,x,-1\n", "v,n\nx,1\n", "line 3: a score is a number of 0 or more, got '-1'"),
        (GOOD + "b,x,nan\n", "v,n\nx,1\n", "got 'nan'"),
        (GOOD + "b,x,\n", "v,n\nx,1\n", "got ''"),
        (GOOD + "a,x,1\n", "v,n\nx,1\n", "pairs.csv, line 3: 'a', 'x' a second time"),
        (GOOD + "a,q,1\n", "v,n\nx,1\n", "pairs.csv, line 3: vacancy 'q' has no row of places"),
        (GOOD + 'b,x,"1\n', "v,n\nx,1\n", "pairs.csv, line 3: not readable as CSV"),
        (GOOD, "v,n\nx,1\nx,2\n", "capacities.csv, line 3: vacancy 'x' a second time"),
        (GOOD, "v,n\nx,1.5\n", "capacities.csv, line 2: places are a whole number, got '1.5'"),
        (GOOD, "v,n\nx,-1\n", "capacities.csv, line 2: places are a whole number, got '-1'"),
        (GOOD, "x,1\n", "capacities.csv, line 1: the first line must be a header"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_line(
    tmp_path: Path, pairs: str, capacities: str, complaint: str
) -> None:
    code, out, told = run(*tables(tmp_path, pairs, capacities), "--json")
    assert (code, out) == (1, "")
    assert complaint in told


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    pairs, capacities = tables(tmp_path, GOOD, "v,n\nx,1\n")
    pairs.write_bytes(b"learner,vacancy,score\n\xff\xfe,x,1\n")
    code, _, told = run(pairs, capacities)
    assert code == 1
    assert "pairs.csv: not UTF-8" in told


def test_a_file_that_is_not_there_is_wrong_use() -> None:
    code, _, told = run("none.csv", "none.csv")
    assert code == 2
    assert "none.csv" in told.replace("\n", "")
