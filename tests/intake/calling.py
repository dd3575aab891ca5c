"""Calling intake as a sender does."""

from typing import Any

import httpx
from fastapi import FastAPI

from services.intake.app import build_app
from services.intake.keys import new_key
from services.intake.settings import Settings
from tests.intake import make

KEY = new_key("test")
LEARNER = {
    "ukprn": make.UKPRN, "reference": "L0001", "as_of": "2026-11-18T09:00:00Z",
    "given_name": "Zebedee", "family_name": "Markerson", "email": "zebedee@example.org",
    "date_of_birth": "2001-05-05", "programme": "p2a", "aim": "P2AWELD2",
    "started_on": "2026-06-01", "status": "continuing", "postcode": "B1 1AA",
    "something_new": {"nobody": "knows"},
}  # fmt: skip


def app_on(url: str, **settings: Any) -> FastAPI:
    return build_app(
        Settings.model_validate(
            {
                "database_url": url,
                "kafka_bootstrap": "127.0.0.1:9",
                "valkey_url": "redis://127.0.0.1:9",
                "contacts_keys": make.KEY,
                "intake_keys": f"provider={KEY.digest}",
                **settings,
            }
        )
    )


def client_of(app: FastAPI, key: str | None = KEY.key) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers)


def binary(**attributes: str) -> dict[str, str]:
    said = {"specversion": "1.0", "id": "e1", "source": "/provider", "time": "2026-11-18T09:00:00Z",
            "type": "p2a.LearnerRecorded.v1", **attributes}  # fmt: skip
    headers = {f"ce-{name}": value for name, value in said.items()}
    return headers | {"Content-Type": "application/json"}
