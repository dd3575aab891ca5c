"""`p2a whatif` on a kept round: changes, groups, and what cannot be asked."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.matcher.cohorts import learner, round_of, vacancy
from tests.matcher.test_explain_command import FAR, NEAR, WHERE, kept, run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return kept(tmp_path, round_of([FAR, NEAR], [WHERE]))


def test_a_change_shows_who_enters_and_the_figures(file: Path, tmp_path: Path) -> None:
    done = run("whatif", "--limit", "travel-reach.usual_miles=50", "--without", "travel-reach",
               "--round", file)  # fmt: skip
    assert "completers with an interview: 1 -> 2" in done.stdout
    lines = done.stdout.splitlines()
    at = lines.index(f"  {WHERE.vacancy_id}: 1 enter, 0 leave")
    assert lines[at + 1 :] == [f"    enters: {FAR.learner_id}"]
    answers = tmp_path / "answers.csv"
    answers.write_text(f"learner_id,sex\n{FAR.learner_id},f\n{NEAR.learner_id},m\n")
    with_groups = run("whatif", "--without", "travel-reach", "--groups", answers, "--round", file)
    assert "sex, f: too few to show" in with_groups.stdout
    assert "Of 2 learners with an answer in the file, 2 are completers of" in with_groups.stdout


def test_a_change_of_coverage_by_group_is_said_in_figures(tmp_path: Path) -> None:
    """Fourteen women wait longest, out of reach: without the rule they come before the men."""
    long, short = date(2026, 6, 1), date(2026, 9, 1)
    far = [learner(n, completed_on=long, max_miles=10, outcode="WV1") for n in range(1, 15)]
    near = [learner(n, completed_on=long) for n in range(15, 25)]
    others = [learner(n, completed_on=short) for n in range(25, 51)]
    where = vacancy(1, outcode="B5", interviews=30)
    file = kept(tmp_path, round_of([*far, *near, *others], [where]))
    answers = tmp_path / "answers.csv"
    groups = [(row, "f") for row in (*far, *near)] + [(row, "m") for row in others]
    lines = [f"{row.learner_id},{group}" for row, group in groups]
    answers.write_text("\n".join(["learner_id,sex", *lines]))

    asked = ("whatif", "--without", "travel-reach", "--groups", answers, "--round", file)
    said = run(*asked).stdout
    assert "completers with an interview: 30 -> 30" in said
    assert "  sex, f: 42% -> 100% selected\n    0.54 -> 1.00 of the highest group's" in said
    assert "  sex, m: 77% -> 23% selected; below 0.8: to be looked at\n    1.00 -> 0.23 of" in said

    women, men = json.loads(run(*asked, "--json").stdout)["groups"]
    assert (women["people"], women["before"], women["after"]) == (24, 0.417, 1.0)
    assert (men["people"], men["before"], men["after"]) == (26, 0.769, 0.231)
    assert (women["flagged"], men["flagged"]) == (False, True)


def test_a_file_of_nobody_in_the_market_compares_nothing(file: Path, tmp_path: Path) -> None:
    """It must not end as if the groups had been looked at."""
    answers = tmp_path / "answers.csv"
    answers.write_text("learner_id,sex\nL0001,f\nL0002,m\n")
    asked = ("whatif", "--without", "travel-reach", "--groups", answers, "--round", file)
    done = run(*asked)
    assert done.exit_code == 1
    assert done.stdout.endswith(
        "Of 2 learners with an answer in the file, 0 are completers of this market. "
        "So nothing could be compared.\n"
    )
    assert "no group could be compared" in done.stderr
    said = json.loads(run(*asked, "--json").stdout)
    assert (said["groups"], said["met"]) == ([], {"learners": 2, "completers": 0})


def test_every_kind_of_change_can_be_asked(file: Path, tmp_path: Path) -> None:
    more = tmp_path / "vacancy.json"
    facts = WHERE.profile.model_dump(mode="json")
    more.write_text(json.dumps({"vacancy_id": str(vacancy(9).vacancy_id), "vacancy": facts}))
    done = run("whatif", "--weight", "distance=2", "--interviews", f"{WHERE.vacancy_id}=-1",
               "--vacancy", more, "--round", file, "--json")  # fmt: skip
    said = json.loads(done.stdout)
    assert (said["before"]["places"], said["after"]["places"]) == (2, 3)
    assert said["groups"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say what would change"),
        (("--weight", "distance"), "is not FEATURE=TIMES"),
        (("--weight", "age=2"), "no feature is called age"),
        (("--weight", "distance=many"), "'many' is not a number from 0 to 10"),
        (("--without", "horoscope"), "no rule in force is called horoscope"),
        (("--limit", "travel-reach=20"), "travel-reach has modes, usual_miles, from, until; "),
        (("--limit", "travel-reach=20"), "; write it as travel-reach.usual_miles=20\n"),
        (("--limit", "travel-reach=a,b"), "; write it as travel-reach.modes=a,b\n"),
        (("--limit", "dates=2"), "; write it as dates.NAME=2\n"),
        (("--interviews", "abc=2"), "abc is no vacancy's id"),
        (("--interviews", f"{WHERE.vacancy_id}=some"), "some is no number of interviews"),
        (("--interviews", f"{WHERE.vacancy_id}=some"), f"write it as {WHERE.vacancy_id}=2 or"),
    ],
)
def test_what_cannot_be_tried_says_what_was_got_and_how_to_write_it(
    file: Path, arguments: tuple[object, ...], words: str
) -> None:
    done = run("whatif", *arguments, "--round", file)
    assert done.exit_code in {1, 2}
    assert words in done.stderr


def test_a_vacancy_that_cannot_be_says_where(file: Path, tmp_path: Path) -> None:
    more = tmp_path / "vacancy.json"
    facts = WHERE.profile.model_dump(mode="json") | {"interviews": "some"}
    more.write_text(json.dumps({"vacancy_id": str(vacancy(9).vacancy_id), "vacancy": facts}))
    done = run("whatif", "--vacancy", more, "--round", file)
    assert (done.exit_code, f"{more}: vacancy.interviews: " in done.stderr) == (1, True)
