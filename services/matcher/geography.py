"""How far apart two outcodes are, by our own table of centroids."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

MILE = 1609.34  # metres
EARTH = 6_371_000.0  # metres, mean radius
UNKNOWN = 0  # the number of every place we do not know


@cache
def centroids() -> dict[str, tuple[float, float]]:
    """Latitude and longitude, in degrees, of every outcode we know."""
    text = (files(__package__) / "outcodes.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["outcode"]: (float(row["lat"]), float(row["lon"])) for row in rows}


def number(outcode: str | None) -> int:
    """The row of an outcode in the table of distances; ``UNKNOWN`` for one we do not know."""
    return _numbers().get(outcode or "", UNKNOWN)


def apart(here: NDArray[np.integer], there: NDArray[np.integer]) -> NDArray[np.float32]:
    """
    Miles between places by their numbers, to one decimal, as float32 [here x there].

    NaN wherever a place is unknown: never 0, because that would be "next door".
    """
    return ways(here).take(there, axis=1)


def ways(here: NDArray[np.integer]) -> NDArray[np.float32]:
    """
    Miles to every place we know, by number: float32 [here x places].

    What is asked of the distance alone is asked here first, and then taken for each of many places.
    """
    found: NDArray[np.float32] = _table()[here]
    return found


def miles(here: Sequence[str | None], there: Sequence[str | None]) -> NDArray[np.float32]:
    """Miles between outcodes, as ``apart`` gives them."""
    return apart(
        np.array([number(place) for place in here], dtype=np.intp),
        np.array([number(place) for place in there], dtype=np.intp),
    )


def distance(here: str | None, there: str | None) -> float | None:
    """Miles between two outcodes, to one decimal; None where one is unknown."""
    between = float(_table()[number(here), number(there)])
    return None if np.isnan(between) else round(between, 1)


@cache
def _numbers() -> dict[str, int]:
    return {outcode: at for at, outcode in enumerate(centroids(), start=UNKNOWN + 1)}


@cache
def _table() -> NDArray[np.float32]:
    """Every distance there is: half a megabyte, in place of any trigonometry later."""
    places = [(np.nan, np.nan), *centroids().values()]
    radians = np.radians(np.array(places, dtype=np.float64))
    lat, lon = radians[:, 0], radians[:, 1]
    half = (
        np.sin((lat[None, :] - lat[:, None]) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat[None, :])
        * np.sin((lon[None, :] - lon[:, None]) / 2) ** 2
    )  # fmt: skip
    metres = 2 * EARTH * np.arcsin(np.sqrt(half))
    rounded: NDArray[np.float64] = np.round(metres / MILE, 1)
    return rounded.astype(np.float32)
