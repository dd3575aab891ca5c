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

    ``locks_of`` are the vacancies of a learner's locks, ``locks_at`` the learners of a vacancy's.
    """

    locks: set[Pair]
    excluded: set[Pair]
    rerouted: set[Pair]
    moved: dict[Pair, int]
    locks_of: Sides = field(default_factory=lambda: defaultdict(set))
    locks_at: Sides = field(default_factory=lambda: defaultdict(set))

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
        for learner_id, vacancy_id in step.locks.went:
            self.locks_of[learner_id].discard(vacancy_id)
            self.locks_at[vacancy_id].discard(learner_id)
        for learner_id, vacancy_id in step.locks.came:
            self.locks_of[learner_id].add(vacancy_id)
            self.locks_at[vacancy_id].add(learner_id)
        for place in step.moved:
            self.moved.pop(place.pair, None)
            if place.position is not None:
                self.moved[place.pair] = place.position


def _become(pairs: set[Pair], change: Pairs) -> None:
    pairs.difference_update(change.went)
    pairs.update(change.came)
