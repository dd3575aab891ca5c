"""What is learnt of parcels that a producer took."""

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, NotLeaderForPartitionError

from services.delivery import sending
from services.delivery.parcels import Parcel
from services.delivery.tail import Ack
from services.delivery.unsent import Row

Future = asyncio.Future[Any]


class Producer:
    """Answers each parcel with the future given for its partition."""

    def __init__(self, futures: list[Future]) -> None:
        self.futures = futures

    async def send_batch(self, _builder: Any, _topic: str, *, partition: int) -> Future:
        return self.futures[partition]


def parcel(partition: int) -> Parcel:
    rows = [Row(uuid4(), "topic", b"key", b"{}", [], 0.0) for _ in range(2)]
    return Parcel(("topic", partition), None, rows)


def answered(answer: int | Exception) -> Future:
    future: Future = asyncio.get_running_loop().create_future()
    if isinstance(answer, int):
        future.set_result(SimpleNamespace(offset=answer))
    else:
        future.set_exception(answer)
    return future


def cancelled() -> Future:
    future: Future = asyncio.get_running_loop().create_future()
    future.cancel()
    return future


async def sent(*futures: Future) -> tuple[sending.Sent, list[Parcel]]:
    parcels = [parcel(n) for n in range(len(futures))]
    producer: Any = Producer(list(futures))
    return await sending.send(producer, parcels), parcels


def acks(of: Parcel, base: int) -> list[Ack]:
    return [Ack(of.rows[0].id, *of.place, base), Ack(of.rows[1].id, *of.place, base + 1)]


async def test_a_cancelled_parcel_takes_no_others_acknowledgement_with_it() -> None:
    """It is an error like any other: the others are recorded, and the relay goes on."""
    found, parcels = await sent(cancelled(), answered(7))
    assert found.acks == acks(parcels[1], 7)
    assert isinstance(found.error, ConnectionError)


async def test_each_parcel_has_an_answer_of_its_own() -> None:
    """Where it stands, that no broker would take it, or the first error that says neither."""
    first = NotLeaderForPartitionError()
    found, parcels = await sent(
        answered(3), answered(MessageSizeTooLargeError()), answered(first), answered(KafkaError())
    )
    assert found.acks == acks(parcels[0], 3)
    assert [refused for refused, _ in found.refused] == [parcels[1]]
    assert found.error is first


async def test_a_repeat_whose_place_is_unknown_is_no_acknowledgement() -> None:
    """Its rows must not be recorded at some made-up offset."""
    found, _ = await sent(answered(-1))
    assert (found.acks, type(found.error).__name__) == ([], "DuplicateSequenceNumber")


async def test_a_parcel_without_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes later still is looked at, and changes nothing."""
    monkeypatch.setattr(sending, "SEND_LIMIT", 0.01)
    silent: Future = asyncio.get_running_loop().create_future()
    found, _ = await sent(silent)
    silent.set_exception(KafkaError())
    assert (found.acks, type(found.error)) == ([], TimeoutError)
