"""What a folder keeps from one start to the next."""

import socket
from pathlib import Path

from services.embedded.environment import kept_ports, kept_secrets


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
