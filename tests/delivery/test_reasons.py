"""Errors in words that repeat nobody's data."""

import psycopg
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from services.delivery.failures import Fault, Stopping, fault
from services.delivery.reasons import frames, reason


class Person(BaseModel):
    """Something with a mapping, whose keys stand in the place of an error."""

    name: int
    by_name: dict[str, int]


def test_a_validation_error_names_fields_and_no_values() -> None:
    """Neither the input nor a mapping's key."""
    with pytest.raises(ValidationError) as caught:
        Person.model_validate({"name": "Marker Name", "by_name": {"Marker Name": "x"}})
    assert reason(caught.value) == "/name: int_parsing; /by_name/?: int_parsing"


def test_a_database_error_is_its_class_and_code() -> None:
    """PostgreSQL's own message quotes the row."""
    error = wrapped(IntegrityError, psycopg.errors.UniqueViolation("Key (name)=(Marker Name)"))
    assert reason(error) == "UniqueViolation 23505"


def test_any_other_error_is_its_class_and_place() -> None:
    """The message is never repeated; the frames say where."""
    with pytest.raises(ValueError, match="Marker Name") as caught:
        int("Marker Name")
    assert reason(caught.value) == "ValueError"
    assert frames(caught.value)[-1].endswith("test_any_other_error_is_its_class_and_place")


def test_whose_fault_it_is() -> None:
    """A meeting of transactions, an outage, or the event."""
    meeting = wrapped(OperationalError, psycopg.errors.SerializationFailure())
    assert fault(meeting) is Fault.REPEAT
    assert fault(wrapped(OperationalError, psycopg.errors.DeadlockDetected())) is Fault.REPEAT
    assert fault(wrapped(OperationalError, psycopg.errors.AdminShutdown())) is Fault.OUTAGE
    assert fault(wrapped(OperationalError, psycopg.errors.DiskFull())) is Fault.OUTAGE
    assert fault(ConnectionRefusedError()) is Fault.OUTAGE
    assert fault(Stopping()) is Fault.OUTAGE
    assert fault(wrapped(IntegrityError, psycopg.errors.UniqueViolation())) is Fault.EVENT
    assert fault(KeyError("Marker Name")) is Fault.EVENT


def wrapped(cls: type[DBAPIError], error: psycopg.Error) -> DBAPIError:
    return cls("select", {}, error)
