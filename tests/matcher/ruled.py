"""A few rules written for a test, and what they say of one pair."""

from datetime import date

from services.matcher.market import Learner, Vacancy
from services.matcher.rules import Rules
from tests.matcher.cohorts import TODAY

HEAD = 'version = "a"\n[sectors]\ncreative = [6]\ncare = [3, 11]\n'


def rules(text: str) -> Rules:
    return Rules.of((HEAD + text).encode())


def first(book: Rules, row: Learner, other: Vacancy, today: date = TODAY) -> str | None:
    number = int(book.first_failures([row], [other], today)[0, 0])
    return book.ids[number - 1] if number else None
