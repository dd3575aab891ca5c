"""
The rules with one of them changed, without a file: to see what that would do.

    RuleUnknown   no such rule, or it has no such limit
"""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.matcher.rules import EXCLUDED, Rules
from services.matcher.scopes import Ambiguous, Entry, Rule, Ruling

DATES = ("from", "until")


class RuleUnknown(Exception):
    """No such rule, or it has no such limit."""


def without(rules: Rules, rule: str) -> Rules:
    """*rules* without *rule*, whatever its dates; raises RuleUnknown."""
    _known(rules, rule)
    rest = tuple(each for each in rules.rulings if each.id != rule)
    return replace(rules, rulings=rest, version=f"{rules.version}-without-{rule}")


def with_limit(rules: Rules, rule: str, name: str, value: object) -> Rules:
    """
    *rules* with another limit of *rule* in all its entries, or their day ``from`` or ``until``.

    *value* may be text, as somebody wrote it. Raises RuleUnknown.
    """
    _known(rules, rule)
    rulings = tuple(
        _changed(each, name, value) if each.id == rule else each for each in rules.rulings
    )
    return replace(rules, rulings=rulings, version=f"{rules.version}-{rule}.{name}={value}")


def limits(rules: Rules, rule: str) -> dict[str, Any]:
    """The limits of *rule* by name, of its first entry; none where there is no such rule."""
    for ruling in rules.rulings:
        for each in ruling.entries:
            if ruling.id == rule and is_dataclass(each.rule):
                return {field.name: getattr(each.rule, field.name) for field in fields(each.rule)}
    return {}


def _known(rules: Rules, rule: str) -> None:
    if rule == EXCLUDED or rule not in rules.ids:
        known = ", ".join(name for name in dict.fromkeys(rules.ids) if name != EXCLUDED)
        raise RuleUnknown(f"no rule in force is called {rule}; there are {known}")


def _changed(ruling: Ruling, name: str, value: object) -> Ruling:
    try:
        entries = tuple(_entry(each, name, value) for each in ruling.entries)
        return Ruling(ruling.id, entries)
    except ValidationError as error:
        raise RuleUnknown(f"{ruling.id}.{name}: {error.errors()[0]['msg']}") from error
    except Ambiguous as error:
        raise RuleUnknown(f"{ruling.id}.{name}: {error}") from error


def _entry(entry: Entry, name: str, value: object) -> Entry:
    if name in DATES:
        day = TypeAdapter(date).validate_python(value)
        return replace(entry, since=day) if name == "from" else replace(entry, until=day)
    if entry.rule is None:
        return entry
    kept = {f.name: getattr(entry.rule, f.name) for f in fields(entry.rule)}  # type: ignore[arg-type]  # every rule is a dataclass
    rule = entry.rule.id
    there = f"{rule} has {', '.join((*kept, *DATES))}"
    if not name:
        example = next((each for each in kept if _fits(entry.rule, kept | {each: value})), "NAME")
        given = ",".join(map(str, value)) if isinstance(value, tuple) else value
        raise RuleUnknown(
            f"{rule}={given} does not say which limit of {rule}: {there}; "
            f"write it as {rule}.{example}={given}"
        )
    if name not in kept:
        raise RuleUnknown(f"{rule} has no limit {name}; {there}")
    made = TypeAdapter(type(entry.rule)).validate_python(kept | {name: value})
    return replace(entry, rule=made)


def _fits(rule: Rule, limits: dict[str, object]) -> bool:
    try:
        TypeAdapter(type(rule)).validate_python(limits)
    except ValidationError:
        return False
    return True
