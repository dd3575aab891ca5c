"""What people decided about the pairs of a market, kept up to date step by step."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from services.matcher.market import Pair, RoundInputs
from services.matcher.steps import Pairs, Step

Sides = defaultdict[UUID, set[UUID]]


@dataclass(slots=True, kw_only=True)
class Decided:
    """
    The sets of a round's inputs, as of the last step.

    ``locks_of`` are the vacancies of a learner's locks, ``locks_at`` the learners of a vacancy's;
    who has none is in neither. ``excluded_of`` and ``excluded_at`` are the same of refused pairs.
    """

    locks: set[Pair]
    excluded: set[Pair]
    rerouted: set[Pair]
    moved: dict[Pair, int]
    locks_of: Sides = field(default_factory=lambda: defaultdict(set))
    locks_at: Sides = field(default_factory=lambda: defaultdict(set))
    excluded_of: Sides = field(default_factory=lambda: defaultdict(set))
    excluded_at: Sides = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, inputs: RoundInputs) -> Self:
        """Those a round began with."""
        own = cls(locks=set(), excluded=set(), rerouted=set(), moved=dict(inputs.moved))
        own.take(
            Step(
                locks=Pairs.between((), inputs.locks),
                excluded=Pairs.between((), inputs.excluded),
                rerouted=Pairs.between((), inputs.rerouted),
            )
        )
        return own

    def take(self, step: Step) -> None:
        """Go on by one step."""
        _become(self.locks, step.locks)
        _become(self.excluded, step.excluded)
        _become(self.rerouted, step.rerouted)
        _told_apart(step.locks, self.locks_of, self.locks_at)
        _told_apart(step.excluded, self.excluded_of, self.excluded_at)
        for place in step.moved:
            self.moved.pop(place.pair, None)
            if place.position is not None:
                self.moved[place.pair] = place.position


def _become(pairs: set[Pair], change: Pairs) -> None:
    pairs.difference_update(change.went)
    pairs.update(change.came)


def _told_apart(change: Pairs, of: Sides, at: Sides) -> None:
    """The same by either side."""
    for pair in change.went:
        for sides, (key, other) in ((of, pair), (at, pair[::-1])):
            sides[key].discard(other)
            if not sides[key]:
                del sides[key]
    for learner_id, vacancy_id in change.came:
        of[learner_id].add(vacancy_id)
        at[vacancy_id].add(learner_id)
