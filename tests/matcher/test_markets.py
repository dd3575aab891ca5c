"""Which market a place belongs to."""

import pytest

from services.matcher.markets import Markets

MARKETS = Markets(default="rest", places={"CV": "coventry", "B": "birmingham", "CV37": "stratford"})


@pytest.mark.parametrize(
    ("outcode", "market"),
    [
        ("CV1", "coventry"),
        ("CV37", "stratford"),
        ("B1", "birmingham"),
        ("BS1", "rest"),
        ("ZZ9", "rest"),
        (None, "rest"),
    ],
)
def test_a_place_is_in_one_market_always(outcode: str | None, market: str) -> None:
    """The outcode goes before its area; who is nowhere is in the default market."""
    assert MARKETS.market_of(outcode) == market
