"""Speaking of an error without repeating anybody's data."""

import re
import traceback

from pydantic import ValidationError

FIELD_NAME = re.compile(r"[a-z_]{1,40}")
SHOWN_FIELDS = 5
SHOWN_FRAMES = 6


def reason(error: BaseException) -> str:
    """
    The error in words that hold nothing of the event: class, code, fields, never values.

    Messages of errors are left out on purpose: PostgreSQL's quote the row, pydantic's the input.
    """
    if isinstance(error, ValidationError):
        return "; ".join(_field_reasons(error))
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's own
    return f"{type(cause).__name__} {getattr(cause, 'sqlstate', None) or ''}".strip()


def frames(error: BaseException) -> list[str]:
    """Where *error* was raised, innermost last, as ``file:line function``."""
    found = traceback.extract_tb(error.__traceback__)[-SHOWN_FRAMES:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in found]


def _field_reasons(error: ValidationError) -> list[str]:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{_field(d['loc'])}: {d['type']}" for d in details[:SHOWN_FIELDS]]
    more = len(details) - len(shown)
    return [*shown, f"and {more} more"] if more else shown


def _field(place: tuple[int | str, ...]) -> str:
    # a key of a mapping stands in the place too, and may be anything
    return "/" + "/".join(
        str(part) if isinstance(part, int) or FIELD_NAME.fullmatch(part) else "?" for part in place
    )
