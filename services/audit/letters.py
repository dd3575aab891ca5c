"""At most one letter for each cause, recipient and template, and it is where it is said to be."""

from collections import Counter
from collections.abc import Iterator

from schemas.letter import LetterFailed, LetterSent
from services.audit.history import History, Letter, Posted
from services.audit.verdict import DOUBLED, LOST, WRONG, Finding, Verdict

SENT, FAILED = LetterSent.ce_type(), LetterFailed.ce_type()
ASK = "ask the recipient or the mail server; tell the developers"
LIST = "p2a letters list, then p2a letters went or p2a letters again"


def letters(history: History) -> Verdict:
    """One letter a reason, sent at most once unless a person said so, and told as it was."""
    facts = [row for row in history.posted if row.type in {SENT, FAILED}]
    states = Counter(letter.state for letter in history.letters)
    return Verdict(
        name="letters",
        sentence="at most one letter for each cause, recipient and template, sent once",
        looked={**dict(sorted(states.items())), "facts": len(facts), **_in_sink(history)},
        findings=(*_written_twice(history), *_told(history, facts), *_sink(history)),
        waiting=tuple(_due(history)),
    )


def _written_twice(history: History) -> Iterator[Finding]:
    same = Counter((one.cause, one.recipient, one.template) for one in history.letters)
    for one in history.letters:
        if same[one.cause, one.recipient, one.template] > 1:
            words = f"is one of several {one.template} letters of one cause to one recipient"
            yield Finding("letters", DOUBLED, one.letter_id, words, ASK)


def _told(history: History, facts: list[Posted]) -> Iterator[Finding]:
    told = Counter((row.type, row.key) for row in facts)
    known = {letter.letter_id for letter in history.letters}
    for letter in history.letters:
        sent = told[SENT, letter.letter_id]
        if sent > 1:
            yield Finding(
                "letters", DOUBLED, letter.letter_id, f"was told as sent {sent} times", ASK
            )
        if (letter.state == "sent") is not (sent > 0):
            words = f"is {letter.state}, and was told as sent {sent} times"
            yield Finding("letters", WRONG, letter.letter_id, words, ASK)
        if letter.state in {"failed", "unknown"} and not told[FAILED, letter.letter_id]:
            words = f"is {letter.state}, and nobody was told"
            yield Finding("letters", LOST, letter.letter_id, words, LIST)
    for key in {row.key for row in facts} - known:
        yield Finding("letters", WRONG, key, "was told of, and there is no such letter", ASK)


def _sink(history: History) -> Iterator[Finding]:
    mails = history.client.mails
    if mails is None:
        return
    known = {letter.letter_id: letter for letter in history.letters}
    for letter_id, times in mails.items():
        letter = known.get(letter_id)
        if letter is None:
            yield Finding("letters", WRONG, letter_id, "is in the sink, and nobody wrote it", ASK)
        elif times > 1 + _decided(letter):
            yield Finding("letters", DOUBLED, letter_id, f"is in the sink {times} times", ASK)
        elif letter.state in {"pending", "dropped"} and not _decided(letter):
            words = f"is in the sink, and {letter.state}: it would be sent again or was taken back"
            yield Finding("letters", WRONG, letter_id, words, ASK)
    for letter in history.letters:
        if letter.state == "sent" and letter.letter_id not in mails and not _decided(letter):
            yield Finding("letters", LOST, letter.letter_id, "is sent, and not in the sink", ASK)


def _decided(letter: Letter) -> int:
    """How often a person decided about it: each attempt raises the fence, and each decision."""
    return letter.fence - letter.attempts


def _in_sink(history: History) -> dict[str, int]:
    mails = history.client.mails
    return {} if mails is None else {"in the sink": sum(mails.values())}


def _due(history: History) -> Iterator[Finding]:
    for letter in history.letters:
        if letter.due:
            words = f"is {letter.state} and due"
            do = "p2a letters list says whether the queue stands; else look at the notifier's log"
            yield Finding("letters", LOST, f"{letter.letter_id} {letter.attempts}", words, do)
