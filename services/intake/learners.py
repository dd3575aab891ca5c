"""A learner from cells to facts: pure functions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from schemas.learner import (
    CompletionRevoked,
    Course,
    CourseCompleted,
    LearnerChanged,
    LearnerEnrolled,
    LearnerErased,
    LearnerEvent,
    LearnerPaused,
    LearnerProfile,
    LearnerResumed,
    LearnerWithdrawn,
)
from services.intake.facts import Times
from services.intake.identities import course_id, fact_id
from services.intake.programmes import Programmes
from services.intake.skills import SkillBook
from services.intake.words import plain

NEEDED = ("programme", "ukprn", "date_of_birth", "course")
PLAIN = ("outcode", "prior_level", "max_miles", "available_from", "hours_from", "hours_to",
         "english", "maths")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LearnerView:
    """What others know, or should know, of a learner; everything in it is JSON."""

    profile: dict[str, Any] | None = None
    completion: dict[str, Any] | None = None
    pause: dict[str, Any] | None = None
    withdrawal: dict[str, Any] | None = None
    erased: bool = False

    @classmethod
    def of(cls, posted: Mapping[str, Any]) -> Self:
        """
        The view as kept in a row.

        What a profile has gained since stands as unsaid: an update of ours is no news of anybody.
        """
        view = cls(**posted)
        if view.profile is None:
            return view
        profile = LearnerProfile.model_validate(view.profile).model_dump(mode="json")
        return replace(view, profile=profile)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def seen(
    values: Mapping[str, Any], programmes: Programmes, book: SkillBook, today: date
) -> LearnerView:
    """The view of what the cells say; empty until a record has said who is on which course."""
    if values.get("erased"):
        return LearnerView(erased=True)
    if any(values.get(name) is None for name in NEEDED):
        return LearnerView()
    profile = _profile(values, programmes, book)
    return LearnerView(
        profile=profile.model_dump(mode="json"),
        completion=_completion(values, profile.course.course_id, today),
        pause=values.get("pause"),
        withdrawal=values.get("withdrawal"),
    )


def unknown_words(
    values: Mapping[str, Any], programmes: Programmes, book: SkillBook
) -> dict[str, tuple[str, str]]:
    """Plain words of the cells that are no skill of *book*: (as written, kind of source)."""
    told = ((word, "learner") for word in book.read(values.get("skills") or ()).unknown)
    taught = ((word, "course") for word in book.read(_taught(values, programmes)).unknown)
    return {plain(word): (word, source) for word, source in (*told, *taught)}


def due_on(values: Mapping[str, Any], today: date) -> date | None:
    """The day a recorded end will be reached, if it lies ahead."""
    completion = values.get("completion")
    day = date.fromisoformat(completion["on"]) if completion else None
    return day if day and day > today else None


def facts(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    """The events that take others from *before* to *after*, in the order they hold."""
    if after.erased:
        return [] if before.erased else [_event(LearnerErased, learner_id, times)]
    if after.profile is None:
        return []
    return [
        *_revoked(learner_id, before, after, times),
        *_profiled(learner_id, before, after, times),
        *_completed(learner_id, before, after, times),
        *_paused(learner_id, before, after, times),
        *_withdrawn(learner_id, before, after, times),
    ]


def _profile(values: Mapping[str, Any], programmes: Programmes, book: SkillBook) -> LearnerProfile:
    said = values["course"]
    entry = programmes.course(said["aims"])
    shown = (*_taught(values, programmes), *(values.get("skills") or ()))
    return LearnerProfile(
        programme=values["programme"],
        ukprn=values["ukprn"],
        date_of_birth=values["date_of_birth"],
        course=Course(
            course_id=course_id(values["ukprn"], said["aims"][0], said["latest_on"]),
            started_on=said["began_on"],
            route=entry.route if entry else None,
            level=entry.level if entry else None,
        ),
        outcode_proves_home=bool(values.get("outcode_proves_home")),
        skills=book.read(shown).keys,
        interests=tuple(values.get("interests") or ()),
        holds=tuple(values.get("holds") or ()),
        foundation_grounds=bool(values.get("grounds") or values.get("foundation_grounds")),
        shares_with_cluster=bool(values.get("shares_with_cluster")),
        unwanted_employers=tuple(values.get("unwanted_employers") or ()),
        unwanted_routes=tuple(values.get("unwanted_routes") or ()),
        adjustments=tuple(values.get("adjustments") or ()),
        **{name: values.get(name) for name in PLAIN},
    )


def _taught(values: Mapping[str, Any], programmes: Programmes) -> tuple[str, ...]:
    """What the learner's course teaches, in the words of its table."""
    said = values.get("course")
    entry = programmes.course(said["aims"]) if said else None
    return entry.skills if entry else ()


def _completion(values: Mapping[str, Any], course: UUID, today: date) -> dict[str, Any] | None:
    completion = values.get("completion")
    if completion is None or date.fromisoformat(completion["on"]) > today:
        return None
    return {"course_id": str(course), **completion}


def _revoked(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    was, now = before.completion, after.completion
    if was is None or (now is not None and now["course_id"] == was["course_id"]):
        return []
    return [_event(CompletionRevoked, learner_id, times, course_id=was["course_id"])]


def _profiled(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    begins = before.profile is None or before.withdrawal is not None
    if after.withdrawal is None and begins:
        # a withdrawal counts only while later than the last enrolment: this undoes it
        return [_event(LearnerEnrolled, learner_id, times, learner=after.profile)]
    if after.profile != before.profile:
        return [_event(LearnerChanged, learner_id, times, learner=after.profile)]
    return []


def _completed(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    now = after.completion
    if now is None or now == before.completion:
        return []
    return [
        _event(
            CourseCompleted,
            learner_id,
            times,
            course_id=now["course_id"],
            completed_on=now["on"],
            outcome=now["outcome"],
        )
    ]


def _paused(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    if after.pause == before.pause:
        return []
    if after.pause is None:
        return [_event(LearnerResumed, learner_id, times)]
    said = {"paused_on": after.pause.get("on"), "until": after.pause.get("until")}
    return [_event(LearnerPaused, learner_id, times, **said)]


def _withdrawn(
    learner_id: UUID, before: LearnerView, after: LearnerView, times: Times
) -> list[LearnerEvent]:
    if after.withdrawal is None or after.withdrawal == before.withdrawal:
        return []
    return [_event(LearnerWithdrawn, learner_id, times, withdrawn_on=after.withdrawal.get("on"))]


def _event(
    cls: type[LearnerEvent],
    learner_id: UUID,
    times: Times,
    **said: Any,  # noqa: ANN401 - the event checks it
) -> LearnerEvent:
    occurred_at = next(times)
    return cls.model_validate(
        {
            "event_id": fact_id(learner_id, cls.ce_type(), occurred_at),
            "occurred_at": occurred_at,
            "learner_id": learner_id,
            **said,
        }
    )
