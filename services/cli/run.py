"""`p2a run`: one service, configured by its environment, until it is told to stop."""

import gc
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from services.delivery.settings import DeliverySettings

WRONG_USE = 2


class Service(StrEnum):
    INTAKE = "intake"
    MATCHER = "matcher"
    REVIEW = "review"
    NOTIFIER = "notifier"


def run(service: Annotated[Service, typer.Argument(help="which service to run")]) -> None:
    """Run one service in this process; its settings come from P2A_... variables."""
    from services.cli.logs import log_as_json

    settings_of: type[DeliverySettings] = import_module(f"services.{service}.settings").Settings
    try:
        settings = settings_of(_secrets_dir=os.environ.get("P2A_SECRETS_DIR"))
    except ValidationError as faults:
        print(f"p2a run {service}: the settings do not fit:", file=sys.stderr)
        for line in setting_faults(faults, settings_of):
            print(f"  {line}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
    log_as_json(service)
    _tell_failpoints()
    _serve(str(service), settings)


def _tell_failpoints() -> None:
    # before anything else imports it: armed, it says so at once, and now the log is set up
    try:
        import_module("services.delivery.failpoints")
    except ValueError as unknown:
        print(f"P2A_FAILPOINTS: {unknown}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None


def setting_faults(faults: ValidationError, settings_of: type[BaseSettings]) -> Iterator[str]:
    """One line for each wrong setting: its variable, the fault, its purpose; never its value."""
    prefix = settings_of.model_config.get("env_prefix", "")
    for fault in faults.errors(include_url=False, include_input=False, include_context=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        field = settings_of.model_fields.get(name)
        variable = f"{prefix}{name}".upper() if name else "together"
        wrong = "is not set" if fault["type"] == "missing" else f"is wrong: {fault['msg']}"
        purpose = f" ({field.description})" if field and field.description else ""
        yield f"{variable} {wrong}{purpose}"


def _serve(service: str, settings: DeliverySettings) -> None:
    import uvicorn

    app = import_module(f"services.{service}.app").build_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        # paths hold reply tokens
        access_log=False,
        server_header=False,
        # above the slowest batch
        timeout_graceful_shutdown=30,
    )
    server = uvicorn.Server(config)
    collect_rarely()
    server.run()
    if not server.started:
        raise typer.Exit(1)


def collect_rarely() -> None:
    """
    Keep garbage collection out of what is imported, and rare.

    Batches of events live just long enough to set off collections of everything: without this
    a consumer takes about half as many events a second.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
