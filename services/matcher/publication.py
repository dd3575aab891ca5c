"""What of a round is news: shortlists that differ from those last published."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from schemas.match import MatchWithdrawn, ShortlistProposed
from schemas.vacancy import VacancyProfile
from services.matcher.archive import digest
from services.matcher.market import Pair, Shortlist, match_id


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
    """The shortlist last published for a vacancy, as it is kept."""

    vacancy_id: UUID
    version: int
    round_id: UUID
    digest: str
    placed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What tells whether a new shortlist differs from the last published one."""

    version: int
    digest: str


def marks(
    shortlists: Iterable[Shortlist],
    profiles: Mapping[UUID, VacancyProfile],
    missed: Callable[[UUID], datetime | None],
) -> dict[UUID, str]:
    """
    A digest of what makes each shortlist news: learners, order, places, the vacancy's facts.

    So is an interview *missed* since: who lost its place there may be proposed for it again; and
    that somebody is handed over by a peer employer.
    """
    return {
        row.vacancy_id: digest(_saying(row, profiles[row.vacancy_id], missed(row.vacancy_id)))
        for row in shortlists
    }


def changed(
    shortlists: Iterable[Shortlist],
    profiles: Mapping[UUID, VacancyProfile],
    marked: Mapping[UUID, str],
    known: Mapping[UUID, Known],
    stamp: RoundStamp,
) -> Iterator[tuple[Published, ShortlistProposed]]:
    """
    The shortlists that are news, as kept and as published.

    A change of learners, their order, or the vacancy's facts is news; of a score or a lock is
    not. A vacancy's first shortlist always is, even an empty one: it says why nobody is on it.
    """
    for shortlist in shortlists:
        vacancy_id = shortlist.vacancy_id
        before = known.get(vacancy_id, Known(version=0, digest=""))
        if before.digest != marked[vacancy_id]:
            row = Published(
                vacancy_id=vacancy_id,
                version=before.version + 1,
                round_id=stamp.round_id,
                digest=marked[vacancy_id],
                placed=tuple(match.learner_id for match in shortlist.matches),
            )
            yield row, proposed(shortlist, profiles[vacancy_id], row.version, stamp)


def dropped(
    gone: Iterable[UUID], known: Mapping[UUID, Known], stamp: RoundStamp
) -> list[Published]:
    """
    The rows of vacancies that have no shortlist any more, emptied.

    Their closing was news enough. Should they open again, their next shortlist is news too.
    """
    return [
        Published(vacancy_id=each, version=row.version, round_id=stamp.round_id, digest="")
        for each in gone
        if (row := known.get(each)) and row.digest
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


def proposed_id(round_id: UUID, vacancy_id: UUID) -> UUID:
    """The id of the event that a round's shortlist is published by."""
    return uuid5(round_id, f"proposed/{vacancy_id}")


def proposed(
    shortlist: Shortlist, profile: VacancyProfile, version: int, stamp: RoundStamp
) -> ShortlistProposed:
    """The event of a shortlist, in its *version* for the vacancy of that *profile*."""
    return ShortlistProposed(
        event_id=proposed_id(stamp.round_id, shortlist.vacancy_id),
        occurred_at=stamp.at,
        vacancy_id=shortlist.vacancy_id,
        shortlist_version=version,
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


def _saying(shortlist: Shortlist, profile: VacancyProfile, missed: datetime | None) -> bytes:
    placed = (str(match.learner_id) for match in shortlist.matches)
    reserves = (str(match.learner_id) for match in shortlist.reserves)
    said = [" ".join(placed), " ".join(reserves), profile.model_dump_json()]
    said += [str(m.learner_id) for m in (*shortlist.matches, *shortlist.reserves) if m.handed_over]
    if missed:
        said.append(missed.astimezone(UTC).isoformat())
    return "\n".join(said).encode()
