"""
What may change within a version of an event.

The log is replayed, and writers and readers are deployed one after the other. So old readers meet
new events and new readers meet old ones, and a version may only gain optional fields.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

PROSE = frozenset({"title", "description", "$schema", "$defs", "$comment", "examples"})
# These hold schemas of their own, compared one by one.
NESTED = frozenset({"properties", "required", "items", "prefixItems", "anyOf"})


def breaks(old: Schema, new: Schema) -> list[str]:
    """
    Why *new* cannot take the place of *old*, a sentence for each reason; empty if it can.

    Both are whole snapshots: references are followed inside each.
    """
    return list(_breaks(_Whole(old), _Whole(new)))


class _Whole:
    """A schema with the definitions its references mean."""

    def __init__(self, schema: Schema, definitions: Schema | None = None, at: str = "") -> None:
        self.definitions: Schema = schema.get("$defs", {}) if definitions is None else definitions
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        target = str(schema.get("$ref", "")).removeprefix("#/$defs/")
        self.schema: Schema = {**self.definitions[target], **beside} if target else beside
        self.at = at

    def under(self, schema: Schema, step: str) -> "_Whole":
        return _Whole(schema, self.definitions, f"{self.at}/{step}")

    def plain(self) -> dict[str, Any]:
        """The rules that stand here, without prose and without nested schemas."""
        return {k: v for k, v in self.schema.items() if k not in PROSE | NESTED}

    def required(self) -> set[str]:
        return set(self.schema.get("required", ()))

    def fields(self) -> dict[str, "_Whole"]:
        found = self.schema.get("properties", {})
        return {name: self.under(schema, name) for name, schema in found.items()}

    def parts(self) -> dict[str, "_Whole"]:
        """Items and alternatives, by where they stand."""
        found: dict[str, _Whole] = {}
        if "items" in self.schema:
            found["*"] = self.under(self.schema["items"], "*")
        for word in ("anyOf", "prefixItems"):
            for number, schema in enumerate(self.schema.get(word, ())):
                found[f"{word}{number}"] = self.under(schema, f"{word}[{number}]")
        return found


def _breaks(old: _Whole, new: _Whole) -> Iterator[str]:
    place = old.at or "/"
    before, after = old.plain(), new.plain()
    for rule in sorted(before.keys() | after.keys()):
        if before.get(rule) != after.get(rule):
            yield f"{place}: {rule} was {before.get(rule)!r}, is {after.get(rule)!r}"
    yield from _field_breaks(old, new)
    past, present = old.parts(), new.parts()
    if past.keys() != present.keys():
        yield f"{place}: its type was made of {sorted(past)}, is made of {sorted(present)}"
    for name in past.keys() & present.keys():
        yield from _breaks(past[name], present[name])


def _field_breaks(old: _Whole, new: _Whole) -> Iterator[str]:
    past, present = old.fields(), new.fields()
    for name, field in past.items():
        if name not in present:
            yield f"{field.at}: the field is gone"
            continue
        if (name in old.required()) != (name in new.required()):
            yield f"{field.at}: a field stays required, or stays optional"
        yield from _breaks(field, present[name])
    for name in present.keys() - past.keys():
        if name in new.required():
            yield f"{present[name].at}: a new field needs a default"
