"""What the documents say is there."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from schemas import EVENTS
from services.cli.app import app
from services.cli.run import Service
from services.cli.settings import reference, settings_of
from tests.repository.tree import ROOT, text_of, tracked

PAGES = tracked("*.md")


def test_every_setting_is_documented() -> None:
    assert text_of(Path("docs/settings.md")) == reference() + "\n", "run `make schemas`"


def test_durations_are_written_as_the_page_says() -> None:
    duration = TypeAdapter(timedelta)
    line = next(line for line in reference().splitlines() if "Durations are" in line)
    examples = re.findall(r"`(P[^`]+)`", line.partition("Durations")[2])
    assert len([duration.validate_strings(example) for example in examples]) == 3


@pytest.mark.parametrize("service", list(Service))
def test_every_setting_says_what_it_is_for(service: Service) -> None:
    fields = settings_of(service).model_fields
    assert [name for name, field in fields.items() if not field.description] == []


@pytest.mark.parametrize("service", list(Service))
def test_a_secret_has_no_value_in_the_code(service: Service) -> None:
    fields = settings_of(service).model_fields.values()
    secrets = [field for field in fields if "SecretStr" in str(field.annotation)]
    assert all(field.is_required() or field.default is None for field in secrets)


def test_every_event_has_a_row() -> None:
    page = text_of(Path("docs/architecture/events.md"))
    assert [e.__name__ for e in EVENTS if f"| `{e.__name__}` v{e.version} |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text_of(page))
    assert [link for link in links if not (ROOT / page.parent / link).exists()] == []


def test_make_alone_prints_every_target_that_the_documents_name() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    printed = {line.split()[0] for line in done.stdout.splitlines()}
    named = {t for page in PAGES for t in re.findall(r"[`\n]make ([a-z][a-z-]+)", text_of(page))}
    assert {"demo", "test"} <= named
    assert named - printed == set()


def test_the_documents_name_commands_that_exist() -> None:
    commands = {command.name for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    named = {c for page in PAGES for c in re.findall(r"[`\n]p2a ([a-z][a-z-]+)", text_of(page))}
    assert "run" in named
    assert named - commands == set()


def test_decisions_are_numbered_listed_and_say_all_they_must() -> None:
    decisions = [p for p in PAGES if p.parent.name == "decisions" and p.stem != "README"]
    numbers = [path.name[:4] for path in decisions]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    listed = re.findall(r"\]\((\S+)\)", text_of(Path("docs/decisions/README.md")))
    assert [name for name in listed if name[0].isdigit()] == sorted(p.name for p in decisions)
    for path in decisions:
        words = text_of(path).lower()
        for part in ("context", "decision", "consequences", "rejected", "revisit when"):
            assert part in words, f"{path} does not say: {part}"
