"""The level of English and maths an advert asks for, from the qualifications it lists."""

import re
from collections.abc import Iterable
from typing import Any

from services.intake.dfe import Qualification

SUBJECTS = {"english": "english", "math": "maths"}
LOWEST_NUMBER = 4  # the grade of a GCSE that is Level 2; below it, it is Level 1
LOWEST_LETTER = "C"


def asked(qualifications: Iterable[Qualification]) -> dict[str, dict[str, Any] | None]:
    """
    What is asked of each subject, ``{"level": 2, "essential": True}``, or None.

    Of several wishes one called essential stands, of equal ones the highest level. A
    qualification whose level nobody can tell asks nothing here: it is shown all the same.
    """
    found: dict[str, tuple[bool, int] | None] = dict.fromkeys(SUBJECTS.values())
    for said in qualifications:
        level, essential = _level(said), (said.weighting or "").casefold() == "essential"
        for part, subject in SUBJECTS.items():
            if level is not None and part in (said.subject or "").casefold():
                found[subject] = max(found[subject] or (False, 0), (essential, level))
    return {
        subject: {"level": wish[1], "essential": wish[0]} if wish else None
        for subject, wish in found.items()
    }


def _level(said: Qualification) -> int | None:
    """0 to 3, by DfE's table of equal qualifications."""
    kind = f"{said.qualification_type or ''} {said.other_qualification_name or ''}".casefold()
    if "gcse" in kind:
        return _of_grade(said.grade or "")
    if re.search(r"\ba\W?level", kind):
        return 3
    if said.level is not None:
        return said.level if 0 <= said.level <= 3 else None  # noqa: PLR2004 - Level 3
    words = f"{kind} {said.subject or ''} {said.grade or ''}".casefold()
    if "entry" in words:
        return 0
    named = re.search(r"level\s*([123])\b", words)
    return int(named.group(1)) if named else None


def _of_grade(grade: str) -> int:
    """The level of the lowest grade named; a GCSE without one is asked for as a pass."""
    if numbers := [int(digit) for digit in re.findall(r"\b[1-9]\b", grade)]:
        return 2 if min(numbers) >= LOWEST_NUMBER else 1
    letters = re.findall(r"\b[A-G]\b", grade.upper())
    return 1 if letters and max(letters) > LOWEST_LETTER else 2
