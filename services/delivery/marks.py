"""How far each partition's log may ever have gone, in PostgreSQL before Kafka knows it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.delivery.tail import Marks, Partition

READ = text('select topic, partition, "offset", turn from outbox_marks')
RAISE = text(
    """
    insert into outbox_marks as known (topic, partition, "offset", turn)
    select * from unnest(:topics, :partitions, :offsets, :turns)
    on conflict (topic, partition) do update
       set "offset" = greatest(known."offset", excluded."offset"),
           turn = coalesce(nullif(excluded.turn, 0), known.turn)
    """
).bindparams(
    bindparam("topics", type_=ARRAY(Text)),
    bindparam("partitions", type_=ARRAY(Integer)),
    bindparam("offsets", type_=ARRAY(BigInteger)),
    bindparam("turns", type_=ARRAY(Integer)),
)


async def read_marks(connection: AsyncConnection) -> tuple[Marks, Mapping[Partition, int]]:
    """The highest offset any record of ours may have, and the rows of the last turn."""
    rows = list(await connection.execute(READ))
    marks = {(topic, partition): offset for topic, partition, offset, _ in rows}
    return marks, {(topic, partition): turn for topic, partition, _, turn in rows}


async def raise_marks(
    connection: AsyncConnection, marks: Marks, turns: Mapping[Partition, int] | None = None
) -> None:
    """Remember that records of ours may stand up to *marks*, the last of them in a turn."""
    if not marks:
        return
    values: dict[str, list[Any]] = {
        "topics": [topic for topic, _ in marks],
        "partitions": [partition for _, partition in marks],
        "offsets": list(marks.values()),
        "turns": [(turns or {}).get(place, 0) for place in marks],  # 0: as it was
    }
    await connection.execute(RAISE, values)
