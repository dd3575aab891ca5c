"""The search for people finds them, or its silence would say nothing."""

import pytest

from tests.privacy import PersonFound, assert_nobody_in, markers_of

MARKERS = ["Zoë Quillfeather", "zq@example.org", "07700 900123"]


@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "Zo\xc3\xab Quillfeather"}',
        b'{"name": "Zo\\u00eb Quillfeather"}',
        b"/people?q=Zo%C3%AB%20Quillfeather",
        "ZOË QUILLFEATHER",
        b"Zq@Example.org",
        b"/people?q=zo%C3%AB+quillfeather",
        b"\x00\x01zq@example.org\x02",
        b"call 07700+900123",
    ],
)
def test_a_person_is_found_however_written(content: bytes | str) -> None:
    with pytest.raises(PersonFound, match="stands in a topic"):
        assert_nobody_in("a topic", [b"nothing here", content], MARKERS)


def test_what_was_read_is_counted() -> None:
    assert assert_nobody_in("a topic", [b"four", "five5"], MARKERS) == 9


def test_short_values_are_no_markers() -> None:
    assert markers_of(["Mo", "Quillfeather"], ["Quillfeather", ""]) == ["Quillfeather"]
