"""Nothing in the repository depends on the machine it was written on."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.tree import ROOT, text_of, tracked

# A folder of somebody's machine, at the start of a path.
MACHINE = re.compile(r"(^|[^\w.:/}-])/(work|farm|root|home|Users)/", re.MULTILINE)
REGISTRY = re.compile(
    r"index-url[ =]+https?:|\"resolved\": *\"|^ *registry *=|<reposi[t]ory>", re.MULTILINE
)
MODULES = """
import importlib, pkgutil, schemas, services
for package in (schemas, services):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
"""


@pytest.mark.parametrize("path", tracked(), ids=str)
def test_no_file_names_a_folder_of_a_machine_or_a_registry(path: Path) -> None:
    if path == Path(__file__).relative_to(ROOT):
        return
    assert not MACHINE.search(text_of(path))
    assert not REGISTRY.search(text_of(path))


def test_the_python_lock_has_hashes_and_no_address() -> None:
    lock = text_of(Path("requirements.lock"))
    assert "://" not in lock
    entries = re.split(r"\n(?=\w)", lock)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_node_lock_has_hashes_and_no_address() -> None:
    packages = json.loads(text_of(Path("package-lock.json")))["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []


def test_every_module_imports_with_an_empty_environment() -> None:
    """Settings are read when a service starts, never by an import."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MODULES],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.split()) > 50
