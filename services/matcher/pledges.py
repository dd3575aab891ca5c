"""
Joint pledges: several vacancies whose employers share one pool of interviews.

What is given out is a pledge's place, not a vacancy's. For the allocation the columns of one
pledge become one: a learner's best vacancy speaks for it, the first by row where equal, so a
learner has at most one interview of a pledge. A vacancy without a joint pledge is its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matcher.allocation import Allocation
from services.matcher.flow import Ints
from services.matcher.market import Prices, Vacancy

Block = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledges:
    """
    Which pledge each vacancy belongs to.

    ``of`` (int64 [vacancies]) is its number; pledges are numbered by their first vacancy.
    ``first`` (int64 [pledges]) are those vacancies; ``joint`` the vacancy rows, rising, of each
    pledge that has more than one.
    """

    of: Ints
    first: Ints
    joint: dict[int, Ints]

    def merged(self, block: Block) -> Block:
        """
        *block* [learners x vacancies], of any learners, as [learners x pledges]: the best of each.

        Without a joint pledge it is *block* itself, not a copy.
        """
        if not self.joint:
            return block
        out = block[:, self.first]
        for pledge, members in self.joint.items():
            out[:, pledge] = block[:, members].max(axis=1)
        return out

    def chosen(self, values: NDArray[np.signedinteger], learners: Ints, pledges: Ints) -> Ints:
        """The vacancy rows that speak for these learners and pledges; *values* are unmerged."""
        vacancies = self.first[pledges]
        for pledge, members in self.joint.items():
            at = np.flatnonzero(pledges == pledge)
            best = values[np.ix_(learners[at], members)].argmax(axis=1)
            vacancies[at] = members[best]
        return vacancies

    def barred(self, values: Block, learners: Ints, vacancies: Ints, mark: int = -1) -> None:
        """Write *mark* for each learner at all vacancies of that vacancy's pledge, in place."""
        values[learners, vacancies] = mark
        for pledge, members in self.joint.items():
            at = learners[self.of[vacancies] == pledge]
            values[np.ix_(at, members)] = mark

    def given(self, made: Allocation, values: NDArray[np.signedinteger]) -> Allocation:
        """An allocation of the pledges as one of the vacancies, prices too."""
        if not self.joint:
            return made
        vacancies = self.chosen(values, made.learners, made.vacancies)
        order = np.lexsort((vacancies, made.learners))
        return replace(
            made,
            learners=made.learners[order],
            vacancies=vacancies[order],
            prices=made.prices and self.priced(made.prices),
        )

    def priced(self, prices: Prices) -> Prices:
        """Prices of pledges as prices of the vacancies in them."""
        return replace(prices, gains=prices.gains[self.of], losses=prices.losses[self.of])


def pledges_of(vacancies: Sequence[Vacancy]) -> Pledges:
    """The pledges of *vacancies*; those closed belong to theirs all the same."""
    joined = [row.profile.joint_pledge for row in vacancies]
    if not any(joined):
        own = np.arange(len(vacancies), dtype=np.int64)
        return Pledges(of=own, first=own, joint={})
    names = [name or row.vacancy_id for name, row in zip(joined, vacancies, strict=True)]
    numbers: dict[object, int] = {}
    of = np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
    first = np.unique(of, return_index=True)[1].astype(np.int64)
    many = np.flatnonzero(np.bincount(of, minlength=len(first)) > 1)
    joint = {int(pledge): np.flatnonzero(of == pledge).astype(np.int64) for pledge in many}
    return Pledges(of=of, first=first, joint=joint)


def pledged(vacancies: Sequence[Vacancy], pledges: Pledges) -> Ints:
    """
    Interviews of each vacancy's pledge, int64 [vacancies].

    Where the members of a joint pledge claim different numbers, the smallest counts.
    """
    own = np.array([row.profile.interviews for row in vacancies], dtype=np.int64)
    for members in pledges.joint.values():
        own[members] = own[members].min()
    return own


def places(vacancies: Iterable[Vacancy]) -> int:
    """Interviews pledged on *vacancies*, the pool of a joint pledge once."""
    pools: dict[object, int] = defaultdict(lambda: 2**31)
    for row in vacancies:
        key = row.profile.joint_pledge or row.vacancy_id
        pools[key] = min(pools[key], row.profile.interviews)
    return sum(pools.values())
