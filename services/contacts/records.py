"""What contacts keeps of a learner and of an employer, and who reads it."""

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A learner; *reference* is the provider's, *contact_restricted* forbids letters."""

    learner_id: UUID
    given_name: str
    family_name: str
    email: str | None = None
    phone: str | None = None
    address: tuple[str, ...] = ()
    postcode: str | None = None
    uln: str | None = None
    reference: str | None = None
    contact_restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """An employer, and the person there who gets our letters."""

    employer_id: UUID
    name: str
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads and why; both stay in the audit."""

    account: str
    reason: str


def written(record: Person | Employer) -> str:
    """*record* as the text that is sealed."""
    return json.dumps(asdict(record), default=str)


def person(text: str) -> Person:
    """The person of `written`."""
    fields = _fields(text)
    return Person(**fields | {"learner_id": UUID(fields["learner_id"])})


def employer(text: str) -> Employer:
    """The employer of `written`."""
    fields = _fields(text)
    return Employer(**fields | {"employer_id": UUID(fields["employer_id"])})


def _fields(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    return fields | {"address": tuple(fields["address"])}
