"""aiokafka's fetcher as we need it: a poll never fails for a batch, and an empty one rests."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult

# Apache Kafka holds an empty fetch for 500 ms; the embedded broker answers at once, and would
# be asked some thousand times a second
FETCH_PAUSE = 0.02

Refused = Callable[[TopicPartition], None]


class Readable:
    """
    The *records* fetched from *tp* up to the first that aiokafka cannot decode.

    There they end, and *refused* is told. An error would cost what the same poll had taken from
    other partitions before: their positions have moved on.
    """

    def __init__(self, tp: TopicPartition, records: Any, refused: Refused) -> None:
        self._tp = tp
        self._records = records
        self._refused = refused

    @property
    def next_fetch_offset(self) -> int:
        """Where the next record is read, as aiokafka asks for it."""
        offset: int = self._records.next_fetch_offset
        return offset

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._records
        except Exception:  # of whatever kind: that there is one is all that is asked here
            self._refused(self._tp)


def adapt(fetcher: Any, refused: Refused) -> None:
    """Make *fetcher* give out `Readable` records, and rest after a fetch that brought nothing."""
    ask = fetcher._proc_fetch_request  # noqa: SLF001 - nothing else sees what was fetched

    async def asked(*request: Any) -> bool:
        began = time.monotonic()
        news: bool = await ask(*request)
        _make_readable(fetcher, refused)  # before anything else runs
        if not news and time.monotonic() - began < FETCH_PAUSE:
            try:
                await asyncio.sleep(FETCH_PAUSE)
            except asyncio.CancelledError:  # the partitions are gone, as the fetcher expects it
                return False
        return news

    fetcher._proc_fetch_request = asked  # noqa: SLF001 - there is no setting for it


def _make_readable(fetcher: Any, refused: Refused) -> None:
    for tp, result in fetcher._records.items():  # noqa: SLF001 - they are handed out from there
        if type(result) is FetchResult and result.has_more():
            records = result._partition_records  # noqa: SLF001 - it iterates over these
            if not isinstance(records, Readable):
                result._partition_records = Readable(tp, records, refused)  # noqa: SLF001
