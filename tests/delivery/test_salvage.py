"""What is read of a batch that aiokafka refuses, and where the reading stops."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from hypothesis import given
from hypothesis import strategies as st

from services.delivery.salvage import read
from tests.broker.wire import Raw, batch

TP = TopicPartition("topic", 0)
ODD = Raw(b"key", b"value", [(b"a\xff", b"\xfe"), (b"b", None)])
PLAIN = Raw(None, None)


def at(offset: int, made: bytes) -> bytes:
    """The batch as the broker hands it out, beginning at *offset*."""
    return offset.to_bytes(8, "big") + made[8:]


def test_a_name_that_is_not_utf8_is_written_out_and_all_else_is_as_it_was() -> None:
    """Over two batches, compressed or not, from the middle of the first on."""
    fetched = at(5, batch([PLAIN, ODD, PLAIN])) + at(8, batch([ODD], codec="gzip"))
    found = read(fetched, TP, 6)
    assert [record.offset for record in found.records] == [6, 7, 8]
    odd = found.records[0]
    assert (odd.key, odd.value) == (b"key", b"value")
    assert odd.headers == (("a\\xff", b"\xfe"), ("b", None))
    assert (found.next, found.damage, found.beyond) == (9, None, 9)


def test_damage_is_reported_with_its_place_and_the_end_of_its_batch() -> None:
    """What stands before it is read."""
    torn = bytearray(at(6, batch([PLAIN, PLAIN, PLAIN])))
    torn[-1] ^= 1
    for harm, kind in (
        (at(6, batch([PLAIN] * 3, codec="lz4")), UnsupportedCodecError),
        (at(6, batch([PLAIN] * 3, body=b"\x7f" * 9)), CorruptRecordException),
        (bytes(torn), CorruptRecordException),
    ):
        found = read(at(5, batch([ODD])) + harm, TP, 5)
        assert [record.offset for record in found.records] == [5]
        assert (found.next, found.beyond) == (6, 9)
        assert isinstance(found.damage, kind)


@pytest.mark.parametrize("after", [b"", at(103, batch([PLAIN]))], ids=["last", "not last"])
@pytest.mark.parametrize("at_byte", [23, 24, 25, 26, 57, 58, 59, 60])
def test_a_damaged_header_never_leads_past_a_batch_that_is_well(after: bytes, at_byte: int) -> None:
    """One bit of what it says of its length: passed is at most the batch itself."""
    for bit in range(8):
        harm = bytearray(at(100, batch([PLAIN] * 3)))
        harm[at_byte] ^= 1 << bit
        fetched = bytes(harm) + after
        found = read(fetched, TP, 100, end=104)
        assert isinstance(found.damage, CorruptRecordException)
        assert (found.records, found.next) == ([], 100)
        assert 100 < found.beyond <= 103


def test_damage_ends_where_the_next_batch_begins() -> None:
    """Though all of its own header says otherwise."""
    harm = bytearray(at(100, batch([PLAIN] * 3)))
    harm[25] = harm[59] = 1
    fetched = bytes(harm) + at(103, batch([PLAIN]))
    assert read(fetched, TP, 100, end=1000).beyond == 103


def test_what_is_passed_ends_where_the_log_ends() -> None:
    """Whatever a header says."""
    harm = bytearray(at(100, batch([PLAIN] * 3)))
    harm[-1] ^= 1
    assert read(bytes(harm), TP, 100, end=102).beyond == 102


def test_a_batch_cut_off_by_the_size_of_the_answer_is_no_damage() -> None:
    """It is asked for again."""
    found = read(at(5, batch([ODD])) + at(6, batch([ODD]))[:-3], TP, 5)
    assert (len(found.records), found.next, found.damage) == (1, 6, None)


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_whatever_the_bytes_it_comes_back(fetched: bytes, body: bytes) -> None:
    """With some records, at a place that is not before where it began."""
    for given_bytes in (fetched, at(5, batch([PLAIN] * 2, body=body))):
        assert read(given_bytes, TP, 5).next >= 5
