"""Small checks of what people write down: postcodes, learner numbers, prior levels, routes."""

import re

from schemas.learner import ROUTES

OUTWARD = re.compile(r"^[A-Z]{1,2}[0-9][0-9A-Z]?$")
INWARD = re.compile(r"^[0-9][A-Z]{2}$")
# the postcode of people whose address nobody knows
UNKNOWN_AREA = "ZZ99"
ULN_PENDING = "9999999999"

# ILR PriorLevel: from 2021-22, and before; other (97) and unknown (98) are None, none (99) is 0
NOW = {"99": 0, "1": 0, "2": 1, "3": 2, "4": 2, "5": 3, "6": 3, "7": 4, "8": 5, "9": 6, "10": 7}
UNTIL_2021 = {"99": 0, "9": 0, "7": 0, "1": 1, "2": 2, "3": 3, "4": 4, "10": 4, "5": 5, "11": 5,
              "12": 6, "13": 7}  # fmt: skip
NEW_LEVELS_FROM = 2021

ALIASES = {
    "business and administrative": 2, "social care": 3, "construction": 5,
    "education and childcare": 8, "childcare and education": 8,
}  # fmt: skip


def outcode(postcode: str | None) -> str | None:
    """The outward part of a whole postcode; None where there is none, or it is none."""
    packed = re.sub(r"\s+", "", postcode or "").upper()
    outward, inward = packed[:-3], packed[-3:]
    if not (OUTWARD.match(outward) and INWARD.match(inward)) or outward == UNKNOWN_AREA:
        return None
    return outward


def uln_is_valid(uln: str) -> bool:
    """Whether the tenth digit fits the nine before it."""
    if not re.fullmatch(r"[0-9]{10}", uln) or uln == ULN_PENDING:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(uln, range(10, 1, -1), strict=False))
    rest %= 11
    return rest != 0 and 10 - rest == int(uln[9])


def prior_level(codes: list[str], first_year: int) -> int | None:
    """The highest level that ILR *codes* of the year beginning in *first_year* stand for."""
    table = NOW if first_year >= NEW_LEVELS_FROM else UNTIL_2021
    return max((table[code] for code in codes if code in table), default=None)


def route(text: str | None) -> int | None:
    """The number of a route's name; None for a name that is none, or is two."""
    plain = " ".join((text or "").casefold().replace("&", " and ").split())
    names = {name.casefold(): number for number, name in enumerate(ROUTES, start=1)}
    return (names | ALIASES).get(plain)
