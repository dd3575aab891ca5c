"""Sending again: a range of an outbox, or a dead letter, always by the one relay of its topic."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import LargeBinary, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas import EVENTS
from services.delivery.buried import Buried, Place

WRITERS = {event.topic: event.writer for event in EVENTS}


class CannotReplay(ValueError):
    """Why something cannot be sent again."""


def writer_of(topic: str) -> str:
    """The service whose outbox feeds *topic*; raises CannotReplay."""
    if topic not in WRITERS:
        raise CannotReplay(f"no service of ours writes {topic!r}: it is one of {sorted(WRITERS)}")
    return WRITERS[topic]


async def replay_range(connection: AsyncConnection, topic: str, first: int, last: int) -> int:
    """Make the rows of *topic* with a seq from *first* to *last* unsent; answers how many."""
    again = text(
        f"""
        update {writer_of(topic)}.outbox set published_at = null, parked = null, due_at = now()
         where aggregatetype = :topic and seq between :first and :last
        """  # noqa: S608 - a name of ours
    )
    values = {"topic": topic, "first": first, "last": last}
    return (await connection.execute(again, values)).rowcount


async def replay_letters(connection: AsyncConnection, letters: Iterable[Buried]) -> list[str]:
    """
    Let the topics' own relays send the letters' events again; every group's inbox knows the rest.

    A row in an outbox is sent as it was posted; a record that never was there enters as it came.
    Answers why some cannot be sent again: they are no events.
    """
    rows: dict[str, list[dict[str, object]]] = {}
    places, refused = [], []
    for letter in letters:
        try:
            rows.setdefault(writer_of(letter.place.topic), []).append(_row(letter))
        except CannotReplay as why:
            refused.append(str(why))
        else:
            places.append(letter.place)
    for writer, theirs in rows.items():
        if theirs:
            await connection.execute(_again(writer), theirs)
    await settle(connection, places, "replayed")
    return refused


def _again(writer: str) -> TextClause:
    return text(
        f"""
        insert into {writer}.outbox (id, aggregatetype, aggregateid, type, payload, headers)
        values (:id, :topic, :key, :type, :payload, :headers)
        on conflict (id) do update set published_at = null, parked = null, due_at = now()
        """  # noqa: S608 - a name of ours
    ).bindparams(bindparam("payload", type_=LargeBinary), bindparam("headers", type_=JSONB))


async def settle(connection: AsyncConnection, places: Iterable[Place], how: str) -> None:
    """Remember that somebody has dealt with the letters at *places*."""
    statement = text(
        """
        insert into delivery.settled (topic, consumer, partition, "offset", how)
        values (:topic, :group, :partition, :offset, :how)
        on conflict (topic, consumer, partition, "offset")
        do update set how = excluded.how, at = now()
        """
    )
    rows = [{**place._asdict(), "how": how} for place in places]
    if rows:
        await connection.execute(statement, rows)


async def settled(connection: AsyncConnection) -> dict[Place, str]:
    """How each letter was dealt with, of those that were."""
    rows = await connection.execute(
        text('select topic, consumer, partition, "offset", how from delivery.settled')
    )
    return {Place(*row[:4]): row.how for row in rows}


def open_letters(letters: Iterable[Buried], dealt_with: dict[Place, str]) -> list[Buried]:
    """The *letters* nobody has dealt with."""
    return [letter for letter in letters if letter.place not in dealt_with]


def _row(letter: Buried) -> dict[str, object]:
    identity, ce_type = letter.header("ce_id"), letter.header("ce_type")
    headers = {name: letter.header(name) for name, _ in letter.headers}
    if letter.value is None or letter.key is None or ce_type is None or None in headers.values():
        raise CannotReplay(f"{letter.place} is not a whole event ({letter.reason}): discard it")
    try:
        return {
            "id": UUID(identity or ""), "topic": letter.place.topic, "type": ce_type,
            "key": letter.key.decode(), "payload": letter.value, "headers": headers,
        }  # fmt: skip
    except ValueError:
        raise CannotReplay(f"{letter.place} has no event's id or key: discard it") from None
