"""What adverts ask of English and maths, however they write it."""

from typing import Any

import pytest

from services.intake.dfe import Qualification
from services.intake.levels import asked


def wish(**said: Any) -> Qualification:
    return Qualification(**({"qualificationType": "GCSE", "subject": "English"} | said))


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({"grade": "4"}, 2),
        ({"grade": "3"}, 1),
        ({"grade": "9-4"}, 2),
        ({"grade": "4 / C or above"}, 2),
        ({"grade": "A*-C"}, 2),
        ({"grade": "D or above"}, 1),
        ({"grade": "Pass"}, 2),
        ({}, 2),
        ({"qualificationType": "GCSE or equivalent", "subject": "English Language"}, 2),
        ({"qualificationType": "A Level", "grade": "C"}, 3),
        ({"qualificationType": "Other", "otherQualificationName": "Functional Skills Level 1"}, 1),
        ({"qualificationType": "Functional Skills", "grade": "Level 2"}, 2),
        ({"qualificationType": "Functional Skills", "grade": "Entry Level 3"}, 0),
        ({"qualificationType": "Other", "level": 2}, 2),
        # nobody can tell, or it is more than a school subject
        ({"qualificationType": "Other", "grade": "Good"}, None),
        ({"qualificationType": "Degree", "level": 6}, None),
        ({"subject": "History", "grade": "4"}, None),
    ],
)
def test_a_qualification_in_english_is_a_level_or_nothing(
    said: dict[str, Any], level: int | None
) -> None:
    found = asked([wish(**said)])
    assert found["english"] == ({"level": level, "essential": False} if level is not None else None)
    assert found["maths"] is None


def test_of_several_wishes_the_one_called_essential_stands() -> None:
    found = asked(
        [
            wish(subject="Mathematics", grade="3", weighting="Essential"),
            wish(subject="Maths", grade="6", weighting="Desired"),
            wish(grade="3", weighting="Desired"),
            wish(grade="5", weighting="Desired"),
        ]
    )
    assert found["maths"] == {"level": 1, "essential": True}
    assert found["english"] == {"level": 2, "essential": False}
