"""Postcodes, learner numbers, prior levels and routes."""

import pytest

from services.intake import checks


@pytest.mark.parametrize(
    ("postcode", "outcode"),
    [
        ("CV2 1BF", "CV2"), ("b1 1aa", "B1"), ("WV10 6QQ", "WV10"), ("EC1A1BB", "EC1A"),
        ("  B1   1AA ", "B1"), ("ZZ99 9ZZ", None), ("B1", None), ("", None), (None, None),
        ("NOT A POSTCODE", None), ("B1 AAA", None),
    ],
)  # fmt: skip
def test_the_outcode_is_the_postcode_less_three(postcode: str | None, outcode: str | None) -> None:
    assert checks.outcode(postcode) == outcode


@pytest.mark.parametrize(
    ("uln", "valid"),
    [
        ("1061485810", True), ("1061484935", False), ("8677528236", True), ("9999999999", False),
        ("1004014316", True), ("106148581", False), ("abcdefghij", False), ("0000000000", False),
    ],
)  # fmt: skip
def test_a_uln_is_checked_by_its_last_digit(uln: str, *, valid: bool) -> None:
    assert checks.uln_is_valid(uln) is valid


@pytest.mark.parametrize(
    ("codes", "year", "level"),
    [
        (["1"], 2025, 0), (["2"], 2025, 1), (["3"], 2021, 2), (["4"], 2025, 2), (["6"], 2025, 3),
        (["7"], 2025, 4), (["10"], 2025, 7), (["99"], 2025, 0), (["98"], 2025, None),
        (["97"], 2025, None), ([], 2025, None), (["1", "2"], 2025, 1), (["97", "4"], 2025, 2),
        (["1"], 2019, 1), (["2"], 2020, 2), (["3"], 2019, 3), (["7"], 2019, 0), (["9"], 2019, 0),
        (["10"], 2019, 4), (["13"], 2017, 7), (["99"], 2019, 0),
    ],
)  # fmt: skip
def test_prior_levels_go_by_the_year(codes: list[str], year: int, level: int | None) -> None:
    assert checks.prior_level(codes, year) == level


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Engineering and manufacturing", 9), ("engineering & MANUFACTURING", 9), ("Digital", 7),
        ("Social care", 3), ("Construction", 5), ("Education and childcare", 8),
        ("Health and social care", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_routes_have_numbers_and_aliases(text: str | None, number: int | None) -> None:
    assert checks.route(text) == number
