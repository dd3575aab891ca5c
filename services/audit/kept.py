"""What each service keeps is the newest fact it had: an effect, not only a row in an inbox."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas import decision, interview, learner, letter, match, vacancy
from schemas.envelope import Event
from services.audit.history import Fact, History, Posted, Row
from services.audit.verdict import LOST, WRONG, Finding, Verdict

MOVED = decision.MatchMoved.ce_type()


@dataclass(frozen=True, slots=True)
class Rule:
    """Which facts a group's columns of a table keep the newest of; see the table in seams."""

    group: str
    table: str
    columns: str
    types: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.table} {self.columns}"


def _rule(group: str, table: str, columns: str, *kept: type[Event]) -> Rule:
    return Rule(group, table, columns, frozenset(cls.ce_type() for cls in kept))


RULES = (
    _rule("matcher", "learner", "profile", learner.LearnerEnrolled, learner.LearnerChanged),
    _rule("matcher", "learner", "enrolment", learner.LearnerEnrolled),
    _rule("matcher", "learner", "completion", learner.CourseCompleted, learner.CompletionRevoked),
    _rule("matcher", "learner", "pause", learner.LearnerPaused, learner.LearnerResumed),
    _rule("matcher", "learner", "withdrawal", learner.LearnerWithdrawn),
    _rule("matcher", "vacancy", "profile", vacancy.VacancyPledged, vacancy.VacancyChanged),
    _rule("matcher", "vacancy", "pledge", vacancy.VacancyPledged),
    _rule("matcher", "vacancy", "closure", vacancy.VacancyClosed),
    _rule(
        "matcher", "match", "decision", decision.MatchApproved, decision.MatchHeld,
        decision.MatchRejected, decision.MatchMoved, decision.ShortlistSent,
    ),
    _rule("matcher", "match", "place", decision.MatchMoved),
    _rule("matcher", "match", "employer", interview.EmployerAccepted, interview.EmployerDeclined),
    _rule("matcher", "match", "answer", interview.LearnerAccepted, interview.LearnerDeclined),
    _rule(
        "matcher", "match", "interview", interview.InterviewBooked, interview.InterviewHeld,
        interview.InterviewMissed,
    ),
    _rule("matcher", "match", "outcome", interview.OutcomeRecorded),
    _rule("review", "vacancy", "profile", vacancy.VacancyPledged, vacancy.VacancyChanged),
    _rule("review", "vacancy", "pledged", vacancy.VacancyPledged),
    _rule("review", "vacancy", "closed", vacancy.VacancyClosed),
    _rule("review", "match", "employer", interview.EmployerAccepted, interview.EmployerDeclined),
    _rule("review", "match", "learner", interview.LearnerAccepted, interview.LearnerDeclined),
    _rule(
        "review", "match", "interview", interview.InterviewBooked, interview.InterviewHeld,
        interview.InterviewMissed,
    ),
    _rule("review", "match", "booked", interview.InterviewBooked),
    _rule("review", "match", "outcome", interview.OutcomeRecorded),
    _rule("review", "match", "withdrawn", match.MatchWithdrawn),
    _rule(
        "review", "letter", "told", letter.LetterSent, letter.LetterFailed, letter.LetterBounced
    ),
)  # fmt: skip


def kept(history: History) -> Verdict:
    """Every row's facts are the newest of those its service had."""
    expected = _newest(history)
    return Verdict(
        name="kept",
        sentence="what a service keeps is the newest fact it had",
        looked={"kept": len(history.stored), "expected": len(expected)},
        findings=tuple(_differences(expected, history.stored, history.erased)),
    )


def _newest(history: History) -> dict[Row, Fact]:
    found: dict[Row, Fact] = {}
    by_type: dict[str, list[Rule]] = {}
    for rule in RULES:
        for name in rule.types:
            by_type.setdefault(name, []).append(rule)
    for row in history.posted:
        for rule in by_type.get(row.type, ()):
            if row.id in history.effects.get(rule.group, ()):
                for key in _keys(rule, row):
                    where = Row(rule.group, rule.name, key)
                    found[where] = max(found.get(where, row.fact), row.fact)
    return found


def _keys(rule: Rule, row: Posted) -> Iterable[str]:
    if rule.table != "match":
        return (row.key,)
    if row.type != MOVED:
        return row.matches
    if rule.columns == "place":
        return row.matches[:1]
    # without somebody who lost the place it was a change of order alone
    return row.matches if len(row.matches) > 1 else ()


def _differences(
    expected: Mapping[Row, Fact], stored: Mapping[Row, Fact], erased: set[str]
) -> Iterator[Finding]:
    do = "tell the developers; p2a replay cannot mend it, the inbox has the event"
    for where in expected.keys() | stored.keys():
        wanted, have = expected.get(where), stored.get(where)
        if wanted == have or where.key in erased:
            continue
        words = "keeps nothing" if have is None else f"keeps {have.id} of {have.at.isoformat()}"
        words += ", and has had " + (
            f"{wanted.id} of {wanted.at.isoformat()}" if wanted else "none"
        )
        yield Finding("kept", LOST if wanted else WRONG, str(where), words, do)
