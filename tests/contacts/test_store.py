"""Keeping, reading, finding and forgetting people."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from services.contacts.store import (
    Employer,
    Person,
    Reader,
    employers,
    erase,
    find_people,
    people,
    save_employers,
    save_people,
)
from services.contacts.tables import PersonRow, Reading
from services.contacts.vault import SealBroken, Vault
from services.delivery.database import Sessions, open_database

OLD_KEY, NEW_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
VAULT = Vault([OLD_KEY])
MONDAY = datetime(2026, 9, 7, 9, tzinfo=UTC)
WHO = Reader(account="ana", reason="shortlist reveal")


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """Sessions of a service that is not contacts: its tables are reached all the same."""
    opened = open_database(database, schema="review")
    yield opened
    await opened.kw["bind"].dispose()


def aisha(learner_id: UUID | None = None) -> Person:
    return Person(
        learner_id=learner_id or uuid4(),
        given_name="Aïsha Noor",
        family_name="Testington",
        email="aisha.t@example.org",
        phone="07700 900123",
        address=("1 Sample Street", "Birmingham"),
        postcode="B1 1AA",
        reference="LRN0042",
    )


async def test_people_come_back_as_they_were_saved(sessions: Sessions) -> None:
    person = aisha()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY)
    async with sessions.begin() as session:
        assert await people(session, VAULT, [person.learner_id, uuid4()], reader=WHO) == {
            person.learner_id: person
        }


async def test_employers_come_back_as_they_were_saved(sessions: Sessions) -> None:
    employer = Employer(employer_id=uuid4(), name="Sample Welding Ltd", email="hr@example.org")
    async with sessions.begin() as session:
        await save_employers(session, VAULT, [employer], as_of=MONDAY)
        await save_employers(
            session, VAULT, [replace(employer, name="Old name")], as_of=MONDAY - timedelta(days=1)
        )
    async with sessions.begin() as session:
        found = await employers(session, VAULT, [employer.employer_id], reader=WHO)
    assert found == {employer.employer_id: employer}


async def test_an_older_record_changes_nothing_and_a_newer_one_replaces(
    sessions: Sessions,
) -> None:
    person = aisha()
    moved = replace(person, family_name="Moved", postcode="CV1 1AA")
    async with sessions.begin() as session:
        await save_people(session, VAULT, [moved], as_of=MONDAY + timedelta(days=1))
        await save_people(session, VAULT, [person], as_of=MONDAY)
    async with sessions.begin() as session:
        kept = await people(session, VAULT, [person.learner_id], reader=WHO)
        assert kept == {person.learner_id: moved}
        assert await find_people(session, VAULT, "testington", reader=WHO) == []
        assert await find_people(session, VAULT, "moved", reader=WHO) == [person.learner_id]


@pytest.mark.parametrize(
    "typed", ["testington", "AÏSHA  Testington", "Aisha.T@Example.org", "lrn0042", "noor"]
)
async def test_a_person_is_found_by_name_address_or_reference(
    sessions: Sessions, typed: str
) -> None:
    person = aisha()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person, aisha_twin()], as_of=MONDAY)
        assert await find_people(session, VAULT, typed, reader=WHO) == [person.learner_id]


def aisha_twin() -> Person:
    return Person(learner_id=uuid4(), given_name="Other", family_name="Person")


@pytest.mark.parametrize("typed", ["", "   ", "test", "Aïsha Person"])
async def test_half_words_and_words_of_two_people_find_nobody(
    sessions: Sessions, typed: str
) -> None:
    async with sessions.begin() as session:
        await save_people(session, VAULT, [aisha(), aisha_twin()], as_of=MONDAY)
        assert await find_people(session, VAULT, typed, reader=WHO) == []


async def test_every_read_leaves_who_why_which_and_when(sessions: Sessions) -> None:
    person = aisha()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY)
    async with sessions.begin() as session:
        await people(session, VAULT, [person.learner_id], reader=WHO)
        await employers(session, VAULT, [], reader=WHO)
        await find_people(session, VAULT, "testington", reader=WHO)
    async with sessions() as session:
        rows = list(await session.scalars(select(Reading).order_by(text("reading_id"))))
    assert [(r.account, r.reason, r.kind, r.ids) for r in rows] == [
        ("ana", "shortlist reveal", "people", [person.learner_id]),
        ("ana", "shortlist reveal", "employers", []),
        ("ana", "shortlist reveal", "search", [person.learner_id]),
    ]
    assert all(r.read_at is not None for r in rows)


async def test_the_tables_hold_no_readable_value(sessions: Sessions) -> None:
    person = aisha()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY)
        await find_people(session, VAULT, "testington", reader=WHO)
    async with sessions() as session:
        dump = ""
        for table in ("person", "term", "reading"):
            for row in await session.execute(text(f"select t::text from contacts.{table} t")):
                dump += "".join(bytes.fromhex(h).decode("latin1") for h in hexes(row[0])) + row[0]
    for value in ("Testington", "testington", "example.org", "900123", "LRN0042", "B1 1AA"):
        assert value not in dump


def hexes(text_: str) -> list[str]:
    """The bytea columns of a row's text."""
    return [part.split('"')[0].split(",")[0] for part in text_.split("\\x")[1:]]


async def test_an_erased_person_is_gone_and_does_not_come_back(sessions: Sessions) -> None:
    person = aisha()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY)
    async with sessions.begin() as session:
        await erase(session, person.learner_id)
        await erase(session, person.learner_id)
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY + timedelta(days=9))
        assert await people(session, VAULT, [person.learner_id], reader=WHO) == {}
        assert await find_people(session, VAULT, "testington", reader=WHO) == []


async def test_after_rotation_old_rows_are_still_read_and_found(sessions: Sessions) -> None:
    person = aisha()
    rotated = Vault([NEW_KEY, OLD_KEY])
    async with sessions.begin() as session:
        await save_people(session, VAULT, [person], as_of=MONDAY)
        assert await people(session, rotated, [person.learner_id], reader=WHO)
        assert await find_people(session, rotated, "testington", reader=WHO) == [person.learner_id]
        with pytest.raises(SealBroken):
            await people(session, Vault([NEW_KEY]), [person.learner_id], reader=WHO)


async def test_a_value_moved_to_another_row_is_refused(sessions: Sessions) -> None:
    one, other = aisha(), aisha_twin()
    async with sessions.begin() as session:
        await save_people(session, VAULT, [one, other], as_of=MONDAY)
        sealed = await session.scalar(
            select(PersonRow.sealed).where(PersonRow.learner_id == one.learner_id)
        )
        await session.execute(
            update(PersonRow).where(PersonRow.learner_id == other.learner_id).values(sealed=sealed)
        )
        with pytest.raises(SealBroken):
            await people(session, VAULT, [other.learner_id], reader=WHO)
