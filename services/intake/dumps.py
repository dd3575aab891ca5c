"""
A file of skills and standards, ours or Skills England's, read row by row.

Ours is TOML or JSON: ``name``, ``edition``, ``skills`` (key = [label, also called...]),
``never_used``, ``standards`` and ``invented`` (their codes are). Skills England's is JSON: a list
of standards, or an object of such lists by kind of apprenticeship. A bad row is listed with its
place and reason, the others are taken.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.intake.standards import Given, as_standard, placed
from services.intake.statements import FileUnreadable, RowUnreadable
from services.intake.taxonomy import Skill, Standard, Taxonomy

# the lists of Skills England's answer, and our own
LISTS = ("standards", "apprenticeships", "foundationApprenticeships")
UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was left out: where it stands, a stable rule, and why."""

    place: str
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Dump:
    """What a file gives, as a taxonomy to be joined to the one there is, and what it does not."""

    found: Taxonomy
    refused: tuple[Refusal, ...]
    rows: int


def read(content: bytes, name: str) -> Dump:
    """The skills and standards of the file *name*; raises FileUnreadable if it is no such file."""
    document = _parsed(content, name)
    refused: list[Refusal] = []
    skills = dict(_skills(document, name, refused))
    rows = list(_rows(document))
    invented = document.get("invented") is True
    standards = dict(_standards(rows, name, refused, invented=invented))
    total = len(rows) + len(document.get("skills") or {})
    if total == 0:
        raise FileUnreadable(f"{name}: no skills and no standards are in it")
    found = Taxonomy(
        name=str(document.get("name") or UNNAMED),
        edition=int(document.get("edition") or 1),
        skills=tuple(skills.values()),
        standards=tuple(standards.values()),
    )
    return Dump(found, tuple(refused), total)


def _parsed(content: bytes, name: str) -> Mapping[str, Any]:
    document: Any = _document(content, name)
    if isinstance(document, list):
        return {"standards": document}
    if not isinstance(document, dict) or not (
        isinstance(document.get("skills") or {}, dict)
        and all(isinstance(document.get(head) or [], list) for head in LISTS)
    ):
        raise FileUnreadable(f"{name}: neither our form nor Skills England's")
    return document


def _document(content: bytes, name: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"{name}: the text is not UTF-8") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if text.lstrip()[:1] not in {"{", "["}:
            raise FileUnreadable(f"{name}: neither JSON nor TOML: {error}") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise FileUnreadable(
            f"{name}: broken JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _skills(
    document: Mapping[str, Any], name: str, refused: list[Refusal]
) -> Iterator[tuple[str, Skill]]:
    unused = set(document.get("never_used") or ())
    for key, labels in (document.get("skills") or {}).items():
        place = f"{name} /skills/{key}"
        if not isinstance(labels, list) or not labels:
            refused.append(Refusal(place, "wrong", "is not a list that begins with its label"))
            continue
        try:
            skill = Skill(key=key, label=labels[0], also=tuple(labels[1:]), used=key not in unused)
        except ValidationError as error:
            refused.append(_refusal(place, placed(error)))
        else:
            yield key, skill


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """(pointer, row, whether its list is of foundation apprenticeships)."""
    for head in LISTS:
        for number, row in enumerate(document.get(head) or ()):
            yield f"/{head}/{number}", row, head == "foundationApprenticeships"


def _standards(
    rows: Iterable[tuple[str, Any, bool]], name: str, refused: list[Refusal], *, invented: bool
) -> Iterator[tuple[str, Standard]]:
    """The standards by reference: of several versions of one the latest."""
    best: dict[str, tuple[str, Given]] = {}
    codes: dict[str, str] = {}
    for pointer, row, foundation in rows:
        place = f"{name} {pointer}"
        try:
            given = as_standard(row, foundation=foundation, invented=invented)
        except RowUnreadable as error:
            refused.append(_refusal(place, error))
            continue
        refused += [_refusal(place, error) for error in given.refused]
        reference, code = given.standard.reference, given.standard.lars_code
        holder = codes.setdefault(code, reference)
        if holder != reference:
            refused.append(Refusal(place, "twice", f"LARS code {code} is already {holder}'s"))
            continue
        held = best.get(reference)
        if held is None or held[1].version < given.version:
            best[reference] = place, given
        if held is not None:
            older = held[0] if best[reference][0] == place else place
            words = f"another row of {reference} is of the same or a later version"
            refused.append(Refusal(older, "twice", words))
    yield from ((reference, given.standard) for reference, (_, given) in best.items())


def _refusal(place: str, error: RowUnreadable) -> Refusal:
    return Refusal(place + error.pointer, error.rule, error.words)
