"""`p2a key`: an API key for somebody who sends records to intake."""

import sys
from typing import Annotated

import typer


def key(
    name: Annotated[str, typer.Argument(help="whose key it is, as in P2A_INTAKE_KEYS")],
    environment: Annotated[str, typer.Option(help="a word inside the key")] = "live",
) -> None:
    """Make an API key for intake: shown once, with what to add to P2A_INTAKE_KEYS."""
    from services.intake.keys import new_key

    made = new_key(environment)
    print(made.key)
    print(f"add to P2A_INTAKE_KEYS: {name}={made.digest}", file=sys.stderr)
