"""`p2a key`."""

from typer.testing import CliRunner

from services.cli.app import app
from services.intake.keys import KeyRing


def test_a_new_key_opens_with_the_setting_printed_beside_it() -> None:
    ran = CliRunner().invoke(app, ["key", "college-a"])
    key, setting = ran.stdout.strip(), ran.stderr.rpartition(": ")[2].strip()
    assert KeyRing.of(setting).holder(f"Bearer {key}") == "college-a"
    assert key not in setting
