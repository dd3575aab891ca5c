"""deploy/compose.yaml says to each service what its settings ask, and no more."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from services.cli.run import Service
from services.cli.settings import settings_of

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]


@pytest.mark.parametrize("service", list(Service))
def test_a_service_gets_what_it_must_be_told_and_nothing_it_does_not_know(
    service: Service,
) -> None:
    fields = settings_of(service).model_fields
    known = {f"P2A_{name.upper()}": field.is_required() for name, field in fields.items()}
    given = set(SERVICES[service]["environment"])
    assert {name for name, required in known.items() if required} - given == set()
    assert given - known.keys() == set()


def test_the_matcher_has_no_key_to_personal_data() -> None:
    assert "CONTACTS" not in str(SERVICES["matcher"])


def test_each_service_connects_as_its_own_role() -> None:
    for service in Service:
        assert f"//p2a_{service}:" in SERVICES[service]["environment"]["P2A_DATABASE_URL"]


def test_every_variable_asked_for_is_in_the_example_and_the_other_way_round() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    asked = re.findall(r"\$\{(\w+)", text)
    assert set(asked) == set(dotenv_values(DEPLOY / "example.env"))
    assert text.count(":?see deploy/example.env}") == len(asked)


def test_every_service_waited_for_exists_and_can_give_the_sign() -> None:
    """The loader does not look: a wait for a health check that is not there lasts for ever."""
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            healthy = wait["condition"] == "service_healthy"
            assert ("healthcheck" in SERVICES[other]) is healthy, f"{name} waits for {other}"


def test_images_have_versions() -> None:
    for name, service in SERVICES.items():
        image = service["image"]
        assert "build" in service or re.search(r":v?[0-9]", image), f"{name} uses {image}"


def test_files_that_are_mounted_exist() -> None:
    mounts = [m for s in SERVICES.values() for m in s.get("volumes", ()) if m.startswith("./")]
    assert mounts
    assert all((DEPLOY / mount.split(":")[0]).exists() for mount in mounts)
