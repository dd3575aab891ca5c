"""Which aims are a programme's, and what its courses are: configuration, never code."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from schemas.learner import Key, Route
from services.intake.aims import Aim
from services.intake.packaged import toml


class Table(BaseModel):
    """A table of the file: a name it does not know is a mistake worth hearing of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Marker(Table):
    """Every test named must pass; None tests nothing."""

    fund_model: tuple[str, ...] | None = None
    sof: tuple[str, ...] | None = None
    dam: tuple[str, ...] | None = None
    ukprn: tuple[str, ...] | None = None
    prog_type: tuple[str, ...] | None = None
    aim: tuple[str, ...] | None = None
    con_ref: tuple[str, ...] | None = None

    def takes(self, aim: Aim, ukprn: str) -> bool:
        """Whether *aim* of provider *ukprn* is the programme's."""
        tests = (
            (self.fund_model, (aim.fund_model,)),
            (self.sof, aim.codes("SOF")),
            (self.dam, aim.codes("DAM")),
            (self.ukprn, (ukprn,)),
            (self.prog_type, (aim.prog_type,)),
            (self.aim, (aim.reference,)),
            (self.con_ref, (aim.con_ref,)),
        )
        return all(
            wanted is None or any(value in wanted for value in found) for wanted, found in tests
        )


class Programme(Table):
    key: Key
    markers: tuple[Marker, ...]


class CourseEntry(Table):
    """What a course of the scheme teaches, by its aim reference."""

    aim: str
    title: str
    route: Route | None = None
    level: int | None = Field(default=None, ge=0, le=7)
    skills: tuple[str, ...] = ()


class Ground(Table):
    """A learner's code that proves a ground for foundation apprenticeships."""

    type: str
    code: str


class Programmes(Table):
    """The whole file."""

    programmes: tuple[Programme, ...]
    courses: tuple[CourseEntry, ...] = ()
    grounds: tuple[Ground, ...] = ()

    def scheme_aims(self, aims: Sequence[Aim], ukprn: str) -> tuple[str, tuple[Aim, ...]] | None:
        """The first programme that takes any of *aims*, with those it takes."""
        for programme in self.programmes:
            taken = tuple(
                aim for aim in aims if any(m.takes(aim, ukprn) for m in programme.markers)
            )
            if taken:
                return programme.key, taken
        return None

    def course(self, references: Sequence[str]) -> CourseEntry | None:
        """The course of the first of *references* that is in the file."""
        known = {course.aim: course for course in self.courses}
        return next((known[ref] for ref in references if ref in known), None)

    def proves_ground(self, codes: Sequence[tuple[str, str]]) -> bool:
        """Whether any (type, code) of a learner is a ground."""
        return any(Ground(type=t, code=c) in self.grounds for t, c in codes)


def load_programmes(instead: Path | None = None) -> Programmes:
    """The file at *instead*, or the packaged one; raises pydantic's ValidationError."""
    return Programmes.model_validate(toml("programmes.toml", instead))
