"""A model as JSON: readable, comparable, and unable to run code when loaded."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import sklearn
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.matcher.scorer import Model, ModelRefused, verified

FORM = 1


class _Saved(BaseModel):
    """What a file must hold, so that a wrong one is named rather than half-read."""

    model_config = ConfigDict(extra="forbid", strict=True)

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
    digest: str


def save(model: Model, path: Path) -> None:
    """Write *model* to *path*."""
    facts = {"form": FORM, "scikit_learn": sklearn.__version__, **asdict(model)}
    lists = {key: list(value) for key, value in facts.items() if isinstance(value, tuple)}
    facts |= lists
    facts["digest"] = _digest(facts)
    path.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


def load(path: Path) -> Model:
    """The verified model of *path*; raises ModelRefused."""
    try:
        saved = _Saved.model_validate_json(path.read_bytes())
    except ValidationError as error:
        where = ", ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ModelRefused(f"{path.name}: {where}") from error
    facts = saved.model_dump()
    if facts.pop("digest") != _digest(facts):
        raise ModelRefused(f"{path.name} was changed after it was written: its digest differs")
    if saved.form != FORM:
        raise ModelRefused(f"{path.name} is of form {saved.form}, this service reads {FORM}")
    if saved.scikit_learn != sklearn.__version__:
        made, here = saved.scikit_learn, sklearn.__version__
        raise ModelRefused(f"{path.name} was fitted by scikit-learn {made}, here is {here}: refit")
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
        )
    )


def _digest(facts: dict[str, object]) -> str:
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
