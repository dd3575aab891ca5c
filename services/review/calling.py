"""How a vacancy is called where several are named: by its title and its employer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.review import labels
from services.review.state import VacancyState


@dataclass(frozen=True, slots=True)
class Calling:
    """The vacancies there are, and the names of the employers that may be read here."""

    vacancies: Mapping[UUID, VacancyState]
    employers: Mapping[UUID, str]

    @property
    def titles(self) -> dict[UUID, str]:
        """Such as ``Baker apprentice, Crumb & Sons``, of every vacancy."""
        return {
            row.vacancy_id: ", ".join(reversed(self._parts(row.vacancy_id)))
            for row in self.vacancies.values()
            if row.profile
        }

    def at(self, vacancy_id: UUID) -> str:
        """Such as ``Crumb & Sons, Baker apprentice``."""
        return ", ".join(self._parts(vacancy_id)) or "a vacancy not known here"

    def choices(self) -> list[tuple[str, str]]:
        """Open vacancies with their interviews, by employer's name and title; unnamed ones last."""
        titles = self.titles
        listed = sorted(
            (row for row in self.vacancies.values() if row.profile and not row.closed),
            key=self._order,
        )
        return [
            (
                str(row.vacancy_id),
                f"{titles[row.vacancy_id]}, {labels.plural(row.interviews, 'interview')}",
            )
            for row in listed
        ]

    def _parts(self, vacancy_id: UUID) -> list[str]:
        """The employer's name, if it is known, and the title."""
        row = self.vacancies.get(vacancy_id)
        if row is None or row.profile is None:
            return []
        name = self.employers.get(row.profile.employer_id)
        return [name, row.profile.title] if name else [row.profile.title]

    def _order(self, row: VacancyState) -> tuple[bool, Sequence[str], UUID]:
        parts = self._parts(row.vacancy_id)
        return len(parts) == 1, [part.casefold() for part in parts], row.vacancy_id
