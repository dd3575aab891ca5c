"""A small clean history, and ways to spoil it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from schemas import CATALOGUE
from services.audit.history import (
    Fact,
    History,
    Letter,
    Market,
    Partition,
    Posted,
    Record,
    Row,
    Screens,
    Spot,
    Taken,
)
from services.audit.readers import reading

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def ident(words: str) -> str:
    """The id these words stand for."""
    return str(uuid5(NAMESPACE_OID, words))


LEARNER, OTHER, VACANCY, MATCH = (ident(one) for one in ("learner", "other", "vacancy", "match"))
CAUSE, EMPLOYER = ident("cause"), ident("employer")
LETTER = str(uuid5(UUID(CAUSE), f"{EMPLOYER}/shortlist"))


class Told:
    """Posts facts one after the other, a minute apart, each on its own topic's first partition."""

    def __init__(self) -> None:
        self.rows: list[Posted] = []
        self.ends: dict[str, int] = {}

    def post(self, name: str, key: str, **said: Any) -> Posted:
        kind = next(event for event in CATALOGUE.values() if event.__name__ == name)
        offset = self.ends.get(kind.topic, 0)
        self.ends[kind.topic] = offset + 1
        number = len(self.rows)
        row = Posted(
            service=kind.writer, seq=number + 1, id=ident(f"event {number}"), topic=kind.topic,
            key=key, type=kind.ce_type(), occurred_at=NOON + timedelta(minutes=number),
            spot=Spot(kind.topic, 0, offset), published=True, **said,
        )  # fmt: skip
        self.rows.append(row)
        return row


def story() -> list[Posted]:
    """From a learner and a pledge to an interview that both sides want."""
    told = Told()
    told.post("LearnerEnrolled", LEARNER)
    told.post("CourseCompleted", LEARNER)
    told.post("LearnerChanged", LEARNER)
    told.post("VacancyPledged", VACANCY, interviews=1)
    told.post("ShortlistProposed", VACANCY, version=1)
    told.post("MatchApproved", VACANCY, matches=(MATCH,))
    told.post("ShortlistSent", VACANCY, matches=(MATCH,))
    told.post("LetterSent", LETTER)
    told.post("EmployerAccepted", VACANCY, matches=(MATCH,))
    told.post("LearnerAccepted", VACANCY, matches=(MATCH,))
    told.post("InterviewBooked", VACANCY, matches=(MATCH,))
    return told.rows


def history(**changed: Any) -> History:
    """The story as a quiet system has it; *changed* are other fields of the history."""
    rows = story()
    groups = reading()
    ends: dict[Partition, int] = {}
    for row in rows:
        assert row.spot
        ends[row.spot.partition] = row.spot.offset + 1
    whole = History(
        reading=groups,
        committed={
            (group, place): end for place, end in ends.items() for group in groups[place.topic]
        },
        starts=dict.fromkeys(ends, 0),
        ends=ends,
        posted=tuple(rows),
        records=tuple(record(row) for row in rows),
        taken=tuple(
            Taken(group=group, source=f"/p2a/{row.service}", id=row.id)
            for row in rows
            for group, types in groups[row.topic].items()
            if row.type in types
        ),
        letters=(letter(),),
        stored=kept(rows),
        shortlists={VACANCY: 1},
        markets=(Market(market="m", revision=4, round_revision=4, highest_row=3, rounds=(2, 4)),),
        screens=(
            Screens(vacancy_id=VACANCY, version=3, kept=3, highest=3, shortlist_version=1),
        ),
    )  # fmt: skip
    return replace(whole, **changed)


def record(row: Posted, **changed: Any) -> Record:
    """The record of an outbox row."""
    assert row.spot
    return replace(Record(spot=row.spot, id=row.id, type=row.type, key=row.key), **changed)


def letter(**changed: Any) -> Letter:
    """The letter to the employer, sent at its first attempt."""
    whole = Letter(
        letter_id=LETTER, cause=CAUSE, recipient=EMPLOYER, template="shortlist", state="sent",
        fence=1, attempts=1,
    )  # fmt: skip
    return replace(whole, **changed)


def kept(rows: list[Posted]) -> dict[Row, Fact]:
    """What the services keep of the story."""
    named = {row.type.split(".")[1]: row.fact for row in rows}
    return {
        Row("matcher", "learner profile", LEARNER): named["LearnerChanged"],
        Row("matcher", "learner enrolment", LEARNER): named["LearnerEnrolled"],
        Row("matcher", "learner completion", LEARNER): named["CourseCompleted"],
        Row("matcher", "vacancy profile", VACANCY): named["VacancyPledged"],
        Row("matcher", "vacancy pledge", VACANCY): named["VacancyPledged"],
        Row("matcher", "match decision", MATCH): named["ShortlistSent"],
        Row("matcher", "match employer", MATCH): named["EmployerAccepted"],
        Row("matcher", "match answer", MATCH): named["LearnerAccepted"],
        Row("matcher", "match interview", MATCH): named["InterviewBooked"],
        Row("review", "vacancy profile", VACANCY): named["VacancyPledged"],
        Row("review", "vacancy pledged", VACANCY): named["VacancyPledged"],
        Row("review", "match employer", MATCH): named["EmployerAccepted"],
        Row("review", "match learner", MATCH): named["LearnerAccepted"],
        Row("review", "match interview", MATCH): named["InterviewBooked"],
        Row("review", "match booked", MATCH): named["InterviewBooked"],
        Row("review", "letter told", LETTER): named["LetterSent"],
    }


def row(whole: History, name: str) -> Posted:
    """The story's first event of that name."""
    return next(one for one in whole.posted if one.type == f"p2a.{name}.v1")


def with_row(whole: History, name: str, **changed: Any) -> History:
    """The history with that outbox row changed."""
    old = row(whole, name)
    rows = [replace(one, **changed) if one is old else one for one in whole.posted]
    return replace(whole, posted=tuple(rows))


def without_effect(whole: History, name: str, group: str) -> History:
    """The history where that group's inbox lacks the event."""
    id_ = row(whole, name).id
    left = [one for one in whole.taken if (one.group, one.id) != (group, id_)]
    assert len(left) == len(whole.taken) - 1
    return replace(whole, taken=tuple(left))


def without_record(whole: History, name: str) -> History:
    """The history where the event is not on its topic."""
    id_ = row(whole, name).id
    return replace(whole, records=tuple(one for one in whole.records if one.id != id_))
