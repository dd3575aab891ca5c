"""The P2A_... variables of the services when everything runs on this machine."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet

from services.embedded.processes import free_port, listening

SECRETS = "secrets.json"
PORTS = "ports.json"
# what the console calls intake with; intake itself knows only its hash
INTAKE_KEY = "P2A_INTAKE_KEY"
CONTACTS_KEYS = "P2A_CONTACTS_KEYS"
LINK_SECRET = "P2A_LINK_SECRET"  # noqa: S105 - the name of it
# what a child may keep of our own environment; P2A_... of the caller must not reach it
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything is."""

    database: str
    kafka: str
    valkey: str
    smtp_port: int
    services: Mapping[str, int]

    def url(self, service: str) -> str:
        """Where *service* answers."""
        return f"http://127.0.0.1:{self.services[service]}"


def environment(service: str, at: Addresses, hidden: Mapping[str, str]) -> dict[str, str]:
    """
    Everything *service* is told, and of the secrets only its own.

    The same for the same addresses and secrets.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    everybody = {
        "PYTHONUNBUFFERED": "1",
        "P2A_DATABASE_URL": at.database,
        "P2A_KAFKA_BOOTSTRAP": at.kafka,
        "P2A_VALKEY_URL": at.valkey,
        "P2A_HOST": "127.0.0.1",
        "P2A_PORT": str(at.services[service]),
        "P2A_PUBLIC_URL": at.url(service),
    }
    return kept | everybody | _own(at, hidden)[service]


def _own(at: Addresses, hidden: Mapping[str, str]) -> dict[str, dict[str, str]]:
    contacts = {CONTACTS_KEYS: hidden[CONTACTS_KEYS]}
    return {
        "intake": contacts
        | {"P2A_INTAKE_KEYS": f"demo={sha256(hidden[INTAKE_KEY].encode()).hexdigest()}"},
        # it must not read contacts: no key opens them to it
        "matcher": {},
        "review": contacts
        | {
            "P2A_MATCHER_URL": at.url("matcher"),
            "P2A_INTAKE_URL": at.url("intake"),
            INTAKE_KEY: hidden[INTAKE_KEY],
            "P2A_EMBEDDED": "true",
            "P2A_SIGN_IN": "development",
        },
        "notifier": contacts
        | {
            LINK_SECRET: hidden[LINK_SECRET],
            "P2A_SMTP_HOST": "127.0.0.1",
            "P2A_SMTP_PORT": str(at.smtp_port),
            "P2A_MAIL_FROM": "Placements <placements@example.org>",
            "P2A_HELP_PHONE": "0121 496 0100",
        },
    }


def kept_secrets(folder: Path) -> dict[str, str]:
    """
    The secret settings of a demonstration in *folder*, made at the first call.

    Kept, because a second start on the same database must still read its people.
    """
    file = folder / SECRETS
    if not file.exists():
        made = {
            CONTACTS_KEYS: Fernet.generate_key().decode(),
            LINK_SECRET: secrets.token_urlsafe(32),
            INTAKE_KEY: f"p2a_demo_{secrets.token_urlsafe(24)}",
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
    found: dict[str, str] = json.loads(file.read_text())
    return found


def kept_ports(folder: Path, services: Iterable[str]) -> dict[str, int]:
    """
    A free port for each of *services*, those of the last start in *folder* where they still are.

    Kept, because links in letters that were sent name them.
    """
    file = folder / PORTS
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    ports = {
        name: before[name] if name in before and not listening(before[name]) else free_port()
        for name in services
    }
    file.write_text(json.dumps(ports))
    return ports
