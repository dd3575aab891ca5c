"""The catalogue: every event there is, by its CloudEvents type."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas import decision, interview, learner, letter, match, vacancy
from schemas.envelope import Event

EVENTS: tuple[type[Event], ...] = (
    learner.LearnerEnrolled,
    learner.LearnerChanged,
    learner.CourseCompleted,
    learner.CompletionRevoked,
    learner.LearnerPaused,
    learner.LearnerResumed,
    learner.LearnerWithdrawn,
    learner.LearnerErased,
    vacancy.VacancyPledged,
    vacancy.VacancyChanged,
    vacancy.VacancyClosed,
    match.ShortlistProposed,
    match.MatchWithdrawn,
    decision.MatchApproved,
    decision.MatchHeld,
    decision.MatchRejected,
    decision.MatchMoved,
    decision.ShortlistSent,
    interview.EmployerAccepted,
    interview.EmployerDeclined,
    interview.LearnerAccepted,
    interview.LearnerDeclined,
    interview.InterviewBooked,
    interview.InterviewHeld,
    interview.InterviewMissed,
    interview.OutcomeRecorded,
    letter.LetterSent,
    letter.LetterFailed,
    letter.LetterBounced,
)
CATALOGUE: Mapping[str, type[Event]] = MappingProxyType({e.ce_type(): e for e in EVENTS})
TOPICS: tuple[str, ...] = tuple(dict.fromkeys(event.topic for event in EVENTS))
