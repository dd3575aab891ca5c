"""ILR returns: learners streamed from the XML, whatever year's namespace it is written in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import BinaryIO

from lxml import etree

from services.intake.ilrlearner import LearnerReader
from services.intake.programmes import Programmes
from services.intake.statements import FileUnreadable, Item, Return, RowUnreadable, refused

NAMESPACE = re.compile(r"^E?SFA/ILR/(20[0-9]{2})-([0-9]{2})$")


def learner_count(file: BinaryIO, name: str) -> int:
    """How many learners the return holds; raises FileUnreadable, so nothing half is taken."""
    count = 0
    for element in _elements(file, name, ("Learner",)):
        count += 1
        _forget(element)
    return count


def items(file: BinaryIO, name: str, programmes: Programmes) -> Iterator[Item]:
    """Each learner of the return as a statement or a row; memory does not grow with the file."""
    reader: LearnerReader | None = None
    index = 0
    for element in _elements(file, name, ("Header", "Learner")):
        if etree.QName(element).localname == "Header":
            reader = _reader(element, name, programmes)
            continue
        if reader is None:
            raise FileUnreadable(f"{name}: a learner stands before the Header")
        index += 1
        place = f"{name}:{element.sourceline} /Message/Learner[{index}]"
        try:
            yield reader.item(element, place)
        except RowUnreadable as error:
            reference = element.findtext("{*}LearnRefNumber")
            yield refused(place, error, reference=reference)
        _forget(element)
    if reader is None:
        raise FileUnreadable(f"{name}: there is no Header")
    yield reader.seen


def _elements(file: BinaryIO, name: str, tags: tuple[str, ...]) -> Iterator[etree._Element]:
    try:
        events = etree.iterparse(
            file,
            events=("start", "end"),
            tag=("{*}Message", *(f"{{*}}{tag}" for tag in tags)),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            huge_tree=False,
        )
        root_seen = False
        for event, element in events:
            if not root_seen:
                _check_root(element, name)
                root_seen = True
            elif event == "end" and etree.QName(element).localname in tags:
                yield element
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise FileUnreadable(
            f"{name}: broken XML at line {line}, column {column}: {_reason(error)}"
        ) from error
    if not root_seen:
        raise FileUnreadable(f"{name}: the root is not Message: this is no ILR return")


def _check_root(root: etree._Element, name: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise FileUnreadable(f"{name}: a DOCTYPE is not allowed in a return")
    if _first_year(root) is None:
        raise FileUnreadable(
            f"{name}: the namespace is {etree.QName(root).namespace!r}, "
            "not ESFA/ILR/YYYY-YY or SFA/ILR/YYYY-YY"
        )


def _reason(error: etree.XMLSyntaxError) -> str:
    """What is wrong, without the texts the parser quotes: they may be anybody's."""
    last = error.error_log.last_error if error.error_log is not None else None
    kind = last.type_name if last is not None else ""
    return kind.removeprefix("ERR_").replace("_", " ").casefold() or "not well-formed"


def _first_year(element: etree._Element) -> int | None:
    found = NAMESPACE.match(etree.QName(element).namespace or "")
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return int(found[1])


def _reader(element: etree._Element, name: str, programmes: Programmes) -> LearnerReader:
    first_year = _first_year(element)
    prepared = element.findtext("{*}CollectionDetails/{*}FilePreparationDate")
    moment = element.findtext("{*}Source/{*}DateTime")
    serial = element.findtext("{*}Source/{*}SerialNo")
    ukprn = element.findtext("{*}Source/{*}UKPRN")
    if not (first_year and prepared and moment and serial and ukprn):
        raise FileUnreadable(
            f"{name}: the Header needs FilePreparationDate, Source/UKPRN, DateTime and SerialNo"
        )
    if not re.fullmatch(r"[0-9]{8}", ukprn):
        raise FileUnreadable(f"{name}: the Header's UKPRN is not eight digits")
    try:
        day = datetime.fromisoformat(prepared).date()
        said = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    except ValueError as error:
        raise FileUnreadable(f"{name}: a date of the Header is not a date") from error
    # the preparation date leads; the time within it, then the serial number, break ties
    begin = datetime.combine(day, time(), UTC)
    end = datetime.combine(day, time.max, UTC)
    by = f"{said:%Y-%m-%dT%H:%M:%S}/{serial.zfill(4)}"
    year = f"{first_year % 100:02}{(first_year + 1) % 100:02}"
    seen = Return(ukprn, year, min(max(said, begin), end), by)
    return LearnerReader(programmes, seen, first_year)


def _forget(element: etree._Element) -> None:
    """Free what was read, and what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]
