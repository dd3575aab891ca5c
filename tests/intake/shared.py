"""The real sample data, which lies beside the repository and not in it."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
RETURN_2526 = "ilr/ILR-99999999-2526-20250108-094401-01.xml"
RETURN_1920 = "ilr/ILR-99999999-1920-20190626-144401-01.xml"
DETAIL = "vacancies/find-an-apprenticeship-detail.json"
CLEAN = "vacancies/recruitment-api-clean.json"
DISCRIMINATORY = "vacancies/recruitment-api-discriminatory.json"


def shared(name: str) -> Path:
    """Where the file is; without it the test is skipped, which CI counts as a failure."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"../shared/data/{name} is not beside the repository")
    return path
