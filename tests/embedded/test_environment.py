"""What each service is told, and what a folder keeps from one start to the next."""

import socket
from pathlib import Path

import pytest

from services.embedded.environment import Addresses, environment, kept_ports, kept_secrets


def test_a_second_start_has_the_secrets_and_ports_of_the_first(tmp_path: Path) -> None:
    """Its database is sealed with the one, and its letters name the other."""
    secrets, ports = kept_secrets(tmp_path), kept_ports(tmp_path, ["review", "notifier"])
    assert kept_secrets(tmp_path) == secrets
    assert kept_ports(tmp_path, ["review", "notifier"]) == ports
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_meanwhile_is_given_up(tmp_path: Path) -> None:
    ports = kept_ports(tmp_path, ["review", "notifier"])
    with socket.create_server(("127.0.0.1", ports["review"])):
        again = kept_ports(tmp_path, ["review", "notifier"])
    assert again["review"] != ports["review"]
    assert again["notifier"] == ports["notifier"]


@pytest.mark.parametrize(
    ("service", "own"),
    [
        ("intake", {"P2A_CONTACTS_KEYS"}),
        ("matcher", set()),
        ("review", {"P2A_CONTACTS_KEYS", "P2A_INTAKE_KEY"}),
        ("notifier", {"P2A_CONTACTS_KEYS", "P2A_LINK_SECRET"}),
    ],
)
def test_a_service_is_told_its_own_secrets_alone(
    service: str, own: set[str], tmp_path: Path
) -> None:
    """The matcher could not read a name if it tried."""
    ports = dict.fromkeys(("intake", "matcher", "review", "notifier"), 1)
    at = Addresses(database="d", kafka="k", valkey="v", smtp_port=1, services=ports)
    secrets = kept_secrets(tmp_path)
    told = environment(service, at, secrets)
    assert {name for name, value in told.items() if value in secrets.values()} == own
