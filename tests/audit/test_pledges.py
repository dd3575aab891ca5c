"""Never more offers at one time than the largest pledge, in the order of facts."""

from dataclasses import replace
from datetime import timedelta

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


def pooled(*steps: tuple[str, str, int | tuple[str, ...]], pool: str | None = "hub") -> History:
    """Facts of several vacancies, as `told`; their pledges are of one *pool*."""
    teller = Told()
    for name, vacancy, what in steps:
        if isinstance(what, int):
            teller.post(name, vacancy, interviews=what, pool=pool)
        else:
            teller.post(name, vacancy, matches=what)
    return history(posted=tuple(teller.rows))


A, B = (ident(f"vacancy {name}") for name in "ab")
BOTH = (("VacancyPledged", A, 2), ("VacancyPledged", B, 2))


def test_the_vacancies_of_a_joint_pledge_count_together() -> None:
    """Two and one are too many for a pool of two, and enough for two pledges of two."""
    offers = (("ShortlistSent", A, (ONE, TWO)), ("ShortlistSent", B, (THREE,)))
    assert words(pooled(*BOTH, *offers)) == ["3 interviews were offered at one time, 2 are pledged"]
    assert [f.subject for f in pledges(pooled(*BOTH, *offers)).findings] == [B]
    assert words(pooled(*BOTH, *offers, pool=None)) == []
    freed = ("EmployerDeclined", A, (TWO,))
    assert words(pooled(*BOTH, offers[0], freed, offers[1])) == []


def test_the_smallest_number_of_a_joint_pledge_counts() -> None:
    """Once it has been stated; what was offered before stands."""
    less = (("VacancyPledged", A, 1), ("VacancyPledged", B, 2))
    sent = (("ShortlistSent", A, (ONE,)), ("ShortlistSent", B, (TWO,)))
    assert words(pooled(*less, *sent)) == ["2 interviews were offered at one time, 1 are pledged"]
    assert words(pooled(*BOTH, *sent, ("VacancyChanged", A, 1))) == []


def test_what_was_offered_before_a_vacancy_joined_still_stands() -> None:
    alone = pooled(("VacancyPledged", A, 2), ("ShortlistSent", A, (ONE, TWO)), pool=None).posted
    joined = pooled(*BOTH, ("VacancyChanged", A, 2), ("VacancyChanged", B, 1)).posted
    both = [replace(row, pool=None) if n == 0 else row for n, row in enumerate(joined)]
    at = max(row.occurred_at for row in alone)
    late = [
        replace(row, id=f"late {n}", occurred_at=at + timedelta(minutes=1 + n))
        for n, row in enumerate(both)
    ]
    assert words(history(posted=(*alone, *late))) == []
