"""`p2a run` says everything that is wrong with the settings at once, and no value."""

import os
import subprocess
import sys
from typing import Annotated

import pytest
from pydantic import Field, PositiveInt, ValidationError

from services.cli.run import setting_faults
from services.delivery.settings import DeliverySettings


class Wanted(DeliverySettings):
    contacts_keys: str = Field(description="the keys of personal data")
    window: Annotated[PositiveInt, Field(description="minutes to undo")] = 15


def test_every_fault_is_named_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2A_WINDOW", "-77")
    monkeypatch.setenv("P2A_DATABASE_URL", "mysql://someone:secret@nowhere/db")
    with pytest.raises(ValidationError) as faults:
        Wanted()  # type: ignore[call-arg]
    lines = list(setting_faults(faults.value, Wanted))
    assert "P2A_CONTACTS_KEYS is not set (the keys of personal data)" in lines
    assert "P2A_KAFKA_BOOTSTRAP is not set" in "\n".join(lines)
    assert any(line.startswith("P2A_WINDOW is wrong:") for line in lines)
    assert any(line.startswith("P2A_DATABASE_URL is wrong:") for line in lines)
    assert "secret" not in "\n".join(lines)
    assert "-77" not in "\n".join(lines)


@pytest.mark.parametrize("service", ["intake", "matcher", "review", "notifier"])
def test_a_service_without_settings_refuses_to_start(service: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("P2A_")}
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "run", service],
        env=environment, capture_output=True, text=True, check=False, timeout=25,
    )  # fmt: skip
    assert done.returncode == 2
    assert "P2A_DATABASE_URL is not set" in done.stderr
    assert "P2A_KAFKA_BOOTSTRAP is not set" in done.stderr
    assert "Traceback" not in done.stderr
