"""Never more offers at one time than the largest pledge, in the order of facts."""

from dataclasses import replace

from services.audit.history import History
from services.audit.pledges import pledges
from tests.audit.make import VACANCY, Told, history, ident

ONE, TWO, THREE = (ident(f"match {number}") for number in (1, 2, 3))


def told(*steps: tuple[str, int | tuple[str, ...]]) -> History:
    """A vacancy's facts: pledges by their size, everything else by its matches."""
    teller = Told()
    for name, what in steps:
        if isinstance(what, int):
            teller.post(name, VACANCY, interviews=what)
        else:
            teller.post(name, VACANCY, matches=what)
    return history(posted=tuple(teller.rows))


PLEDGED = ("VacancyPledged", 2)
SENT = ("ShortlistSent", (ONE, TWO))
MORE = ("ShortlistSent", (THREE,))


def words(whole: History) -> list[str]:
    return [finding.words for finding in pledges(whole).findings]


def test_a_third_interview_on_a_pledge_of_two_is_too_many() -> None:
    assert words(told(PLEDGED, SENT)) == []
    assert words(told(PLEDGED, SENT, MORE)) == [
        "3 interviews were offered at one time, 2 are pledged"
    ]
    assert [f.subject for f in pledges(told(PLEDGED, SENT, MORE)).findings] == [VACANCY]


def test_the_same_match_sent_again_is_no_other_offer() -> None:
    assert words(told(PLEDGED, SENT, SENT)) == []


def test_whatever_ends_a_match_frees_its_place_for_what_comes_after() -> None:
    for name in ("EmployerDeclined", "LearnerDeclined", "InterviewMissed", "MatchWithdrawn"):
        ended = (name, (TWO,))
        assert words(told(PLEDGED, SENT, ended, MORE)) == [], name
        assert words(told(PLEDGED, SENT, MORE, ended)) != [], name
    assert words(told(PLEDGED, SENT, ("InterviewHeld", (TWO,)), MORE)) != []


def test_what_was_offered_before_a_pledge_shrank_still_stands() -> None:
    assert words(told(PLEDGED, SENT, ("VacancyChanged", 1))) == []
    assert words(told(("VacancyPledged", 1), ("VacancyChanged", 2), SENT)) == []


def test_facts_go_by_their_own_time_not_by_their_rows() -> None:
    whole = told(PLEDGED, SENT, ("EmployerDeclined", (TWO,)), MORE)
    assert words(replace(whole, posted=whole.posted[::-1])) == []
