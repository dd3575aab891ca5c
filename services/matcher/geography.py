"""How far apart two outcodes are, by our own table of centroids."""

import csv
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matcher.columns import Rows

Here = TypeVar("Here")
There = TypeVar("There")

MILE = 1609.34  # metres
EARTH = 6_371_000.0  # metres, mean radius


@cache
def centroids() -> dict[str, tuple[float, float]]:
    """Latitude and longitude, in degrees, of every outcode we know."""
    text = (files(__package__) / "outcodes.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["outcode"]: (float(row["lat"]), float(row["lon"])) for row in rows}


def number(outcode: str | None) -> int:
    """The place of an outcode in the table of distances; one past all known if it is not known."""
    known = _numbers()
    return known.get(outcode or "", len(known))


def between(
    here: Rows[Here], there: Rows[There], number_of: Callable[[Here | There], int]
) -> NDArray[np.float32]:
    """
    Miles between rows, to one decimal, as float32 [here x there]; NaN where a place is unknown.

    *number_of* gives a row's `number`; it is asked once a row.
    """
    rows, columns = here.column(number_of, np.intp), there.column(number_of, np.intp)
    table = _table()
    few = len(rows) < len(table)  # the smaller cut first
    apart: NDArray[np.float32] = table[rows][:, columns] if few else table[:, columns][rows]
    return apart


def miles(here: Sequence[str | None], there: Sequence[str | None]) -> NDArray[np.float32]:
    """
    Miles between places, to one decimal, as float32 [here x there].

    NaN wherever a place is unknown: never 0, because that would be "next door".
    """
    return between(Rows(here), Rows(there), number)


@lru_cache(maxsize=2**16)
def distance(here: str | None, there: str | None) -> float | None:
    """Miles between two outcodes, to one decimal; None where one is unknown."""
    apart = float(_table()[number(here), number(there)])
    return None if np.isnan(apart) else round(apart, 1)


@cache
def _numbers() -> dict[str, int]:
    return {outcode: at for at, outcode in enumerate(centroids())}


@cache
def _table() -> NDArray[np.float32]:
    """Miles between all outcodes we know; the last row and column are of those we do not."""
    places = np.radians(np.array([*centroids().values(), (np.nan, np.nan)], dtype=np.float64))
    return _haversine(places, places)


def _haversine(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float32]:
    lat_a, lon_a, lat_b, lon_b = here[:, :1], here[:, 1:], there[:, 0], there[:, 1]
    half = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    metres = 2 * EARTH * np.arcsin(np.sqrt(half))
    rounded: NDArray[np.float64] = np.round(metres / MILE, 1)
    return rounded.astype(np.float32)
