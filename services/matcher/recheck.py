"""
A kept round made again, and held against what was kept of it and what it published.

    UnknownRound    no round of that id is kept
    UnknownMarket   no market of that name is known
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from schemas.match import Match, ShortlistProposed
from services.delivery.database import Sessions
from services.matcher import archive, provenance, replay_store, round_store
from services.matcher.again import again
from services.matcher.publication import RoundStamp, proposed, proposed_id
from services.matcher.replay import NotReplayable, Replayed
from services.matcher.replay_store import Listed
from services.matcher.round_store import Round

DECIDED = frozenset({"learner_id", "match_id", "position", "score", "locked"})
WHO, FORM, UNREADABLE, NOT_WRITTEN = "who is on it", "form", "unreadable", "not written again"


class UnknownRound(Exception):
    """No round of that id is kept."""


class UnknownMarket(Exception):
    """No market of that name is known."""


class Result(StrEnum):
    """What a replay came to; of ``WORDS``, who, order and scores are the same."""

    SAME = "same"
    WORDS = "words"
    DIFFERENT = "different"
    NOT_REPLAYABLE = "not-replayable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A published shortlist that is not said again as it was, and in which of its ``fields``."""

    vacancy_id: UUID
    fields: tuple[str, ...]
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """
    A replay's result and what it rests on.

    ``again`` and ``decided_again`` are the digests of what was said this time; ``written``
    counts the round's shortlists, ``published`` those of them that were news, and ``here`` is
    what this process makes rounds with. Without a replay ``reason`` and ``advice`` say why.
    """

    kept: Round
    result: Result
    again: str | None = None
    decided_again: str | None = None
    written: int = 0
    published: int = 0
    differing: tuple[Differing, ...] = ()
    reason: str | None = None
    advice: str | None = None
    here: Mapping[str, str] = field(default_factory=provenance.here)

    def facts(self) -> dict[str, Any]:
        """All of it but the inputs, as JSON can hold it once ids and dates are text."""
        facts = asdict(self)
        del facts["kept"]["inputs"]
        return facts


async def kept_round(sessions: Sessions, round_id: UUID) -> Round:
    """The round without its inputs; raises UnknownRound."""
    async with sessions() as session:
        kept = await round_store.round_of(session, round_id)
    if kept is None:
        raise UnknownRound(
            f"no round {round_id} is kept: it never was, or P2A_ROUNDS_KEPT is over and nothing "
            "stands on it; `p2a round list MARKET` shows which are"
        )
    return kept


async def kept_rounds(sessions: Sessions, market: str, *, last: int) -> list[Listed]:
    """The *last* rounds of *market*, the newest first; raises UnknownMarket."""
    async with sessions() as session:
        found = await replay_store.rounds_of(session, market, last=last)
        known = sorted(await round_store.last_rounds(session))
    if market not in known:
        named = ", ".join(known) or "none yet"
        raise UnknownMarket(f"no market is called {market}; there are {named}")
    return found


async def rechecked(sessions: Sessions, round_id: UUID) -> Recheck:
    """The round made again and compared; raises UnknownRound."""
    kept = await kept_round(sessions, round_id)
    try:
        replayed = await again(sessions, kept)
    except NotReplayable as error:
        return Recheck(
            kept=kept, result=Result.NOT_REPLAYABLE, reason=str(error), advice=error.advice
        )
    ids = [proposed_id(round_id, row.vacancy_id) for row in replayed.made.inputs.vacancies]
    async with sessions() as session:
        posted = await replay_store.posted(session, ids)
    return await asyncio.to_thread(compared, kept, replayed, posted)


def compared(kept: Round, replayed: Replayed, posted: Mapping[UUID, bytes]) -> Recheck:
    """*replayed* against the digests of *kept* and the bytes it *posted*, by event id."""
    said, decided = (
        archive.digest(data) for data in (replayed.said, archive.decided(replayed.shortlists))
    )
    differing = tuple(_differing(kept, replayed, posted))
    same = said == kept.outcome_digest
    if same and not differing:
        result = Result.SAME
    elif decided == kept.decided_digest and not any(each.decided for each in differing):
        result = Result.WORDS
    else:
        result = Result.DIFFERENT
    return Recheck(
        kept=kept,
        result=result,
        again=said,
        decided_again=decided,
        written=len(replayed.shortlists),
        published=len(posted),
        differing=differing,
    )


def _differing(
    kept: Round, replayed: Replayed, posted: Mapping[UUID, bytes]
) -> Iterator[Differing]:
    shortlists = {row.vacancy_id: row for row in replayed.shortlists}
    outcome = replayed.made.outcome
    stamp = RoundStamp(
        round_id=kept.round_id,
        at=kept.at,
        market=kept.market,
        rules_version=outcome.rules_version,
        model_version=outcome.model_version,
        model_note=outcome.model_note,
    )
    for vacancy in replayed.made.inputs.vacancies:
        vacancy_id, shortlist = vacancy.vacancy_id, shortlists.get(vacancy.vacancy_id)
        payload = posted.get(proposed_id(kept.round_id, vacancy_id))
        if payload is None:
            continue
        if shortlist is None:
            yield Differing(vacancy_id=vacancy_id, fields=(NOT_WRITTEN,), decided=True)
            continue
        try:
            theirs = ShortlistProposed.of(payload)
        except ValidationError:
            yield Differing(vacancy_id=vacancy_id, fields=(UNREADABLE,), decided=True)
            continue
        ours = proposed(shortlist, vacancy.profile, theirs.shortlist_version, stamp)
        if ours.value() != payload:
            fields = _fields(theirs, ours)
            decided = not fields.isdisjoint({*DECIDED, WHO})
            named = tuple(sorted(fields)) or (FORM,)
            yield Differing(vacancy_id=vacancy_id, fields=named, decided=decided)


def _fields(theirs: ShortlistProposed, ours: ShortlistProposed) -> set[str]:
    """The fields that differ, of the event and of its lines."""
    lines = {"matches", "reserves"}
    found = {name for name in ShortlistProposed.model_fields.keys() - lines
             if getattr(theirs, name) != getattr(ours, name)}  # fmt: skip
    for one, other in ((theirs.matches, ours.matches), (theirs.reserves, ours.reserves)):
        if [line.learner_id for line in one] != [line.learner_id for line in other]:
            return found | {WHO}
        found |= {
            name
            for before, now in zip(one, other, strict=True)
            for name in Match.model_fields
            if getattr(before, name) != getattr(now, name)
        }
    return found
