"""A model as JSON: readable, comparable, and unable to run code when loaded."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import sklearn
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.matcher.scorer import Calibration, Model, ModelRefused, Weights, verified

FORM = 2


class _Part(BaseModel):
    """What a file must hold, so that a wrong one is named rather than half-read."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Weights(_Part):
    sector: str
    weights: list[float]
    intercept: float
    outcomes: Annotated[int, Field(ge=0)]


class _Calibration(_Part):
    slope: float
    shift: float
    outcomes: Annotated[int, Field(ge=0)]


class _Saved(_Part):
    form: int
    scikit_learn: str
    names: list[str]
    weights: list[float]
    centres: list[float]
    scales: list[float]
    intercept: float
    expert_weight: Annotated[float, Field(ge=0)]
    outcomes: Annotated[int, Field(ge=0)]
    version: str
    sectors: list[_Weights]
    calibration: _Calibration | None
    fallback: str | None
    digest: str


def text(model: Model) -> str:
    """*model* as JSON, with the digest of all of it."""
    facts = {"form": FORM, "scikit_learn": sklearn.__version__, **asdict(model)}
    # tuples become lists on the way, as they will be when read
    facts = json.loads(json.dumps(facts))
    facts["digest"] = _digest(facts)
    return json.dumps(facts, indent=1) + "\n"


def read(body: str | bytes, name: str, *, any_library: bool = False) -> Model:
    """
    The verified model of *body*; raises ModelRefused, which calls it *name*.

    *any_library*: one fitted by another scikit-learn will do, where it is not to rank.
    """
    try:
        saved = _Saved.model_validate_json(body)
    except ValidationError as error:
        where = ", ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ModelRefused(f"{name}: {where}") from error
    facts = saved.model_dump()
    if facts.pop("digest") != _digest(facts):
        raise ModelRefused(f"{name} was changed after it was written: its digest differs")
    if saved.form != FORM:
        raise ModelRefused(f"{name} is of form {saved.form}, this service reads {FORM}")
    if saved.scikit_learn != sklearn.__version__ and not any_library:
        made, here = saved.scikit_learn, sklearn.__version__
        raise ModelRefused(f"{name} was fitted by scikit-learn {made}, here is {here}: refit")
    found = saved.calibration
    return verified(
        Model(
            names=tuple(saved.names),
            weights=tuple(saved.weights),
            centres=tuple(saved.centres),
            scales=tuple(saved.scales),
            intercept=saved.intercept,
            expert_weight=saved.expert_weight,
            outcomes=saved.outcomes,
            version=saved.version,
            sectors=tuple(
                Weights(
                    sector=each.sector,
                    weights=tuple(each.weights),
                    intercept=each.intercept,
                    outcomes=each.outcomes,
                )
                for each in saved.sectors
            ),
            calibration=Calibration(**found.model_dump()) if found else None,
            fallback=saved.fallback,
        )
    )


def save(model: Model, path: Path) -> None:
    """Write *model* to *path*."""
    path.write_text(text(model), "utf-8")


def load(path: Path, *, any_library: bool = False) -> Model:
    """The verified model of *path*, as `read`; raises ModelRefused."""
    return read(path.read_bytes(), path.name, any_library=any_library)


def _digest(facts: dict[str, object]) -> str:
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
