"""Both sides of the letters, played: each answer follows from the seed and whom it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from services.embedded.browser import Form, Visitor

DECLINE_SHARE = 0.1
YES, NO = "yes", "no"
REASONS = {"employer": "skills", "learner": "circumstances"}
ANSWER = re.compile(r"answer(-\d+)?$")


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """A letter that asks something; *about* is stable from run to run, the link is not."""

    about: str
    side: str
    url: str = field(compare=False)


@dataclass(kw_only=True)
class Answering:
    """
    Answers letters by the pages behind their links, and counts the answers.

    Whoever declines does so alone, with *settle* called after each: which place is refilled first
    would else be a matter of chance. *share* of all who are asked decline.
    """

    seed: int
    share: float = DECLINE_SHARE
    settle: Callable[[], None]
    given: dict[str, int] = field(default_factory=dict)

    def answer(self, visitor: Visitor, questions: Iterable[Question]) -> None:
        """Answer them all: refusals first, then employers' offers of times, then learners."""
        asked = sorted(questions)
        for question in asked:
            self._refuse(visitor, question)
        for question in asked:
            self._accept(visitor, question)

    def _says_no(self, question: Question, name: str) -> bool:
        """The same in every run with this seed."""
        words = f"{self.seed}/{question.about}/{question.side}/{name}"
        return sha256(words.encode()).digest()[0] < self.share * 256

    def _refuse(self, visitor: Visitor, question: Question) -> None:
        while form := _form(visitor, question):
            unwilling = [name for name in _open(form) if self._says_no(question, name)]
            if not unwilling:
                return
            why = unwilling[0].replace("answer", "reason")
            visitor.send(form, {unwilling[0]: NO, why: REASONS[question.side]})
            self._count(question.side, "declined", 1)
            self.settle()

    def _accept(self, visitor: Visitor, question: Question) -> None:
        form = _form(visitor, question)
        willing = [name for name in _open(form) if not self._says_no(question, name)]
        if form is None or not willing:
            return
        agreed = sum(form.fields[name] == [YES] for name in form.choices if name in form.fields)
        times = _times(form, agreed + len(willing))
        visitor.send(form, dict.fromkeys(willing, YES) | times)
        self._count(question.side, "accepted", len(willing))

    def _count(self, side: str, answer: str, number: int) -> None:
        name = f"{side}_{answer}"
        self.given[name] = self.given.get(name, 0) + number


def questions(mails: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> Iterator[Question]:
    """
    The letters among *mails* that ask for an answer.

    *about* says, by letter id, whom a letter is about; a letter not in it asks nothing.
    """
    for mail in mails:
        letter_id = mail["message_id"].strip("<>").partition("@")[0]
        links = [link for link in mail["links"] if "/reply/" in link]
        if letter_id in about and links:
            side, _, whom = about[letter_id].partition(" ")
            yield Question(about=whom, side=side, url=links[0])


def _form(visitor: Visitor, question: Question) -> Form | None:
    """The form that asks for answers; None on a page where nothing is left to say."""
    forms = visitor.open(question.url).forms()
    return next((form for form in forms if any(map(ANSWER.match, form.choices))), None)


def _open(form: Form | None) -> list[str]:
    """The answers asked for and not yet given."""
    if form is None:
        return []
    return [name for name in form.choices if ANSWER.match(name) and name not in form.fields]


def _times(form: Form, needed: int) -> dict[str, str]:
    """Enough interview times: those suggested, and later hours of the first day."""
    slots = [name for name in form.fields if name.startswith("slot-")]
    filled = [form.fields[name][0] for name in slots if form.fields[name][0]]
    if not filled or len(filled) >= needed:
        return {}
    first = datetime.fromisoformat(filled[0])
    more = ((first + timedelta(hours=hour)).isoformat()[:16] for hour in range(1, 8))
    empty = [name for name in slots if not form.fields[name][0]]
    return dict(zip(empty, more, strict=False))
