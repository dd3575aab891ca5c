"""`p2a demo` as people start it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from services.embedded.sample import write_sample
from tests.embedded import children
from tests.embedded.folders import reachable
from tests.flow.cohort import matched
from tests.matcher.maximum import rounds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SMALL = ["--learners", "24", "--vacancies", "8", "--seed", "5"]
TOLD = {
    "learners", "completers", "vacancies", "pledged_places", "allocated", "unplaced", "shortlists",
    "approved", "letters_sent", "replies", "interviews_booked", "dead_letters", "seconds",
}  # fmt: skip


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where temporary folders go."""
    with reachable() as path:
        yield path


def started(scratch: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", "demo", *SMALL, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(scratch), "P2A_DATABASE_URL": "must not be used"},
    )  # fmt: skip


def test_the_same_seed_comes_to_the_same_figures(scratch: Path, database: str) -> None:
    today = datetime.now(UTC).date()
    both = [started(scratch, "--once", "--json") for _ in range(2)]
    ends = [(process.communicate(timeout=220), process.returncode) for process in both]
    assert [code for _, code in ends] == [0, 0], ends
    one, other = (json.loads(out) for (out, _), _ in ends)
    assert one.keys() >= TOLD
    assert one.pop("seconds") > 0
    assert other.pop("seconds") > 0
    assert one == other
    assert 0 < one["interviews_booked"] <= one["allocated"] <= one["pledged_places"]
    assert one["allocated"] + one["unplaced"]["count"] == one["completers"]
    assert one["letters_sent"]["employer"] >= one["shortlists"] > 0
    assert (one["dead_letters"], one["letters_failed"], one["quarantined"]) == (0, 0, 2)
    assert children.using(scratch) == []
    assert list(scratch.iterdir()) == []
    assert one["allocated"] == asyncio.run(_most_placed(scratch, database, today))


async def _most_placed(folder: Path, database: str, today: date) -> int:
    """By scipy, on the eligible pairs of the same cohort, taken in by the same functions."""
    paths = write_sample(folder, learner_count=24, vacancy_count=8, seed=5, today=today)
    async with matched(paths, database, today) as matcher:
        made = await rounds(matcher)
    return sum(most for _, most in made)


def test_a_person_is_told_where_to_go_and_ctrl_c_leaves_nothing(scratch: Path) -> None:
    process = started(scratch)
    try:
        assert process.stdout is not None
        told = dict(process.stdout.readline().split(maxsplit=1) for _ in range(5))
        assert "Coordinator A" in httpx.get(f"{told['Console'].strip()}/sign-in").text
        assert httpx.get(told["Letters"].strip()).is_success
        assert "Ctrl-C" in told["Stop"]
        assert process.stdout.readline() == "\n"
        first, then = (process.stdout.readline() for _ in range(2))
        assert "console" in first
        assert "Letters" in then
        assert len(children.using(scratch)) >= 4
        process.send_signal(signal.SIGINT)
        _, steps = process.communicate(timeout=40)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    first = re.search(r"The first shortlists are there after (\d+) s", steps)
    assert first
    assert int(first[1]) < 60
    assert children.using(scratch) == []
    assert list(scratch.iterdir()) == []
