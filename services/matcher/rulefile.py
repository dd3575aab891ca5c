"""
The rules' file, read: which rules there are, with which limits, from when and for whom.

    RulesUnreadable   the file does not say what it must; the message says where
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from schemas.learner import Key, Route
from services.matcher.scopes import Ambiguous, Entry, Rule, Ruling

SCOPE = frozenset({"on", "from", "until", "programmes", "sectors"})
_PROGRAMMES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Key, ...])
_SECTORS: TypeAdapter[dict[str, frozenset[int]]] = TypeAdapter(dict[Key, frozenset[Route]])


class RulesUnreadable(Exception):
    """The rules' file does not say what it must; the message says where."""


@dataclass(frozen=True, slots=True)
class Written:
    """The file's own version, and what it says of each rule it switches on."""

    version: str
    rulings: tuple[Ruling, ...]


def read(raw: bytes, known: Sequence[type[Rule]], *, name: str) -> Written:
    """What *raw*, of a file called *name*, says of the rules *known*, in their order."""
    try:
        tables = tomllib.loads(raw.decode())
    except ValueError as error:
        raise RulesUnreadable(f"{name}: {error}") from error
    version = tables.pop("version", None)
    if not isinstance(version, str):
        raise RulesUnreadable(f"version: text is needed, got {version!r}")
    sectors = _checked(_SECTORS, tables.pop("sectors", {}), "sectors")
    if unknown := tables.keys() - {rule.id for rule in known}:
        raise RulesUnreadable(f"no rule is called {', '.join(sorted(unknown))}")
    found = [_ruling(rule, tables[rule.id], sectors) for rule in known if rule.id in tables]
    return Written(version, tuple(each for each in found if any(e.rule for e in each.entries)))


def _ruling(rule: type[Rule], said: object, sectors: Mapping[str, frozenset[int]]) -> Ruling:
    tables = said if isinstance(said, list) else [said]
    names = [rule.id] if len(tables) == 1 else [
        f"entry {at} of {rule.id}" for at in range(1, len(tables) + 1)
    ]  # fmt: skip
    entries = []
    for name, table in zip(names, tables, strict=True):
        if not isinstance(table, dict):
            raise RulesUnreadable(f"{name}: a table is needed, got {table!r}")
        entries.append(_entry(rule, table, name, sectors))
    try:
        return Ruling(rule.id, tuple(entries))
    except Ambiguous as error:
        raise RulesUnreadable(str(error)) from error


def _entry(
    rule: type[Rule], table: Mapping[str, Any], name: str, sectors: Mapping[str, frozenset[int]]
) -> Entry:
    limits = {key: value for key, value in table.items() if key not in SCOPE}
    if unknown := limits.keys() - set(getattr(rule, "__dataclass_fields__", ())):
        raise RulesUnreadable(f"{name} has no setting {', '.join(sorted(unknown))}")
    since, until = _day(table, name, "from", date.min), _day(table, name, "until", date.max)
    if since >= until:
        raise RulesUnreadable(f"{name} ends on {until}, not after its start on {since}")
    on = table.get("on", True)
    if not isinstance(on, bool):
        raise RulesUnreadable(f"{name}.on: true or false is needed, got {on!r}")
    return Entry(
        name=name,
        # what is off may leave its limits out
        rule=_checked(TypeAdapter(rule), limits, name) if on else None,
        since=since,
        until=until,
        programmes=frozenset(_listed(table, name, "programmes")),
        routes=frozenset().union(
            *(_sector(sectors, sector, name) for sector in _listed(table, name, "sectors"))
        ),
    )


def _listed(table: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
    if key not in table:
        return ()
    listed: tuple[str, ...] = _checked(_PROGRAMMES, table[key], f"{name}.{key}")
    if not listed:
        # nobody is a scope nobody means
        raise RulesUnreadable(f"{name}.{key}: name some, or leave it out for all")
    return listed


def _sector(sectors: Mapping[str, frozenset[int]], sector: str, name: str) -> frozenset[int]:
    if not sectors.get(sector):
        raise RulesUnreadable(f"{name}.sectors: [sectors] gives no routes for {sector}")
    return sectors[sector]


def _day(table: Mapping[str, Any], name: str, key: str, otherwise: date) -> date:
    day = table.get(key, otherwise)
    if type(day) is not date:
        raise RulesUnreadable(f"{name}.{key}: a date is needed, got {day!r}")
    return day


def _checked(shape: TypeAdapter[Any], value: object, name: str) -> Any:  # noqa: ANN401 - any limits
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        where = ", ".join(f"{_place(e['loc'])}{e['msg']}" for e in error.errors())
        raise RulesUnreadable(f"{name}: {where}") from error


def _place(location: tuple[int | str, ...]) -> str:
    return f"{location[0]}: " if location else ""
