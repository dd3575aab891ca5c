"""
A round's inputs and outcome as bytes, so that it can be recomputed and compared.

    RoundUnreadable   the bytes are not a round's inputs
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from services.matcher.judged import Given
from services.matcher.market import (
    Learner,
    Outcome,
    Pair,
    Policy,
    RoundInputs,
    Shortlist,
    Vacancy,
)
from services.matcher.steps import Step

_LENGTH = 8  # bytes that say how long the JSON part is; the scores follow it


class RoundUnreadable(Exception):
    """The bytes are not a round's inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """`RoundInputs` without its scores; sets are sorted, so equal inputs are equal bytes."""

    market: str
    today: date
    learners: tuple[Learner, ...]
    vacancies: tuple[Vacancy, ...]
    locks: tuple[Pair, ...]
    excluded: tuple[Pair, ...]
    current: tuple[Pair, ...]
    moved: tuple[tuple[UUID, UUID, int], ...]
    policy: Policy
    rerouted: tuple[Pair, ...] = ()  # rounds of before had none


_WRITTEN = TypeAdapter(_Written)


def written(inputs: RoundInputs, scores: NDArray[np.int16]) -> bytes:
    """*inputs* with the integer *scores* (learners x vacancies), as canonical bytes."""
    facts = _WRITTEN.dump_json(
        _Written(
            market=inputs.market,
            today=inputs.today,
            learners=inputs.learners,
            vacancies=inputs.vacancies,
            locks=tuple(sorted(inputs.locks)),
            excluded=tuple(sorted(inputs.excluded)),
            current=tuple(sorted(inputs.current)),
            moved=tuple(sorted((*pair, place) for pair, place in inputs.moved.items())),
            policy=inputs.policy,
            rerouted=tuple(sorted(inputs.rerouted)),
        )
    )
    return b"".join((len(facts).to_bytes(_LENGTH), facts, *_said_of(scores)))


def read(data: bytes) -> RoundInputs:
    """The inputs *written*, scores included; raises RoundUnreadable."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    try:
        facts = _WRITTEN.validate_json(data[_LENGTH:end])
        (scores,) = _scores(memoryview(data)[end:], (len(facts.learners), len(facts.vacancies)))
    except (ValidationError, ValueError):
        # not chained: pydantic's message would quote the rows
        raise RoundUnreadable(f"{len(data)} bytes are no round's inputs") from None
    return RoundInputs(
        market=facts.market,
        today=facts.today,
        learners=facts.learners,
        vacancies=facts.vacancies,
        locks=frozenset(facts.locks),
        excluded=frozenset(facts.excluded),
        current=frozenset(facts.current),
        moved={(learner, vacancy): place for learner, vacancy, place in facts.moved},
        policy=facts.policy,
        rerouted=frozenset(facts.rerouted),
        scores=scores,
    )


def _said_of(scores: NDArray[np.int16]) -> tuple[memoryview, memoryview]:
    """Which pairs have a score, row by row and a bit each; then those scores."""
    flat = scores.reshape(-1)
    able = flat >= 0
    known = flat[able].astype("<i2", copy=False)  # by mask: places would be eight bytes each
    return np.packbits(able).data, known.view(np.uint8).data


def _scores(data: memoryview, *shapes: tuple[int, int]) -> list[NDArray[np.int16]]:
    """What `_said_of` said of scores of those *shapes*, int16, -1 where there is none."""
    tables = []
    for rows, columns in shapes:
        pairs = rows * columns
        bits = np.frombuffer(data, dtype=np.uint8, count=-(-pairs // 8))
        able = np.unpackbits(bits, count=pairs).view(np.bool_)
        known = int(np.count_nonzero(able))
        scores = np.full(pairs, -1, dtype=np.int16)
        scores[able] = np.frombuffer(data, dtype="<i2", count=known, offset=bits.size)
        data = data[bits.size + 2 * known :]
        tables.append(scores.reshape(rows, columns))
    if data:
        raise ValueError(f"{len(data)} bytes are left over")
    return tables


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stepped:
    """A `Step`, and the shapes of the scores that follow it."""

    step: Step
    rows: tuple[int, int]
    columns: tuple[int, int]


_STEPPED = TypeAdapter(_Stepped)


def stepped(step: Step, given: Given) -> bytes:
    """*step* with the integer scores of what it judged anew, as canonical bytes."""
    shapes = {"rows": given.rows.shape, "columns": given.columns.shape}
    facts = _STEPPED.dump_json(_Stepped(step=step, **shapes))
    scores = *_said_of(given.rows), *_said_of(given.columns)
    return b"".join((len(facts).to_bytes(_LENGTH), facts, *scores))


def read_step(data: bytes) -> tuple[Step, Given]:
    """The step *stepped*, with its scores; raises RoundUnreadable."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    try:
        facts = _STEPPED.validate_json(data[_LENGTH:end])
        rows, columns = _scores(memoryview(data)[end:], facts.rows, facts.columns)
    except (ValidationError, ValueError):
        # not chained: pydantic's message would quote the rows
        raise RoundUnreadable(f"{len(data)} bytes are no round's step") from None
    return facts.step, Given(rows=rows, columns=columns)


def packed(data: bytes) -> bytes:
    """
    What was `written` or `stepped`, in less space.

    Only its facts, for a round waits for it: they repeat themselves, scores do not.
    """
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    return zlib.compress(data[:end], 1) + data[end:]


def unpacked(data: bytes) -> bytes:
    """What was `packed`; raises RoundUnreadable."""
    facts = zlib.decompressobj()
    try:
        start = facts.decompress(data)
    except zlib.error as error:
        raise RoundUnreadable(f"{len(data)} bytes were not packed by us: {error}") from error
    if not facts.eof:
        raise RoundUnreadable(f"{len(data)} bytes were not packed by us: they end too soon")
    return start + facts.unused_data


def outcome_bytes(outcome: Outcome) -> bytes:
    """Everything a whole round says, as canonical bytes: what a replay must reproduce."""
    lines = [said(outcome.shortlists).decode()]
    lines += [f"{learner} {vacancy}" for learner, vacancy in sorted(outcome.allocated)]
    lines += [f"{learner} {why}" for learner, why in sorted(outcome.unplaced.items())]
    return "\n".join(lines).encode()


def said(shortlists: Iterable[Shortlist]) -> bytes:
    """Shortlists as canonical bytes: what a step wrote, and its replay must write again."""
    ordered = sorted(shortlists, key=attrgetter("vacancy_id"))
    lines = [
        f"{row.vacancy_id} {kind} {match.model_dump_json()}"
        for row in ordered
        for kind, matches in (("place", row.matches), ("reserve", row.reserves))
        for match in matches
    ]
    lines += [f"{row.vacancy_id} {sorted(row.absences.items())}" for row in ordered]
    return "\n".join(lines).encode()


def decided(shortlists: Iterable[Shortlist]) -> bytes:
    """What shortlists decide, without a word: who, in which order, with which score."""
    lines = [
        f"{row.vacancy_id} {kind} {match.learner_id} {match.position} {match.score} {match.locked}"
        for row in sorted(shortlists, key=attrgetter("vacancy_id"))
        for kind, matches in (("place", row.matches), ("reserve", row.reserves))
        for match in matches
    ]
    return "\n".join(lines).encode()


def digest(data: bytes) -> str:
    """What stands for *data* where it is not kept."""
    return hashlib.sha256(data).hexdigest()
