"""The real sample data."""

from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
RETURN_2526 = "ilr/ILR-99999999-2526-20250108-094401-01.xml"
RETURN_1920 = "ilr/ILR-99999999-1920-20190626-144401-01.xml"
DETAIL = "vacancies/find-an-apprenticeship-detail.json"
CLEAN = "vacancies/recruitment-api-clean.json"
DISCRIMINATORY = "vacancies/recruitment-api-discriminatory.json"


def shared(name: str) -> Path:
    """Where the file is; tests/data/README.md says where it comes from."""
    return DATA / name
