"""The import contracts bite: a planted import breaks the one it should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.tree import ROOT, tracked

LINT = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in tracked("services/*.py", "schemas/*.py", "pyproject.toml"):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("matcher/rules.py", "services.contacts.store", "The matcher cannot see a name"),
        # not even through a module that both may use
        ("delivery/outbox.py", "services.contacts.store", "The matcher cannot see a name"),
        ("matcher/allocation.py", "sqlalchemy", "Pure modules know no framework"),
        ("matcher/handlers.py", "aiokafka", "Handlers and posting know no Kafka"),
        ("review/app.py", "services.embedded.postgres", "Only the command line starts embedded"),
        ("notifier/app.py", "services.review.app", "Layers: services know nothing of each other"),
    ],
)
def test_a_planted_import_breaks_its_contract(
    copy: Path, module: str, planted: str, contract: str
) -> None:
    file = copy / "services" / module
    file.write_text(f"{file.read_text('utf-8')}\nimport {planted}\n", "utf-8")
    done = subprocess.run(
        [LINT, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    verdicts = [line for line in done.stdout.splitlines() if line.startswith(contract)]
    assert verdicts
    assert verdicts[0].endswith("BROKEN")
