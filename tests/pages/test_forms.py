"""Reading forms."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from starlette.datastructures import FormData

from services.pages.forms import Form, FormRefused


class Hold(Form):
    """A form with one of each kind of field."""

    words: ClassVar[Mapping[str, str]] = {"until": "Enter a date", "chosen": "Choose a match"}
    until: date
    note: str = ""
    chosen: tuple[UUID, ...]


def test_a_form_is_read_with_all_its_ticked_boxes() -> None:
    """A field that may be ticked several times gives all its values."""
    one, two = uuid4(), uuid4()
    sent = FormData([("until", "2026-12-01"), ("chosen", str(one)), ("chosen", str(two))])
    assert Hold.read(sent) == Hold(until=date(2026, 12, 1), chosen=(one, two))


def test_a_refused_form_keeps_its_entries_and_says_what_to_do() -> None:
    """Empty and wrong fields get their own words; what was entered is given back."""
    sent = FormData([("until", "soon"), ("note", "rang twice")])
    with pytest.raises(FormRefused) as refused:
        Hold.read(sent)
    assert refused.value.faults == {"until": "Enter a date", "chosen": "Choose a match"}
    assert refused.value.entries["until"] == "soon"
    assert refused.value.entries["note"] == "rang twice"
    assert "soon" not in str(refused.value.__cause__)
