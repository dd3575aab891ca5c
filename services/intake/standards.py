"""The apprenticeship standards we know, with the field names of Skills England."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.intake.packaged import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard; starts are allowed from ``earliest_start`` to ``latest_start``, both included."""

    reference: str
    lars_code: str
    title: str
    level: int
    route: int
    earliest_start: date
    latest_start: date | None
    foundation: bool
    job_titles: tuple[str, ...]
    skills: tuple[str, ...]

    def open_on(self, day: date) -> bool:
        """Whether an apprenticeship may start on *day*."""
        return self.earliest_start <= day and (
            self.latest_start is None or day <= self.latest_start
        )


def load_standards(instead: Path | None = None) -> Mapping[str, Standard]:
    """The standards by LARS code, of the CSV file *instead* or of the packaged one."""
    return {row["larsCode"]: _standard(row) for row in rows("standards.csv", instead)}


def _standard(row: dict[str, str]) -> Standard:
    latest = row["latestStartDate"]
    return Standard(
        reference=row["referenceNumber"],
        lars_code=row["larsCode"],
        title=row["title"],
        level=int(row["level"]),
        route=int(row["route"]),
        earliest_start=date.fromisoformat(row["earliestStartDate"]),
        latest_start=date.fromisoformat(latest) if latest else None,
        foundation=row["type"] == "foundationApprenticeship",
        job_titles=tuple(row["typicalJobTitles"].split(";")),
        skills=tuple(row["skills"].split(";")),
    )
