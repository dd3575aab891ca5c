"""A vacancy from cells to facts: pure functions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from schemas.vacancy import (
    VacancyChanged,
    VacancyClosed,
    VacancyEvent,
    VacancyPledged,
)
from services.intake.facts import Times
from services.intake.identities import fact_id
from services.intake.judging import Judged
from services.intake.skills import SkillBook
from services.intake.words import plain


@dataclass(frozen=True, slots=True)
class VacancyView:
    """What others know of a vacancy; ``closed`` is the reason. Everything in it is JSON."""

    profile: dict[str, Any] | None = None
    closed: str | None = None

    @classmethod
    def of(cls, posted: Mapping[str, Any]) -> Self:
        """The view as kept in a row."""
        return cls(**posted)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def shown(before: VacancyView, judged: Judged) -> VacancyView:
    """What others should know now: a held vacancy they never heard of stays unknown."""
    if judged.holds:
        known = before.profile is not None
        return VacancyView(before.profile, judged.holds[0].rule if known else None)
    return VacancyView(judged.profile, judged.closed)


def unknown_words(values: Mapping[str, Any], book: SkillBook) -> dict[str, tuple[str, str]]:
    """Plain words of the advert that are no skill of *book*: (as written, kind of source)."""
    advert = values.get("advert")
    words = book.read(advert["skills"]).unknown if advert else ()
    return {plain(word): (word, "advert") for word in words}


def facts(
    vacancy_id: UUID, before: VacancyView, after: VacancyView, times: Times
) -> list[VacancyEvent]:
    """The events that take others from *before* to *after*, in the order they hold."""
    if after.profile is None:
        return []
    opens = after.closed is None and (before.profile is None or before.closed is not None)
    made: list[VacancyEvent] = []
    if opens:
        made.append(_event(VacancyPledged, vacancy_id, times, vacancy=after.profile))
    elif after.profile != before.profile:
        made.append(_event(VacancyChanged, vacancy_id, times, vacancy=after.profile))
    if after.closed and after.closed != before.closed:
        made.append(_event(VacancyClosed, vacancy_id, times, reason=after.closed))
    return made


def _event(
    cls: type[VacancyEvent],
    vacancy_id: UUID,
    times: Times,
    **said: Any,  # noqa: ANN401 - the event checks it
) -> VacancyEvent:
    occurred_at = next(times)
    return cls.model_validate(
        {
            "event_id": fact_id(vacancy_id, cls.ce_type(), occurred_at),
            "occurred_at": occurred_at,
            "vacancy_id": vacancy_id,
            **said,
        }
    )
