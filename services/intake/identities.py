"""What everything is known by: ids derived from the keys our sources give."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

_HERE = uuid5(NAMESPACE_URL, "https://path2apprenticeships.example.org")
LEARNERS = uuid5(_HERE, "learners")
COURSES = uuid5(_HERE, "courses")
VACANCIES = uuid5(_HERE, "vacancies")
EMPLOYERS = uuid5(_HERE, "employers")
FACTS = uuid5(_HERE, "facts")
TASKS = uuid5(_HERE, "tasks")
WORDS = uuid5(_HERE, "words")


def learner_id(ukprn: str, reference: str) -> UUID:
    """The learner a provider calls *reference*."""
    return uuid5(LEARNERS, f"{ukprn}/{reference.strip()}")


def course_id(ukprn: str, aim: str, started_on: str) -> UUID:
    """One provider's course of one aim reference that began on one day."""
    return uuid5(COURSES, f"{ukprn}/{aim}/{started_on}")


def vacancy_id(source: str, reference: str) -> UUID:
    """The vacancy *source* calls *reference*."""
    return uuid5(VACANCIES, f"{source}/{bare(reference)}")


def bare(reference: str) -> str:
    """A vacancy's reference without DfE's VAC, which some of its systems leave out."""
    return reference.strip().upper().removeprefix("VAC")


def employer_id(key: str) -> UUID:
    """The employer of a stable key, or of a name, whatever its case and spaces."""
    return uuid5(EMPLOYERS, " ".join(key.casefold().split()))


def fact_id(aggregate: UUID, ce_type: str, occurred_at: datetime) -> UUID:
    """One fact of one aggregate: its times rise strictly, so no two share an id."""
    return uuid5(FACTS, f"{aggregate}/{ce_type}/{occurred_at.isoformat()}")


def task_id(kind: str, about: UUID) -> UUID:
    """The one task of a kind about one thing."""
    return uuid5(TASKS, f"{kind}/{about}")


def word_id(word: str) -> UUID:
    """A plain word nobody knows, for addresses of pages: they must not repeat what people wrote."""
    return uuid5(WORDS, word)
