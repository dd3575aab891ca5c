"""Which market a place belongs to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_AREA = re.compile(r"^[A-Z]{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """
    Markets by outcode (``CV1``) or postcode area (``CV``); the outcode goes first.

    A place that is in none of them, or unknown, is in *default*: nobody is dropped.
    """

    default: str
    places: Mapping[str, str] = field(default_factory=dict)

    def market_of(self, outcode: str | None) -> str:
        """The market of *outcode*."""
        if outcode is None:
            return self.default
        area = _AREA.match(outcode)
        by_area = self.places.get(area[0], self.default) if area else self.default
        return self.places.get(outcode, by_area)
