"""A cohort and its employers as a folder of files, as upstream systems would send them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from schemas.learner import ROUTES
from services.embedded import adverts as documents
from services.embedded import returns
from services.embedded.employers import Advert, Standard, adverts
from services.embedded.people import PROVIDERS, learners

CATALOGUE = Path(__file__).parents[1] / "intake" / "standards.toml"
# every fourth advert comes in the dialect in which the Recruitment API is written to
WRITTEN = 4


def write_sample(
    folder: Path, *, learner_count: int, vacancy_count: int, seed: int, today: date
) -> list[Path]:
    """
    Write the files of an invented cohort; answers their paths in the order to send them.

    The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # yesterday's, so that no fact lies ahead of the clock of whoever reads them
    prepared = today - timedelta(days=1)
    written = []
    for name, content in (
        *_of_learners(learner_count, seed, today, prepared),
        *_of_vacancies(vacancy_count, seed, today, prepared),
    ):
        (folder / name).write_bytes(content)
        written.append(folder / name)
    return written


def _of_learners(count: int, seed: int, today: date, prepared: date) -> Iterator[tuple[str, bytes]]:
    cohort = learners(count, seed=seed, today=today)
    for ukprn in PROVIDERS:
        own = [learner for learner in cohort if learner.ukprn == ukprn]
        if own:
            yield returns.name(ukprn, prepared), returns.ilr(ukprn, own, prepared=prepared)
    yield "learners.csv", returns.extras(cohort, prepared=prepared).encode()


def _of_vacancies(
    count: int, seed: int, today: date, prepared: date
) -> Iterator[tuple[str, bytes]]:
    posted = adverts(count, _standards(today), seed=seed, today=today)
    written = [advert for advert in posted if advert.number % WRITTEN == WRITTEN - 1]
    shown = [advert for advert in posted if advert not in written]
    told: list[tuple[str, Advert]] = [(advert.reference, advert) for advert in shown]
    told += [(str(advert.uuid), advert) for advert in written]
    # pledges first: an advert is then promised the moment it is read
    yield "pledges.csv", documents.pledges(told, as_of=prepared).encode()
    yield "display-adverts.json", documents.display_adverts(shown).encode()
    for advert in written:
        yield f"{advert.uuid}.json", documents.recruitment(advert).encode()


def _standards(today: date) -> list[Standard]:
    """The ordinary standards of intake's own catalogue that may be started now."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return [
        Standard(
            lars_code=row["larsCode"],
            title=row["title"],
            level=row["level"],
            route=ROUTES.index(row["route"]) + 1,
        )
        for row in catalogue["standards"]
        if "apprenticeshipType" not in row and row.get("latestStartDate", date.max) > today
    ]
