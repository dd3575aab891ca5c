"""What of a round is news: shortlists that differ from those last published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from schemas.match import MatchWithdrawn, ShortlistProposed
from schemas.vacancy import VacancyProfile
from services.matcher.archive import digest
from services.matcher.market import Outcome, Pair, Shortlist, match_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundStamp:
    """Which round says it, when, and by which versions."""

    round_id: UUID
    at: datetime
    market: str
    rules_version: str
    model_version: str
    model_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The shortlist last published for a vacancy; ``digest`` tells whether a new one differs."""

    vacancy_id: UUID
    version: int
    round_id: UUID
    digest: str
    placed: tuple[UUID, ...] = ()
    reserves: tuple[UUID, ...] = ()


def changed(
    outcome: Outcome,
    profiles: Mapping[UUID, VacancyProfile],
    known: Mapping[UUID, Published],
    stamp: RoundStamp,
) -> Iterator[tuple[Published, ShortlistProposed]]:
    """
    The shortlists that are news, as kept and as published.

    A change of learners, their order, or the vacancy's facts is news; of a score or a lock is
    not. A vacancy's first shortlist always is, even an empty one: it says why nobody is on it.
    """
    for shortlist in outcome.shortlists:
        profile = profiles[shortlist.vacancy_id]
        row = _row(shortlist, profile, known.get(shortlist.vacancy_id), stamp)
        if row is not None:
            yield row, _proposed(shortlist, profile, row, stamp)


def dropped(
    outcome: Outcome, known: Mapping[UUID, Published], stamp: RoundStamp
) -> list[Published]:
    """
    The rows of vacancies that have no shortlist any more, emptied.

    Their closing was news enough. Should they open again, their next shortlist is news too.
    """
    alive = {shortlist.vacancy_id for shortlist in outcome.shortlists}
    return [
        replace(row, round_id=stamp.round_id, digest="", placed=(), reserves=())
        for vacancy_id, row in known.items()
        if vacancy_id not in alive and row.digest
    ]


def withdrawn(given_up: Mapping[Pair, str], stamp: RoundStamp) -> list[MatchWithdrawn]:
    """The news of locked matches that cannot go on, each with its reason."""
    return [
        MatchWithdrawn(
            event_id=uuid5(stamp.round_id, f"withdrawn/{match_id(pair)}"),
            occurred_at=stamp.at,
            vacancy_id=pair[1],
            match_id=match_id(pair),
            learner_id=pair[0],
            reason=reason,
        )
        for pair, reason in sorted(given_up.items())
    ]


def _row(
    shortlist: Shortlist, profile: VacancyProfile, known: Published | None, stamp: RoundStamp
) -> Published | None:
    placed = tuple(match.learner_id for match in shortlist.matches)
    reserves = tuple(match.learner_id for match in shortlist.reserves)
    says = "\n".join(
        (" ".join(map(str, placed)), " ".join(map(str, reserves)), profile.model_dump_json())
    )
    mark = digest(says.encode())
    if known and known.digest == mark:
        return None
    return Published(
        vacancy_id=shortlist.vacancy_id,
        version=known.version + 1 if known else 1,
        round_id=stamp.round_id,
        digest=mark,
        placed=placed,
        reserves=reserves,
    )


def _proposed(
    shortlist: Shortlist, profile: VacancyProfile, row: Published, stamp: RoundStamp
) -> ShortlistProposed:
    return ShortlistProposed(
        event_id=uuid5(stamp.round_id, f"proposed/{row.vacancy_id}"),
        occurred_at=stamp.at,
        vacancy_id=row.vacancy_id,
        shortlist_version=row.version,
        market=stamp.market,
        round_id=stamp.round_id,
        vacancy=profile,
        matches=shortlist.matches,
        reserves=shortlist.reserves,
        absences=dict(shortlist.absences),
        rules_version=stamp.rules_version,
        model_version=stamp.model_version,
        model_note=stamp.model_note,
    )
