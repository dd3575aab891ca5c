"""
Sectors: the 15 occupational routes grouped the way employers of the scheme are.

Each has weights of its own, because what makes a start likely differs between a care home and a
workshop. Work whose route is not known is in none.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from services.matcher.columns import Rows
from services.matcher.market import Vacancy

NO_SECTOR = 0

# route numbers are those of schemas.learner.ROUTES, 1 the first
SECTORS: Mapping[str, tuple[int, ...]] = {
    "agriculture": (1,),
    "business": (2, 12),
    "care": (3, 11),
    "hospitality": (4,),
    "construction": (5,),
    "creative": (6,),
    "digital": (7,),
    "education": (8,),
    "engineering": (9,),
    "hair": (10,),
    "protective": (13,),
    "sales": (14,),
    "logistics": (15,),
}
NUMBERS: Mapping[str, int] = {name: number for number, name in enumerate(SECTORS, start=1)}
_OF_ROUTE = {route: NUMBERS[name] for name, routes in SECTORS.items() for route in routes}


def of_route(route: int | None) -> int:
    """The number of a route's sector; NO_SECTOR where the route is not known."""
    return _OF_ROUTE.get(route or 0, NO_SECTOR)


def sector_of(vacancy: Vacancy) -> int:
    """The number of a vacancy's sector."""
    return of_route(vacancy.profile.route)


def sectors_of(vacancies: Rows[Vacancy]) -> NDArray[np.intp]:
    """The number of each vacancy's sector, [vacancies]."""
    return vacancies.column(sector_of, np.intp)
