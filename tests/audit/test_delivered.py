"""What was accepted has its effect once in every group; a breach is told by its id."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.audit.delivered import accepted, consumed, effects, outbox
from services.audit.history import Client, Dead, History, Partition, Posted, Record, Spot, Taken
from services.audit.judge import INVARIANTS, findings, verdicts
from services.audit.verdict import Verdict
from tests.audit.make import (
    LEARNER,
    OTHER,
    VACANCY,
    history,
    ident,
    row,
    with_row,
    without_effect,
    without_record,
)


def told(verdict: Verdict) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in verdict.findings]


def place(whole: History, name: str) -> tuple[Posted, Spot]:
    found = row(whole, name)
    assert found.spot
    return found, found.spot


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_a_clean_history_is_silent(invariant: Callable[[History], Verdict]) -> None:
    verdict = invariant(history())
    assert (verdict.findings, verdict.waiting) == ((), ())
    assert sum(verdict.looked.values()) > 0


def test_every_invariant_has_a_name_and_a_sentence_of_its_own() -> None:
    found = verdicts(history())
    assert len({one.name for one in found}) == len({one.sentence for one in found}) == len(found)
    assert findings(history()) == []


def test_a_row_that_counts_as_sent_and_is_not_there_is_lost() -> None:
    whole = without_record(history(), "CourseCompleted")
    (finding,) = accepted(whole).findings
    assert (finding.kind, finding.subject) == (
        "lost", f"p2a.CourseCompleted.v1 {row(whole, 'CourseCompleted').id}"
    )  # fmt: skip
    assert finding.do == "p2a replay p2a.learners.v1 --from 2 --to 2"


def test_a_row_sent_after_the_look_is_on_its_way() -> None:
    whole = without_record(history(), "InterviewBooked")
    _, spot = place(whole, "InterviewBooked")
    whole = replace(whole, ends=dict(whole.ends) | {spot.partition: spot.offset})
    assert accepted(whole).findings == ()
    assert len(accepted(whole).waiting) == 1
    assert findings(whole) != []


def test_what_retention_took_away_is_not_lost() -> None:
    whole = without_record(history(), "LearnerEnrolled")
    whole = replace(whole, starts=dict(whole.starts) | {Partition("p2a.learners.v1", 0): 1})
    assert accepted(whole).findings == ()
    assert effects(whole).findings == ()


def test_a_2xx_without_its_events_is_lost_and_with_too_many_doubled() -> None:
    owed = {LEARNER: 3, VACANCY: 0}
    assert told(accepted(history(client=Client(answered=owed)))) == []
    wrong = {LEARNER: 4, VACANCY: 1, OTHER: 0}
    assert told(accepted(history(client=Client(answered=wrong)))) == [
        ("lost", LEARNER), ("lost", OTHER),
    ]  # fmt: skip
    assert told(accepted(history(client=Client(answered={LEARNER: 2, VACANCY: 1})))) == [
        ("doubled", LEARNER)
    ]


def test_what_nobody_handed_in_is_wrong_unless_there_was_no_answer() -> None:
    only = Client(answered={LEARNER: 3})
    assert told(accepted(history(client=only))) == [("wrong", VACANCY)]
    assert told(accepted(history(client=replace(only, maybe=frozenset({VACANCY}))))) == []


def test_an_event_a_group_is_past_without_an_effect_is_lost() -> None:
    whole = without_effect(history(), "CourseCompleted", "matcher")
    id_ = row(whole, "CourseCompleted").id
    assert told(effects(whole)) == [("lost", f"matcher p2a.CourseCompleted.v1 {id_}")]


def test_each_group_must_have_its_own_effect() -> None:
    whole = without_effect(history(), "InterviewBooked", "review")
    (finding,) = effects(whole).findings
    assert finding.subject.startswith("review ")


def test_an_event_a_group_has_not_reached_is_on_its_way() -> None:
    whole = without_effect(history(), "InterviewBooked", "matcher")
    _, spot = place(whole, "InterviewBooked")
    reached = dict(whole.committed) | {("matcher", spot.partition): spot.offset}
    whole = replace(whole, committed=reached)
    assert effects(whole).findings == ()
    assert len(effects(whole).waiting) == 1
    (behind,) = consumed(whole).waiting
    assert behind.subject == f"matcher p2a.interviews.v1/0 at {spot.offset}"


def test_what_an_erased_learner_was_told_of_is_no_effect_out_of_nothing() -> None:
    """Intake takes their rows out of its outbox; the records stay until retention ends."""
    whole = history()
    rows = tuple(one for one in whole.posted if one.key != LEARNER)
    assert len(rows) < len(whole.posted)
    assert {kind for kind, _ in told(effects(replace(whole, posted=rows)))} == {"wrong"}
    said = replace(row(whole, "CourseCompleted"), id="e", type="p2a.LearnerErased.v1", spot=None)
    erased = replace(whole, posted=(*rows, replace(said, published=False)))
    assert effects(erased).findings == ()
    gone = tuple(one for one in whole.records if one.key != LEARNER)
    assert effects(replace(erased, records=gone)).findings != ()
    after = dict(whole.starts) | {Partition("p2a.learners.v1", 0): 3}
    assert effects(replace(erased, records=gone, starts=after)).findings == ()


def test_a_group_that_never_committed_is_on_its_way() -> None:
    whole = history(committed={}, taken=())
    assert effects(whole).findings == ()
    assert len(effects(whole).waiting) == 16


def test_an_event_sent_again_counts_where_it_was_written_last() -> None:
    whole = without_effect(history(), "InterviewBooked", "matcher")
    id_, end = row(whole, "InterviewBooked").id, whole.ends[Partition("p2a.interviews.v1", 0)]
    again = Record(spot=Spot("p2a.interviews.v1", 0, end), id=id_, type="p2a.InterviewBooked.v1")
    whole = replace(
        whole,
        records=(*whole.records, again),
        ends=dict(whole.ends) | {again.spot.partition: end + 1},
    )
    assert effects(whole).findings == ()
    assert len(effects(whole).waiting) == 1


@pytest.mark.parametrize(("how", "lost"), [(None, 0), ("discarded", 0), ("replayed", 1)])
def test_a_dead_letter_accounts_for_an_event_until_it_is_replayed(
    how: str | None, lost: int
) -> None:
    whole = without_effect(history(), "CourseCompleted", "matcher")
    found, spot = place(whole, "CourseCompleted")
    letter = Dead(group="matcher", spot=spot, id=found.id)
    settled = {("matcher", spot): how} if how else {}
    assert len(effects(replace(whole, dead=(letter,), settled=settled)).findings) == lost
    other = replace(letter, group="review")
    assert len(effects(replace(whole, dead=(other,))).findings) == 1


def test_an_effect_of_what_nobody_accepted_is_wrong() -> None:
    whole = history()
    strange = Taken(group="matcher", source="/p2a/intake", id=ident("strange"))
    assert told(effects(replace(whole, taken=(*whole.taken, strange)))) == [
        ("wrong", f"matcher {strange.id}")
    ]


def test_one_event_under_two_sources_is_doubled() -> None:
    whole = history()
    again = replace(whole.taken[0], source="/somewhere/else")
    assert told(effects(replace(whole, taken=(*whole.taken, again)))) == [
        ("doubled", f"{again.group} {again.id}")
    ]


@pytest.mark.parametrize("kind", [None, "p2a.CourseCompleted.v1"])
def test_an_unreadable_record_without_a_dead_letter_is_lost(kind: str | None) -> None:
    whole, spot = history(), Spot("p2a.learners.v1", 0, 3)
    bad = Record(spot=spot, id="", type=kind, readable=False)
    whole = replace(
        whole,
        records=(*whole.records, bad),
        ends=dict(whole.ends) | {spot.partition: 4},
        committed=dict(whole.committed) | {("matcher", spot.partition): 4},
    )
    assert told(consumed(whole)) == [("lost", f"matcher {spot}")]
    buried = Dead(group="matcher", spot=spot, id=None)
    assert told(consumed(replace(whole, dead=(buried,)))) == []
    newer = replace(bad, type="p2a.SomethingNew.v9")
    assert told(consumed(replace(whole, records=(*whole.records[:-1], newer)))) == []


def test_a_group_beyond_the_end_of_a_log_is_told() -> None:
    whole = history()
    place_ = ("matcher", Partition("p2a.learners.v1", 0))
    (finding,) = consumed(replace(whole, committed=dict(whole.committed) | {place_: 9})).waiting
    assert "lost its tail" in finding.words


def test_a_transactions_own_mark_at_the_end_of_a_log_is_nothing_to_read() -> None:
    whole = history()
    ends = dict(whole.ends) | {Partition("p2a.learners.v1", 0): 4}
    assert consumed(replace(whole, ends=ends)).waiting == ()


def test_an_unsent_row_is_on_its_way_and_a_parked_one_is_not() -> None:
    unsent = with_row(history(), "LearnerChanged", published=False)
    assert outbox(unsent).findings == ()
    assert [finding.words for finding in outbox(unsent).waiting] == ["row 3 has not been sent"]
    parked = with_row(unsent, "CourseCompleted", published=False, parked=True)
    (finding,) = outbox(parked).findings
    assert "with 1 later rows of its key" in finding.words
    assert outbox(parked).waiting == ()
