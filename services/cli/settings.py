"""`p2a settings`: every variable that configures a service, as the classes declare it."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import PostgresDsn, RedisDsn, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.cli.run import Service
from services.delivery.settings import DeliverySettings

INTRODUCTION = """\
# Settings

Every service reads its settings from variables named `P2A_...`, once, when `p2a run` starts it. A
variable may instead be a file of the same name, in small letters, in the folder that
`P2A_SECRETS_DIR` names: that is for secrets. What is missing or wrong is told all at once,
without its value, and the service does not start. Durations are ISO 8601: `PT20S`, `PT15M`, `P90D`.
This page is `p2a settings`, written by `make schemas`.
"""
KINDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "file",
    SecretStr: "secret",
    timedelta: "duration",
    PostgresDsn: "PostgreSQL address",
    RedisDsn: "Valkey address",
}
HEAD = ("| variable | kind | unless set | is |", "|---|---|---|---|")


def settings() -> None:
    """Print every setting of every service, in Markdown."""
    print(reference())


def reference() -> str:
    """The page: a table of what all services share, then one a service of what it adds."""
    sections = [("Every service", _rows(DeliverySettings))]
    for service in Service:
        cls = settings_of(service)
        own = {n: f for n, f in cls.model_fields.items() if n not in DeliverySettings.model_fields}
        sections.append((str(service), _rows(cls, own)))
    tables = ["\n".join([f"## {title}", "", *HEAD, *rows]) for title, rows in sections if rows]
    return "\n\n".join([INTRODUCTION.strip(), *tables])


def settings_of(service: Service) -> type[DeliverySettings]:
    """The settings class of *service*."""
    found: type[DeliverySettings] = import_module(f"services.{service}.settings").Settings
    return found


def _rows(cls: type[DeliverySettings], fields: dict[str, FieldInfo] | None = None) -> list[str]:
    prefix = cls.model_config.get("env_prefix", "")
    chosen = cls.model_fields if fields is None else fields
    return [
        f"| `{prefix}{name.upper()}` | {' or '.join(_kinds(field.annotation))} "
        f"| {_default(field)} | {field.description or ''} |"
        for name, field in chosen.items()
    ]


def _kinds(annotation: Any) -> Iterator[str]:  # noqa: ANN401 - annotations have no common type
    """What may be written there, in words; None is what stands there without it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin is Union or type(annotation).__name__ == "UnionType":
        for part in get_args(annotation):
            yield from _kinds(part)
    elif origin is Literal:
        yield ", ".join(f"`{value}`" for value in get_args(annotation))
    elif origin is not None:
        yield "JSON object" if origin is dict else "JSON list"
    elif annotation is not type(None):
        yield KINDS.get(annotation, str(getattr(annotation, "__name__", annotation)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    if field.default is PydanticUndefined or field.default in (None, "", ()):
        return "-"
    return f"`{TypeAdapter(object).dump_json(field.default).decode().strip(chr(34))}`"
