"""Distances between outcodes, checked against figures worked out elsewhere."""

from itertools import combinations
from math import asin, cos, radians, sin, sqrt

import numpy as np
import pytest

from services.matcher.geography import EARTH, MILE, centroids, distance, miles


@pytest.mark.parametrize(
    ("here", "there", "expected"), [("B1", "CV1", 17.6), ("B1", "WV1", 11.4), ("WS1", "DY1", 6.6)]
)
def test_known_distances_either_way(here: str, there: str, expected: float) -> None:
    assert distance(here, there) == distance(there, here) == expected


def test_an_unknown_place_is_unknown_and_never_next_door() -> None:
    """B99, WV98 and WV99 have no area; None is a learner who gave no place."""
    for unknown in ("B99", "WV98", "WV99", None):
        assert distance(unknown, "B1") is distance("B1", unknown) is None
        assert distance(unknown, unknown) is None
    assert np.isnan(miles(["B1", None], ["B99"])).all()


def test_a_table_of_distances_is_that_of_its_pairs() -> None:
    here, there = ["B1", "CV6", "B1", None], ["WV1", "B5"]
    table = miles(here, there)
    assert (table.shape, table.dtype) == ((4, 2), np.float32)
    for i, a in enumerate(here):
        for j, b in enumerate(there):
            assert distance(a, b) == (None if a is None else round(float(table[i, j]), 1))


def test_the_whole_scheme_area_is_known() -> None:
    counts: dict[str, int] = {}
    for outcode in centroids():
        area = outcode.rstrip("0123456789")
        counts[area] = counts.get(area, 0) + 1
    assert sum(counts[area] for area in ("B", "CV", "DY", "WS", "WV")) == 146
    assert all(51 < lat < 54 and -5 < lon < 1 for lat, lon in centroids().values())


def test_no_distance_is_so_near_to_the_next_tenth_that_another_machine_would_round_it_there() -> (
    None
):
    """
    Sines are the only arithmetic behind a line that machines may do otherwise in the last bits.

    Here by the C library; those bits are some 1e-12 of a tenth of a mile.
    """
    for (here, a), (there, b) in combinations(centroids().items(), 2):
        lat, other = radians(a[0]), radians(b[0])
        half = sin((other - lat) / 2) ** 2
        half += cos(lat) * cos(other) * sin(radians(b[1] - a[1]) / 2) ** 2
        tenths = 2 * EARTH * asin(sqrt(half)) / MILE * 10
        assert abs(tenths % 1 - 0.5) > 1e-6, (here, there)
        assert distance(here, there) == round(tenths) / 10
