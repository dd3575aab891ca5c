"""What is kept is compared with what was had: an inbox row alone is no effect."""

from dataclasses import replace

from services.audit.history import Fact, Posted, Row
from services.audit.kept import RULES, kept
from tests.audit.make import (
    LEARNER,
    MATCH,
    VACANCY,
    Told,
    history,
    ident,
    row,
    story,
    without_effect,
)

PROFILE = Row("matcher", "learner profile", LEARNER)


def test_an_effect_that_is_missing_is_lost() -> None:
    whole = history()
    stored = {where: fact for where, fact in whole.stored.items() if where != PROFILE}
    (finding,) = kept(replace(whole, stored=stored)).findings
    assert (finding.kind, finding.subject) == ("lost", f"matcher learner profile {LEARNER}")
    assert "keeps nothing" in finding.words


def test_an_older_fact_that_won_is_told() -> None:
    whole = history()
    older = dict(whole.stored) | {PROFILE: row(whole, "LearnerEnrolled").fact}
    (finding,) = kept(replace(whole, stored=older)).findings
    assert row(whole, "LearnerChanged").id in finding.words


def test_a_fact_that_was_never_had_is_wrong() -> None:
    whole = history()
    strange = Row("matcher", "learner pause", LEARNER)
    stored = dict(whole.stored) | {strange: Fact(row(whole, "LearnerChanged").occurred_at, "x")}
    (finding,) = kept(replace(whole, stored=stored)).findings
    assert finding.kind == "wrong"


def test_what_a_group_has_not_had_is_not_expected() -> None:
    whole = without_effect(history(), "LearnerChanged", "matcher")
    older = dict(whole.stored) | {PROFILE: row(whole, "LearnerEnrolled").fact}
    assert kept(replace(whole, stored=older)).findings == ()


def test_an_erased_learner_is_kept_by_nobody() -> None:
    told = Told()
    for name in ("LearnerEnrolled", "LearnerErased"):
        told.post(name, LEARNER)
    whole = with_rows(told.rows)
    assert kept(whole).findings == ()


def test_a_move_counts_as_a_decision_only_if_somebody_lost_the_place() -> None:
    lost = ident("the match that lost")
    told = Told()
    moved = told.post("MatchMoved", VACANCY, matches=(MATCH, lost))
    swapped = told.post("MatchMoved", VACANCY, matches=(MATCH,))
    whole = replace(
        with_rows(told.rows),
        stored={
            Row("matcher", "match decision", MATCH): moved.fact,
            Row("matcher", "match decision", lost): moved.fact,
            Row("matcher", "match place", MATCH): swapped.fact,
        },
    )
    assert kept(whole).findings == ()


def test_every_story_is_covered_by_some_rule() -> None:
    """Of what is handled only shortlists, whose versions are judged, and erasures keep no time."""
    covered = {kind for rule in RULES for kind in rule.types}
    handled = {kind for types in history().readers.values() for kind in types}
    apart = {"p2a.ShortlistProposed.v1", "p2a.LearnerErased.v1"}
    assert handled - covered == apart
    assert {one.type for one in story()} <= covered | apart


def with_rows(rows: list[Posted]):
    whole = history()
    taken = tuple(replace(whole.taken[0], id=one.id, source=f"/p2a/{one.service}") for one in rows)
    return replace(whole, posted=tuple(rows), taken=taken, stored={})
