"""How far apart two outcodes are, by our own table of centroids."""

import csv
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

MILE = 1609.34  # metres
EARTH = 6_371_000.0  # metres, mean radius


@cache
def centroids() -> dict[str, tuple[float, float]]:
    """Latitude and longitude, in degrees, of every outcode we know."""
    text = (files(__package__) / "outcodes.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["outcode"]: (float(row["lat"]), float(row["lon"])) for row in rows}


def miles(here: Sequence[str | None], there: Sequence[str | None]) -> NDArray[np.float32]:
    """
    Miles between places, to one decimal, as float32 [here x there].

    NaN wherever a place is unknown: never 0, because that would be "next door".
    """
    # people share outcodes: a small table, then a look-up for each pair
    names_a, index_a = np.unique([place or "" for place in here], return_inverse=True)
    names_b, index_b = np.unique([place or "" for place in there], return_inverse=True)
    table: NDArray[np.float32] = _haversine(_radians(names_a), _radians(names_b))
    return table[index_a][:, index_b]


@lru_cache(maxsize=2**16)
def distance(here: str | None, there: str | None) -> float | None:
    """Miles between two outcodes, to one decimal; None where one is unknown."""
    apart = float(miles([here], [there])[0, 0])
    return None if np.isnan(apart) else round(apart, 1)


def _radians(names: NDArray[np.str_]) -> NDArray[np.float64]:
    known, nowhere = centroids(), (np.nan, np.nan)
    found = [known.get(str(name), nowhere) for name in names]
    return np.radians(np.array(found, dtype=np.float64).reshape(-1, 2))


def _haversine(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float32]:
    lat_a, lon_a, lat_b, lon_b = here[:, :1], here[:, 1:], there[:, 0], there[:, 1]
    half = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    metres = 2 * EARTH * np.arcsin(np.sqrt(half))
    rounded: NDArray[np.float64] = np.round(metres / MILE, 1)
    return rounded.astype(np.float32)
