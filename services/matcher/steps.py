"""What changed in a market between one round and the next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.matcher.market import Learner, Pair, Vacancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs that came to a set, and pairs that left it."""

    came: frozenset[Pair] = frozenset()
    went: frozenset[Pair] = frozenset()

    @property
    def all(self) -> frozenset[Pair]:
        return self.came | self.went

    @classmethod
    def between(cls, before: Collection[Pair], now: Collection[Pair]) -> "Pairs":
        """What became of a set."""
        was, is_ = frozenset(before), frozenset(now)
        return cls(came=is_ - was, went=was - is_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    Changed and new rows, sorted by id, and what became of the sets of a round's inputs.

    ``moved`` are positions given or taken back (None) since. ``again`` are vacancies whose
    shortlist is to be written anew although nothing else of it changed.
    """

    learners: tuple[Learner, ...] = ()
    vacancies: tuple[Vacancy, ...] = ()
    locks: Pairs = field(default_factory=Pairs)
    excluded: Pairs = field(default_factory=Pairs)
    rerouted: Pairs = field(default_factory=Pairs)
    moved: Mapping[Pair, int | None] = field(default_factory=dict)
    again: frozenset[UUID] = frozenset()

    @property
    def rejudged(self) -> frozenset[UUID]:
        """Learners all of whose pairs are judged anew: themselves changed, or what is refused."""
        own = {row.learner_id for row in self.learners}
        return frozenset(own | {learner_id for learner_id, _ in self.excluded.all})

    @property
    def entering(self) -> frozenset[UUID]:
        """Learners who come into the allocation anew."""
        pairs = self.locks.all | self.rerouted.all
        return self.rejudged | {learner_id for learner_id, _ in pairs}
