"""How a weight is written after a command: FEATURE=TIMES, or FEATURE@SECTOR=TIMES."""

from typing import Any

from services.cli.asking import WRONG_USE, ended

SHAPE = "FEATURE=TIMES"
IN_SECTOR = "FEATURE@SECTOR: in that sector alone"


def parts(command: str, given: str, shape: str) -> tuple[str, str]:
    """What stands before the first = and after it; ends *command* where *given* is not *shape*."""
    name, found, value = given.partition("=")
    if not found or not name or not value:
        ended(command, f"{given!r} is not {shape}", WRONG_USE)
    return name, value


def weight(command: str, given: str) -> dict[str, Any]:
    """The change of a weight, as a preview takes it; ends *command* where it is none."""
    from pydantic import ValidationError

    from services.matcher.whatif import Weight

    name, times = parts(command, given, SHAPE)
    name, _, sector = name.partition("@")
    where = {"sector": sector} if sector else {}
    said = {"change": "weight", "feature": name, "times": times, **where}
    try:
        Weight.model_validate(said)
    except ValidationError:
        ended(command, f"{given}: {times!r} is not a number from 0 to 10", WRONG_USE)
    return said
