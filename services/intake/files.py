"""Any file by what is in it: ILR XML, vacancy JSON, CSV."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import PurePath
from typing import Any

from services.intake import ilr, table
from services.intake.adverts import statement
from services.intake.programmes import Programmes
from services.intake.statements import FileUnreadable, Item, RowUnreadable, refused

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it came; ``at`` is when it was true, for formats that do not say it themselves."""

    name: str
    content: bytes
    at: datetime


def total(source: Source) -> int | None:
    """How many rows to expect, where that is cheap to tell; raises FileUnreadable."""
    return ilr.learner_count(BytesIO(source.content), source.name) if _is_xml(source) else None


def items(source: Source, programmes: Programmes) -> Iterator[Item]:
    """The rows of *source*; raises FileUnreadable, at once for broken XML or JSON."""
    if _is_xml(source):
        total(source)  # all of it is read once before any of it is taken
        return ilr.items(BytesIO(source.content), source.name, programmes)
    if source.content.lstrip().removeprefix(BOM).lstrip()[:1] in (b"{", b"["):
        return _adverts(source, _json(source))
    return table.items(source.content, source.name)


def now() -> datetime:
    """The moment of arrival, for what says no time of its own."""
    return datetime.now(UTC)


def _adverts(source: Source, document: Any) -> Iterator[Item]:  # noqa: ANN401 - any JSON
    stem = PurePath(source.name).stem
    if isinstance(document, dict) and isinstance(document.get("vacancies"), list):
        bodies, at_pointer = document["vacancies"], "/vacancies/{}"
    elif isinstance(document, list):
        bodies, at_pointer = document, "/{}"
    else:
        bodies, at_pointer = [document], ""
    for number, body in enumerate(bodies):
        place = f"{source.name} {at_pointer.format(number)}".rstrip()
        reference = stem if len(bodies) == 1 else f"{stem}-{number + 1}"
        try:
            yield statement(_object(body), place=place, at=source.at, reference=reference)
        except RowUnreadable as error:
            yield refused(place, error)


def _object(body: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    if not isinstance(body, dict):
        raise RowUnreadable("wrong", "an advert is a JSON object")
    return body


def _json(source: Source) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(source.content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"{source.name}: the text is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise FileUnreadable(
            f"{source.name}: broken JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _is_xml(source: Source) -> bool:
    return source.content.removeprefix(BOM).lstrip()[:1] == b"<"
