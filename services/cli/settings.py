"""`p2a settings`: every variable that configures a service, as the classes declare it."""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from importlib import import_module
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.cli.run import Service
from services.delivery.settings import DeliverySettings

INTRODUCTION = """\
# Settings

Every service reads its settings from variables named `P2A_...`, once, when `p2a run` starts it. A
variable may instead be a file of the same name, in small letters, in the folder that
`P2A_SECRETS_DIR` names: that is for secrets. What is missing or wrong is told all at once,
without its value, and the service does not start. This page is `p2a settings`, written by `make
schemas`.
"""
HEAD = ("| variable | kind | unless set | is |", "|---|---|---|---|")


def settings() -> None:
    """Print every setting of every service, as the Markdown page of the documentation."""
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
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin is Union or type(annotation).__name__ == "UnionType":
        for part in get_args(annotation):
            yield from _kinds(part)
    elif origin is Literal:
        yield ", ".join(f"`{value}`" for value in get_args(annotation))
    elif origin is not None:
        inside = ", ".join(k for part in get_args(annotation) for k in _kinds(part) if k != "...")
        yield f"{origin.__name__} of {inside}"
    elif annotation is type(None):
        yield "nothing"
    else:
        yield _words(annotation)


def _words(annotation: Any) -> str:  # noqa: ANN401 - annotations have no common type
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation in plain:
        return plain[annotation]
    if annotation is SecretStr:
        return "secret"
    if annotation is timedelta:
        return "ISO 8601 duration"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return str(getattr(annotation, "__name__", annotation))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    if field.default is PydanticUndefined or field.default in (None, "", ()):
        return "-"
    if isinstance(field.default, timedelta):
        return f"{field.default.total_seconds():g} s"
    return f"`{field.default}`"
