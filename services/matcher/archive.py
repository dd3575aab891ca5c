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
    return b"".join((len(facts).to_bytes(_LENGTH), facts, _raw(scores)))


def read(data: bytes) -> RoundInputs:
    """The inputs *written*, scores included; raises RoundUnreadable."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    try:
        facts = _WRITTEN.validate_json(data[_LENGTH:end])
        scores = np.frombuffer(data[end:], dtype="<i2").astype(np.int16)
        scores = scores.reshape(len(facts.learners), len(facts.vacancies))
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


def _raw(scores: NDArray[np.int16]) -> memoryview:
    """The bytes of *scores*; no copy if they are little-endian and lie by rows."""
    return np.ascontiguousarray(scores, dtype="<i2").ravel().view(np.uint8).data


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
    scores = _raw(given.rows), _raw(given.columns)
    return b"".join((len(facts).to_bytes(_LENGTH), facts, *scores))


def read_step(data: bytes) -> tuple[Step, Given]:
    """The step *stepped*, with its scores; raises RoundUnreadable."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    try:
        facts = _STEPPED.validate_json(data[_LENGTH:end])
        scores = np.frombuffer(data[end:], dtype="<i2").astype(np.int16)
        middle = facts.rows[0] * facts.rows[1]
        rows = scores[:middle].reshape(facts.rows)
        columns = scores[middle:].reshape(facts.columns)
    except (ValidationError, ValueError):
        # not chained: pydantic's message would quote the rows
        raise RoundUnreadable(f"{len(data)} bytes are no round's step") from None
    return facts.step, Given(rows=rows, columns=columns)


def packed(data: bytes) -> bytes:
    """
    What was `written` or `stepped`, in less space.

    Two zlib streams, for a round waits for it: facts repeat, scores do not, and a search for what
    they repeat takes longer than all the rest.
    """
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    scores = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
    return zlib.compress(data[:end], 1) + scores.compress(data[end:]) + scores.flush()


def unpacked(data: bytes) -> bytes:
    """What was `packed`; raises RoundUnreadable."""
    facts = zlib.decompressobj()
    try:
        return facts.decompress(data) + zlib.decompress(facts.unused_data)
    except zlib.error as error:
        raise RoundUnreadable(f"{len(data)} bytes were not packed by us: {error}") from error


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
