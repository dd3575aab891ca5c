"""
A market as two tables, for allocating without anything else of the service.

    TableUnreadable   a row is not what it must be; says which file, which line, what was got
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from statistics import mean
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from services.matcher.flow import Ints

FINEST = 10**7  # a score of 1 in whole units
LARGEST = 10**9  # a score's whole units at most: fits 32 bits with room for stickiness
SHOWN = 40  # characters of a cell that an error repeats


class TableUnreadable(Exception):
    """A row is not what it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """
    Ids in order, whole values (int32 [learners x vacancies], -1 without a pair) and places.

    A value is the score times ``unit``; ``scores`` are those of the file, exactly.
    """

    learners: tuple[str, ...]
    vacancies: tuple[str, ...]
    values: NDArray[np.int32]
    places: Ints
    unit: Decimal
    scores: dict[tuple[str, str], Decimal]


def read(pairs: TextIO, capacities: TextIO) -> Tables:
    """
    Pairs `learner,vacancy,score[,score...]` and capacities `vacancy,places`, under any headers.

    Several scores are averaged. Raises TableUnreadable.
    """
    places = _capacities(capacities)
    scores: dict[tuple[str, str], Decimal] = {}
    for where, row in _rows(pairs, least=3):
        pair = (row[0], row[1])
        if pair[1] not in places:
            raise TableUnreadable(f"{where}: vacancy {_shown(row[1])} has no row of places")
        if pair in scores:
            raise TableUnreadable(f"{where}: {', '.join(map(_shown, pair))} a second time")
        scores[pair] = mean(_score(where, cell) for cell in row[2:])
    learners = tuple(sorted({learner for learner, _ in scores}, key=_in_order))
    vacancies = tuple(sorted(places, key=_in_order))
    row_of = {each: i for i, each in enumerate(learners)}
    column_of = {each: i for i, each in enumerate(vacancies)}
    unit = Decimal(FINEST)
    while max(scores.values(), default=Decimal(0)) * unit > LARGEST:
        unit /= 10
    values = np.full((len(learners), len(vacancies)), -1, dtype=np.int32)
    for (learner, vacancy), score in scores.items():
        values[row_of[learner], column_of[vacancy]] = round(score * unit)
    return Tables(
        learners=learners,
        vacancies=vacancies,
        values=values,
        places=np.array([places[each] for each in vacancies], dtype=np.int64),
        unit=unit,
        scores=scores,
    )


def _capacities(table: TextIO) -> dict[str, int]:
    places: dict[str, int] = {}
    for where, row in _rows(table, least=2):
        if row[0] in places:
            raise TableUnreadable(f"{where}: vacancy {_shown(row[0])} a second time")
        if not (row[1].isascii() and row[1].isdigit()) or int(row[1]) > LARGEST:
            raise TableUnreadable(f"{where}: places are a whole number, got {_shown(row[1])}")
        places[row[0]] = int(row[1])
    return places


def _rows(table: TextIO, least: int) -> Iterator[tuple[str, list[str]]]:
    """Rows below the header, stripped, each with the place to name in an error."""
    reader = csv.reader(table, strict=True)
    where = f"{table.name}, line 1"
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if len(header) < least:
            raise TableUnreadable(f"{where}: a header of {least} names is needed, got {header}")
        if _number(header[least - 1]) is not None:
            raise TableUnreadable(f"{where}: the first line must be a header, got a row of data")
        for cells in reader:
            where = f"{table.name}, line {reader.line_num}"
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if len(row) != len(header):
                raise TableUnreadable(f"{where}: {len(header)} cells are needed, got {len(row)}")
            if not all(row[: least - 1]):
                raise TableUnreadable(f"{where}: an id is empty")
            yield where, row
    except csv.Error as error:
        where = f"{table.name}, line {reader.line_num}"
        raise TableUnreadable(f"{where}: not readable as CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise TableUnreadable(f"{table.name}: not UTF-8 after {where.split(', ')[-1]}") from error


def _score(where: str, cell: str) -> Decimal:
    number = _number(cell)
    if number is None or not 0 <= number <= LARGEST:
        raise TableUnreadable(f"{where}: a score is a number of 0 or more, got {_shown(cell)}")
    return number


def _number(cell: str) -> Decimal | None:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _in_order(name: str) -> tuple[int, str]:
    """Numbers by size, other ids at least always the same way."""
    return len(name), name


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= SHOWN else cell[:SHOWN] + "...")
