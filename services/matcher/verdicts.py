"""What the facts about each match say of its pair: read again only for those that changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.matcher.market import Learner, Pair, Vacancy, match_id
from services.matcher.matches import MatchFacts, withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    One match's: ``locked`` in its place, ``excluded``, ``refused`` by the employer.

    ``given_up`` is why a locked match cannot go on; ``position`` one that a coordinator gave;
    ``missed_at`` when its interview was missed, if it was.
    """

    pair: Pair
    locked: bool
    excluded: bool
    refused: bool
    position: int | None
    given_up: str | None
    missed_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Verdicts:
    """The verdicts of a market on a day, and the sets of pairs they come to."""

    today: date
    locks: set[Pair] = field(default_factory=set)
    excluded: set[Pair] = field(default_factory=set)
    refused: set[Pair] = field(default_factory=set)
    moved: dict[Pair, int] = field(default_factory=dict)
    given_up: dict[Pair, str] = field(default_factory=dict)
    latest: datetime | None = None
    _nobodys: set[UUID] = field(default_factory=set)  # matches whose learner is not known yet
    _of: dict[UUID, Verdict] = field(default_factory=dict)
    _matches: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def about(self, ids: Iterable[UUID]) -> set[UUID]:
        """The matches of the learners and vacancies with these *ids*, and those of nobody yet."""
        return self._nobodys.union(*(self._matches.get(each, ()) for each in ids))

    def missed(self, vacancy_id: UUID) -> datetime | None:
        """When an interview of the vacancy was last missed."""
        verdicts = (
            self._of[each] for each in self._matches.get(vacancy_id, ()) if each in self._of
        )
        return max((each.missed_at for each in verdicts if each.missed_at), default=None)

    def read(
        self,
        matches: Iterable[MatchFacts],
        learners: Mapping[UUID, Learner],
        vacancies: Mapping[UUID, Vacancy],
    ) -> None:
        """Read *matches* again, as they, their learners and vacancies are now."""
        for match in matches:
            self._forget(match.match_id)
            learner_id = match.learner_id or _whose(match, learners)
            if learner_id is None:
                self._nobodys.add(match.match_id)
            else:
                self._keep(match, learner_id, learners, vacancies)

    def _keep(
        self,
        match: MatchFacts,
        learner_id: UUID,
        learners: Mapping[UUID, Learner],
        vacancies: Mapping[UUID, Vacancy],
    ) -> None:
        pair = (learner_id, match.vacancy_id)
        locked, vacancy = match.locked(self.today), vacancies[match.vacancy_id]
        why = withdrawal(match, learners.get(learner_id), vacancy, self.today) if locked else None
        verdict = Verdict(
            pair=pair,
            locked=locked and why is None,
            excluded=match.excluded,
            refused=match.excluded and match.employer == "declined",
            position=match.moved_to(),
            given_up=why,
            missed_at=match.interview_at if match.interview == "missed" else None,
        )
        self._of[match.match_id] = verdict
        for side in pair:
            self._matches[side].add(match.match_id)
        for holds, pairs in self._sets(verdict):
            if holds:
                pairs.add(pair)
        if verdict.position:
            self.moved[pair] = verdict.position
        if why:
            self.given_up[pair] = why
        if match.latest:
            self.latest = max(self.latest or match.latest, match.latest)

    def _forget(self, key: UUID) -> None:
        self._nobodys.discard(key)
        verdict = self._of.pop(key, None)
        if verdict is not None:
            for _, pairs in self._sets(verdict):
                pairs.discard(verdict.pair)
            self.moved.pop(verdict.pair, None)
            self.given_up.pop(verdict.pair, None)

    def _sets(self, verdict: Verdict) -> tuple[tuple[bool, set[Pair]], ...]:
        return (
            (verdict.locked, self.locks),
            (verdict.excluded, self.excluded),
            (verdict.refused, self.refused),
        )


def _whose(match: MatchFacts, learners: Mapping[UUID, Learner]) -> UUID | None:
    """The learner of a match that names none, found among the market's."""
    for learner_id in learners:
        if match_id((learner_id, match.vacancy_id)) == match.match_id:
            return learner_id
    return None
