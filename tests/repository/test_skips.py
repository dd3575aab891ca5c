"""In CI a skipped test is a failed one: a suite that could not run must not look green."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.tree import ROOT

SKIPS = {
    "test_when_it_runs": "import pytest\n\ndef test_x():\n    pytest.skip('no broker there')\n",
    "test_by_a_mark": "import pytest\n\n@pytest.mark.skip(reason='later')\ndef test_x(): pass\n",
    "test_when_read": "import pytest\n\npytest.skip('no broker', allow_module_level=True)\n",
}


@pytest.mark.parametrize(("ci", "verdict"), [("true", "1 failed, 2 errors"), ("", "3 skipped")])
def test_a_skip_fails_in_ci_and_nowhere_else(tmp_path: Path, ci: str, verdict: str) -> None:
    """A skip in a test, by a mark, and of a whole module: each counts."""
    for name, content in SKIPS.items():
        (tmp_path / f"{name}.py").write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider",
         "--continue-on-collection-errors", f"--rootdir={tmp_path}", "-c", os.devnull,
         f"--basetemp={tmp_path / 'its-own'}", tmp_path],
        cwd=ROOT, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"= {verdict} in " in done.stdout
    assert (done.returncode == 0) is (ci == "")
