"""A shortlist as a coordinator reads it: reasons in words, no naked score, no name unasked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.review import clock, labels, reasons
from services.review.screen import in_order
from services.review.standing import TAKING, Standing, live, standing
from services.review.state import MatchState, VacancyState

BEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """
    One match on the page, at *place*; if it was moved, the matcher had it at *ranked*.

    *weakest* is what spoke least for the learner; *against* says that it spoke against them.
    *prompts* are to be known or asked: they counted for nothing.
    """

    match_id: UUID
    learner_id: UUID
    called: str
    place: int
    ranked: int | None
    on_place: bool
    standing: Standing
    tag: str
    colour: str
    best: tuple[str, ...]
    weakest: str | None
    against: bool
    met: tuple[str, ...]
    missing: tuple[str, ...]
    distance: str
    waiting: str
    barrier: str | None
    prompts: tuple[str, ...]
    handed_over: str | None
    decided: str | None

    @property
    def to_review(self) -> bool:
        """Whether nobody has decided on it."""
        return self.standing == Standing.PROPOSED

    @property
    def can_approve(self) -> bool:
        """Whether a tick would approve it."""
        return self.on_place and self.standing in {Standing.PROPOSED, Standing.HELD}

    @property
    def can_undo(self) -> bool:
        """Whether the decision can be taken back."""
        return self.standing in {
            Standing.APPROVED,
            Standing.HELD,
            Standing.REJECTED,
            Standing.LOST,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, and when: names already revealed, and how accounts are called."""

    now: datetime
    names: Mapping[UUID, str]
    accounts: Mapping[str, str]

    @property
    def today(self) -> date:
        """The date in England."""
        return clock.today(self.now)

    def called(self, learner_id: UUID) -> str:
        """A learner's name if it is revealed, else the alias."""
        return self.names.get(learner_id) or labels.alias(learner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """The cards of a vacancy: on places, in reserve, and ended; and the pledge's sums."""

    places: tuple[Card, ...]
    reserves: tuple[Card, ...]
    ended: tuple[Card, ...]
    used: int
    held: int
    going: int

    @property
    def listed(self) -> tuple[Card, ...]:
        """Everybody on the list, in order."""
        return self.places + self.reserves


def shortlist(vacancy: VacancyState, matches: Sequence[MatchState], reader: Reader) -> Shortlist:
    """The vacancy's whole list, to the very bottom."""
    order = in_order(matches, today=reader.today, proposed_at=vacancy.proposed_at)
    cards = [
        card(vacancy, match, reader, place=place) for place, match in enumerate(order, start=1)
    ]
    listed = {match.match_id for match in order}
    ended = [card(vacancy, match, reader) for match in matches if match.match_id not in listed]
    taking = live(matches, vacancy, today=reader.today)
    used = live(matches, vacancy, today=reader.today, holds=False)
    return Shortlist(
        places=tuple(found for found in cards if found.on_place),
        reserves=tuple(found for found in cards if not found.on_place),
        ended=tuple(sorted(ended, key=lambda found: found.called)),
        used=used,
        held=taking - used,
        going=sum(found.standing == Standing.APPROVED for found in cards),
    )


def card(vacancy: VacancyState, match: MatchState, reader: Reader, *, place: int = 0) -> Card:
    """One match in words; *place* 0 is off the list."""
    at = standing(match, today=reader.today, proposed_at=vacancy.proposed_at)
    tag, colour = labels.TAGS[at]
    facts = match.facts
    by_effect = sorted(
        facts.contributions if facts else (), key=lambda reason: (-reason.effect, reason.feature)
    )
    best = tuple(reason.words for reason in by_effect[:BEST] if reason.effect > 0)
    weakest = by_effect[-1].words if len(by_effect) > len(best) else None
    return Card(
        match_id=match.match_id,
        learner_id=match.learner_id,
        called=reader.called(match.learner_id),
        place=place,
        ranked=None if match.moved_to is None else match.position,
        on_place=bool(place) and (match.listed == "place" or at in TAKING),
        standing=at,
        tag=tag,
        colour=colour,
        best=best,
        weakest=weakest,
        against=bool(by_effect) and by_effect[-1].effect < -labels.HARDLY,
        met=tuple(labels.skill(key) for key in facts.met_skills) if facts else (),
        missing=tuple(labels.skill(key) for key in facts.missing_skills) if facts else (),
        distance=labels.miles(facts.distance_miles if facts else None),
        waiting=labels.waiting(match.waiting_since, reader.today),
        barrier=facts.barrier if facts else None,
        prompts=tuple(prompt.words for prompt in facts.prompts) if facts else (),
        handed_over=facts.handed_over if facts else None,
        decided=_decided(match, at, reader),
    )


def _decided(match: MatchState, at: Standing, reader: Reader) -> str | None:
    why = {
        Standing.EMPLOYER_NO: match.employer_reason,
        Standing.LEARNER_NO: match.learner_reason,
        Standing.MISSED: match.interview_reason,
        Standing.WITHDRAWN: match.withdrawn_reason,
    }
    if at in why:
        return reasons.in_words(why[at]) or None
    if at == Standing.BOOKED and match.starts_at:
        return f"Interview on {clock.moment_in_words(match.starts_at)}"
    if match.decided_at is None or match.decision == "proposed":
        return None
    who = reader.accounts.get(match.decided_by or "", "Somebody")
    words = f"{who}, {clock.moment_in_words(match.decided_at)}"
    if at == Standing.HELD and match.held_until:
        words = f"Until {clock.day_in_words(match.held_until)}. {words}"
    return f"{reasons.in_words(match.reason)}. {words}" if match.reason else words
