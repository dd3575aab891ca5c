"""One letter a reason, once, and told as it was."""

from dataclasses import replace

import pytest

from services.audit.history import Client, History, Letter
from services.audit.letters import letters
from tests.audit.make import LETTER, Told, history, ident, letter

SECOND = ident("second letter")


def kinds(whole: History) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in letters(whole).findings]


def facts(*names: str, key: str = LETTER) -> History:
    """A history with these facts about the letter, and no others."""
    told = Told()
    rows = [told.post(name, key) for name in names]
    return history(posted=tuple(rows))


def sink(*, state: str = "sent", decided: int = 0, **mails: int) -> list[tuple[str, str]]:
    """What is told when the sink has the letter so often, as *mails* say by id."""
    one = letter(state=state, fence=1 + decided)
    told = ("LetterSent",) if state == "sent" else ("LetterFailed",)
    whole = replace(facts(*told), letters=(one,))
    given = {LETTER if name == "letter" else name: times for name, times in mails.items()}
    return kinds(replace(whole, client=Client(mails=given)))


def test_two_letters_of_one_reason_are_doubled() -> None:
    told = Told()
    told.post("LetterSent", LETTER)
    told.post("LetterSent", SECOND)
    both = (letter(), letter(letter_id=SECOND))
    whole = history(posted=tuple(told.rows), letters=both)
    assert kinds(whole) == [("doubled", LETTER), ("doubled", SECOND)]
    other = (letter(), letter(letter_id=SECOND, template="invitation"))
    assert kinds(replace(whole, letters=other)) == []


def test_a_letter_told_as_sent_twice_is_doubled() -> None:
    assert kinds(facts("LetterSent", "LetterSent")) == [("doubled", LETTER)]


@pytest.mark.parametrize(
    ("state", "told", "found"),
    [
        ("sent", ("LetterFailed", "LetterSent"), []),
        ("sent", (), [("wrong", LETTER)]),
        ("pending", ("LetterSent",), [("wrong", LETTER)]),
        ("unknown", ("LetterFailed",), []),
        ("unknown", (), [("lost", LETTER)]),
        ("failed", (), [("lost", LETTER)]),
        ("dropped", (), []),
    ],
)
def test_a_letter_is_told_as_it_stands(
    state: str, told: tuple[str, ...], found: list[tuple[str, str]]
) -> None:
    assert kinds(replace(facts(*told), letters=(letter(state=state),))) == found


def test_what_is_told_of_no_letter_is_wrong() -> None:
    whole = facts("LetterSent", key=SECOND)
    assert kinds(replace(whole, letters=())) == [("wrong", SECOND)]


def test_a_sent_letter_is_in_the_sink_once() -> None:
    assert sink(letter=1) == []
    assert sink(letter=2) == [("doubled", LETTER)]
    assert sink() == [("lost", LETTER)]
    assert sink(letter=1, strange=1) == [("wrong", "strange")]


@pytest.mark.parametrize("state", ["unknown", "sending"])
def test_a_letter_that_may_have_gone_may_be_in_the_sink(state: str) -> None:
    assert sink(state=state, letter=1) == []
    assert sink(state=state) == []
    assert sink(state=state, letter=2) == [("doubled", LETTER)]


@pytest.mark.parametrize("state", ["pending", "dropped"])
def test_a_letter_that_went_may_not_go_again(state: str) -> None:
    assert sink(state=state, letter=1) == [("wrong", LETTER)]


def test_a_person_may_send_it_again_or_say_that_it_went() -> None:
    assert sink(decided=1, letter=2) == []
    assert sink(decided=1) == []
    assert sink(state="pending", decided=1, letter=1) == []


def test_a_letter_that_is_due_is_on_its_way() -> None:
    due: Letter = letter(state="pending", due=True, attempts=2)
    verdict = letters(replace(facts(), letters=(due,)))
    assert verdict.findings == ()
    assert [finding.words for finding in verdict.waiting] == ["is pending and due"]
