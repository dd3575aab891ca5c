"""CSV files of learners and of pledges: which it is, the header tells."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from services.intake.bodies import LearnerBody, PledgeRecord
from services.intake.faults import faulty
from services.intake.statements import FileUnreadable, Item, RowUnreadable, refused
from services.intake.told import of_learner, of_pledge

LEARNER_KEY = {"ukprn", "reference", "as_of"}
PLEDGE_KEY = {"interviews", "as_of"}


def items(content: bytes, name: str) -> Iterator[Item]:
    """Each row as a statement or as refused; raises FileUnreadable for a file that is no table."""
    reader = csv.DictReader(io.StringIO(_text(content, name), newline=""), strict=True)
    kind = _kind([head.strip() for head in reader.fieldnames or ()], name)
    try:
        for row in reader:
            yield _item(kind, row, f"{name}:{reader.line_num}")
    except csv.Error as error:
        raise FileUnreadable(f"{name}: broken CSV at line {reader.line_num}: {error}") from error


def _item(
    kind: type[LearnerBody | PledgeRecord], row: Mapping[str | None, Any], place: str
) -> Item:
    cells = {
        head.strip(): text.strip()
        for head, text in row.items()
        # None is what csv calls cells beyond the header
        if head is not None and isinstance(text, str) and text.strip()
    }
    try:
        body = kind.model_validate(cells)
    except ValidationError as error:
        return refused(place, faulty(error), reference=cells.get("reference"))
    try:
        if isinstance(body, LearnerBody):
            return of_learner(body, place=place)
        return of_pledge(body, place=place)
    except RowUnreadable as error:
        return refused(place, error, reference=cells.get("reference"))


def _kind(header: list[str], name: str) -> type[LearnerBody | PledgeRecord]:
    if set(header) >= LEARNER_KEY:
        return LearnerBody
    if set(header) >= PLEDGE_KEY:
        return PledgeRecord
    raise FileUnreadable(
        f"{name}: the header line has neither {', '.join(sorted(LEARNER_KEY))} (learners) "
        f"nor {', '.join(sorted(PLEDGE_KEY))} (pledges)"
    )


def _text(content: bytes, name: str) -> str:
    """UTF-8 with or without its mark, else what spreadsheets on Windows write."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable(f"{name}: the text is neither UTF-8 nor Windows-1252")
