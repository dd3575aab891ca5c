"""Looking for people where none may be: marker strings in anything that can be read as bytes."""

import json
from collections.abc import Iterable
from itertools import chain
from urllib.parse import quote, quote_plus


class PersonFound(AssertionError):
    """A marker turned up; the message says where and around what, which a test may show."""


def forms(marker: str) -> set[bytes]:
    """How *marker* may be written: plainly, in JSON, in an address, in another case."""
    cases = {marker, marker.lower(), marker.upper()}
    spellings = cases | {form for case in cases for form in (quote(case), quote_plus(case))}
    escaped = {json.dumps(spelling)[1:-1] for spelling in spellings}
    return {form.encode().lower() for form in spellings | escaped if form}


def assert_nobody_in(place: str, contents: Iterable[bytes | str], markers: Iterable[str]) -> int:
    """
    Raise PersonFound if one of *markers* is in *contents*; answers how many bytes were read.

    Give the number to an assertion of your own: looking at nothing finds nobody.
    """
    wanted = [(marker, form) for marker in markers for form in forms(marker)]
    read = 0
    for content in contents:
        raw = content.encode() if isinstance(content, str) else content
        read += len(raw)
        for marker, form in wanted:
            at = raw.lower().find(form)
            if at >= 0:
                around = raw[max(0, at - 60) : at + len(form) + 60]
                raise PersonFound(f"{marker!r} stands in {place}: ...{around!r}...")
    return read


def markers_of(*people: Iterable[str]) -> list[str]:
    """The values of *people* that are long enough not to turn up by chance."""
    return sorted({value for value in chain(*people) if len(value) > 3})
