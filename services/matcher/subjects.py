"""English and maths: the level held, worked towards and asked for. Shown, and never scored."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.learner import Attainment
from schemas.vacancy import Asked
from services.matcher.market import Learner, Vacancy
from services.matcher.readings import NEVER, day


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the two, with what a learner has of it and a vacancy asks; None is not known."""

    name: str
    of_learner: Callable[[Learner], Attainment | None]
    of_vacancy: Callable[[Vacancy], Asked | None]
    held: Callable[[Learner], int | None]
    towards: Callable[[Learner], int | None]
    due: Callable[[Learner], int]
    asked: Callable[[Vacancy], int | None]
    essential: Callable[[Vacancy], int | None]

    def in_time(self, learner: Learner, vacancy: Vacancy) -> bool:
        """Whether what is asked for is due before the work starts."""
        found, asked = self.of_learner(learner), self.of_vacancy(vacancy)
        if not found or not asked or found.towards is None or found.due is None:
            return False
        return found.towards >= asked.level and found.due < vacancy.profile.starts_on


def _subject(
    name: str,
    of_learner: Callable[[Learner], Attainment | None],
    of_vacancy: Callable[[Vacancy], Asked | None],
) -> Subject:
    # made once, because columns are known by the functions that read them
    def held(row: Learner) -> int | None:
        found = of_learner(row)
        return found.held if found else None

    def towards(row: Learner) -> int | None:
        found = of_learner(row)
        return found.towards if found else None

    def due(row: Learner) -> int:
        found = of_learner(row)
        return day(found.due) if found and found.due else NEVER

    def asked(row: Vacancy) -> int | None:
        found = of_vacancy(row)
        return found.level if found else None

    def essential(row: Vacancy) -> int | None:
        found = of_vacancy(row)
        return found.level if found and found.essential else None

    return Subject(name, of_learner, of_vacancy, held, towards, due, asked, essential)


SUBJECTS = (
    _subject("English", lambda row: row.profile.english, lambda row: row.profile.english),
    _subject("maths", lambda row: row.profile.maths, lambda row: row.profile.maths),
)
