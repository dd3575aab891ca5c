"""What is wrong with a record, place by place, without repeating what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.intake.statements import RowUnreadable

# messages that name the choices or limits, never the value
TELLING = {"missing", "enum", "literal_error", "string_too_long", "string_too_short",
           "greater_than_equal", "less_than_equal", "greater_than", "less_than"}  # fmt: skip
PLAIN = {
    "string_pattern_mismatch": "is not written as it must be",
    "date_from_datetime_parsing": "is not a date: write YYYY-MM-DD",
    "date_parsing": "is not a date: write YYYY-MM-DD",
    "datetime_from_date_parsing": "is not a date-time",
    "timezone_aware": "is not a date-time with its zone",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "decimal_parsing": "is not a number",
    "bool_parsing": "is not yes or no",
    "string_type": "is not text",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a JSON pointer, a stable code, and words."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Faulty(RowUnreadable):
    """A record with faults; the first one's code is the rule."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        words = "; ".join(f"{fault.pointer or 'the record'} {fault.detail}" for fault in faults)
        super().__init__(faults[0].code, words)
        self.faults = tuple(faults)


def faulty(error: ValidationError) -> Faulty:
    """Pydantic's *error* in our words; no value of the input is in it."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return Faulty([placed(fault["loc"], fault["type"], fault["msg"]) for fault in found])


def placed(loc: tuple[Any, ...], kind: str, message: str) -> Fault:
    """Pydantic's fault of type *kind* at *loc*, in our words."""
    pointer = "".join(f"/{part}" for part in loc)
    if kind == "missing":
        return Fault(pointer, "missing", "is missing" if message == "Field required" else message)
    words = PLAIN.get(kind, message if kind in TELLING else "is not valid")
    return Fault(pointer, "wrong", words[:1].lower() + words[1:])
