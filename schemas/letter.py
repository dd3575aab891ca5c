"""What became of each letter. Addresses are never part of it."""

from typing import ClassVar
from uuid import UUID

from schemas.envelope import Event
from schemas.learner import Key


class LetterEvent(Event):
    topic: ClassVar[str] = "p2a.letters.v1"
    key_field: ClassVar[str] = "letter_id"
    writer: ClassVar[str] = "notifier"
    letter_id: UUID
    template: Key
    side: Key
    vacancy_id: UUID
    learner_id: UUID | None = None


class LetterSent(LetterEvent):
    """The carrier took the letter."""


class LetterFailed(LetterEvent):
    """The letter will not go by itself; *reason* says why and a person must look."""

    reason: Key


class LetterBounced(LetterEvent):
    """The letter came back."""

    reason: Key
