"""What changed in a market between one round and the next."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from services.matcher.market import Learner, Pair, RoundInputs, Vacancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs that came to a set, and pairs that left it, each in order."""

    came: tuple[Pair, ...] = ()
    went: tuple[Pair, ...] = ()

    @property
    def all(self) -> frozenset[Pair]:
        return frozenset((*self.came, *self.went))

    @classmethod
    def between(cls, before: Collection[Pair], now: Collection[Pair]) -> Self:
        """What became of a set."""
        # what is a set already is not copied: there may be thousands, and two of them differ
        was, is_ = (e if isinstance(e, AbstractSet) else frozenset(e) for e in (before, now))
        return cls(came=tuple(sorted(is_ - was)), went=tuple(sorted(was - is_)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position that a coordinator gave to a pair, or took back (None)."""

    pair: Pair
    position: int | None

    @classmethod
    def between(cls, before: Mapping[Pair, int], now: Mapping[Pair, int]) -> "tuple[Place, ...]":
        """What became of the positions, in order of pairs."""
        if before == now:
            return ()
        differ = sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p))
        return tuple(cls(pair=pair, position=now.get(pair)) for pair in differ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    Changed and new rows, sorted by id, and what became of the sets of a round's inputs.

    ``again`` are vacancies whose shortlist is to be written anew though nothing else of it changed.
    """

    learners: tuple[Learner, ...] = ()
    vacancies: tuple[Vacancy, ...] = ()
    locks: Pairs = field(default_factory=Pairs)
    excluded: Pairs = field(default_factory=Pairs)
    rerouted: Pairs = field(default_factory=Pairs)
    moved: tuple[Place, ...] = ()
    again: tuple[UUID, ...] = ()

    @classmethod
    def between(cls, before: RoundInputs, now: RoundInputs) -> Self:
        """What leads from one round's inputs to another's of the same day; rows only come."""
        learners = {row.learner_id: row for row in before.learners}
        vacancies = {row.vacancy_id: row for row in before.vacancies}
        return cls(
            learners=tuple(r for r in now.learners if learners.get(r.learner_id) != r),
            vacancies=tuple(r for r in now.vacancies if vacancies.get(r.vacancy_id) != r),
            locks=Pairs.between(before.locks, now.locks),
            excluded=Pairs.between(before.excluded, now.excluded),
            rerouted=Pairs.between(before.rerouted, now.rerouted),
            moved=Place.between(before.moved, now.moved),
        )

    @property
    def rejudged(self) -> frozenset[UUID]:
        """Learners judged anew at every vacancy: changed ones, and whose refusal was taken back."""
        own = {row.learner_id for row in self.learners}
        return frozenset(own | {learner_id for learner_id, _ in self.excluded.went})

    @property
    def entering(self) -> frozenset[UUID]:
        """Learners who come into the allocation anew."""
        pairs = self.locks.all | self.rerouted.all | self.excluded.all
        return self.rejudged | {learner_id for learner_id, _ in pairs}
