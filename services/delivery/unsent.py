"""The rows of the outbox as the relay sees them: all SQL on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import BigInteger, Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery.tail import Ack, Partition

# Rows of a key wait behind a parked row of it; other keys do not. Not "not exists": that may
# become a join with the whole backlog, 500 rows of which are wanted.
FREE = """
    published_at is null and parked is null
    and coalesce(seq < (
        select min(held.seq) from outbox held
         where held.parked is not null and held.aggregatetype = outbox.aggregatetype
           and held.aggregateid = outbox.aggregateid), true)
"""
AGE = "extract(epoch from clock_timestamp() - due_at)::float"
UNSENT = text(
    f"""
    select id, aggregatetype, aggregateid, payload, headers::text, {AGE} as age
      from outbox where {FREE} order by seq limit :limit
    """  # noqa: S608 - a constant of ours
)
OLDEST = text(
    f"select {AGE} from outbox where {FREE} order by seq limit 1"  # noqa: S608 - constants of ours
)
COUNT = text(f"select count(*) from outbox where {FREE}")  # noqa: S608 - a constant of ours
NOTE_SENT = text(
    """
    update outbox
       set published_at = now(), partition = given.partition, "offset" = given.position
      from unnest(:ids, :partitions, :offsets) as given (id, partition, position)
     where outbox.id = given.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("partitions", type_=ARRAY(Integer)),
    bindparam("offsets", type_=ARRAY(BigInteger)),
)
PARK = text("update outbox set parked = :reason where id = :id")
AGAIN = text(
    """
    update outbox set published_at = null, due_at = now()
     where ctid = any(array(
        select ctid from outbox
         where aggregatetype = :topic and partition = :partition and "offset" >= :offset
           and published_at is not null
         limit :limit))
    """
)
# a broker may have lost everything: no statement of ours takes that long
AT_ONCE = 20_000


@dataclass(slots=True, eq=False)
class Row:
    """One row to be sent; *age* is how many seconds it has waited, by the database's clock."""

    id: UUID
    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    age: float


async def unsent(connection: AsyncConnection, limit: int) -> list[Row]:
    """At most *limit* rows not sent yet, in the order they were posted."""
    rows = await connection.execute(UNSENT, {"limit": limit})
    return [
        Row(id_, topic, key.encode(), payload, _headers(headers), age)
        for id_, topic, key, payload, headers, age in rows
    ]


async def oldest(connection: AsyncConnection) -> float:
    """How many seconds the first row that could be sent now has waited; 0 when there is none."""
    return float((await connection.execute(OLDEST)).scalar() or 0.0)


async def count_unsent(connection: AsyncConnection) -> int:
    """How many rows could be sent now."""
    return int((await connection.execute(COUNT)).scalar_one())


async def note_sent(connection: AsyncConnection, acks: Sequence[Ack]) -> None:
    """Remember that and where rows were acknowledged."""
    if acks:
        values: dict[str, list[Any]] = {
            "ids": [ack.id for ack in acks],
            "partitions": [ack.partition for ack in acks],
            "offsets": [ack.offset for ack in acks],
        }
        await connection.execute(NOTE_SENT, values)


async def park(connection: AsyncConnection, row: Row, reason: str) -> None:
    """Set *row* aside: it will never be taken as it is."""
    await connection.execute(PARK, {"id": row.id, "reason": reason})


async def send_again(connection: AsyncConnection, starts: Mapping[Partition, int]) -> int:
    """Make rows recorded at or after *starts* unsent; answers how many. Their places stay known."""
    found = 0
    for (topic, partition), offset in starts.items():
        values = {"topic": topic, "partition": partition, "offset": offset, "limit": AT_ONCE}
        while rows := (await connection.execute(AGAIN, values)).rowcount:
            found += rows
    return found


def _headers(stored: str) -> list[tuple[str, bytes]]:
    # pydantic's reader of JSON takes a fifth of the time of Python's
    return [(name, value.encode()) for name, value in from_json(stored).items()]
