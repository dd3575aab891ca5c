"""A row with the field names of Skills England as a standard of ours."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.intake.checks import route
from services.intake.faults import faulty
from services.intake.statements import RowUnreadable
from services.intake.taxonomy import Sentence, Standard

# list, the name of an entry's id, and the letters its sentences are known by
KINDS = (
    ("knowledges", "knowledgeId", "K"),
    ("skills", "skillId", "S"),
    ("behaviours", "behaviourId", "B"),
    ("technicalKnowledges", "id", "TK"),
    ("technicalSkills", "id", "TS"),
    ("employabilitySkillsAndBehaviours", "id", "ESB"),
)
TECHNICAL = ("technicalKnowledges", "technicalSkills", "employabilitySkillsAndBehaviours")
AS_THEY_ARE = ("referenceNumber", "larsCode", "title", "level", "typicalDuration")
NUMBERED = re.compile(r"(T?[KS]|(ES)?B)[0-9]{1,3}")
SPLIT = re.compile(r"\s*[|;]\s*")
DAY = len("YYYY-MM-DD")


@dataclass(frozen=True, slots=True)
class Given:
    """A row's standard, its version to compare by, and the sentences that were left out."""

    standard: Standard
    version: tuple[int, ...]
    refused: tuple[RowUnreadable, ...]


def as_standard(
    row: Any,  # noqa: ANN401 - any JSON
    *,
    foundation: bool = False,
    invented: bool = False,
) -> Given:
    """What *row* gives, its codes real or *invented*; raises RowUnreadable."""
    if not isinstance(row, Mapping):
        raise RowUnreadable("wrong", "is not an object")
    code = route(row["route"]) if isinstance(row.get("route"), str) else row.get("route")
    if code is None:
        raise RowUnreadable("wrong", "is none of the 15 routes", pointer="/route")
    if not row.get("larsCode"):
        words = "has no code: nobody can be recruited to it yet"
        raise RowUnreadable("missing", words, pointer="/larsCode")
    kind = str(row.get("apprenticeshipType") or "").casefold()
    technical = any(row.get(name) for name in TECHNICAL)
    refused: list[RowUnreadable] = []
    given = {name: row[name] for name in AS_THEY_ARE if row.get(name) is not None} | {
        "route": code,
        "foundation": foundation or technical or kind.startswith("foundation"),
        "earliestStartDate": _day(row.get("earliestStartDate")),
        "latestStartDate": _day(row.get("latestStartDate")),
        "typicalJobTitles": _titles(row.get("typicalJobTitles")),
        "sentences": tuple(_sentences(row, refused)),
        "nextSteps": _next_steps(row),
        "invented": invented,
    }
    try:
        standard = Standard.model_validate(given)
    except ValidationError as error:
        raise placed(error) from error
    return Given(standard, _version(row.get("version") or row.get("versionNumber")), tuple(refused))


def placed(error: ValidationError, above: str = "") -> RowUnreadable:
    """The first fault of *error* with its pointer under *above*, and how many more there are."""
    first, *more = faulty(error).faults
    words = first.detail + (f"; and {len(more)} more" if more else "")
    return RowUnreadable(first.code, words, pointer=above + first.pointer)


def _sentences(row: Mapping[str, Any], refused: list[RowUnreadable]) -> Iterator[Sentence]:
    """Each knowledge, skill and behaviour; what has no number of its own is numbered in order."""
    for name, id_name, letters in KINDS:
        for number, entry in enumerate(row.get(name) or (), start=1):
            pointer = f"/{name}/{number - 1}"
            if not isinstance(entry, Mapping):
                refused.append(RowUnreadable("wrong", "is not an object", pointer=pointer))
                continue
            given = str(entry.get(id_name) or "").upper()
            try:
                yield Sentence(
                    id=given if NUMBERED.fullmatch(given) else f"{letters}{number}",
                    detail=" ".join(str(entry.get("detail") or "").split()),
                    key=entry.get("key"),
                )
            except ValidationError as error:
                refused.append(placed(error, pointer))


def _next_steps(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Ours by name; those of a foundation apprenticeship are its related occupations."""
    related = row.get("relatedOccupations") or ()
    named = (one.get("reference") for one in related if isinstance(one, Mapping))
    return tuple(dict.fromkeys([*(row.get("nextSteps") or ()), *(ref for ref in named if ref)]))


def _titles(titles: Any) -> tuple[str, ...]:  # noqa: ANN401 - a list, or one text with bars
    listed = SPLIT.split(titles) if isinstance(titles, str) else titles or ()
    return tuple(" ".join(str(title).split()) for title in listed if str(title).strip())


def _day(value: Any) -> Any:  # noqa: ANN401 - a date of TOML or a date-time of JSON
    return (value.strip()[:DAY] or None) if isinstance(value, str) else value


def _version(text: Any) -> tuple[int, ...]:  # noqa: ANN401 - text or number
    return tuple(int(part) for part in re.findall(r"[0-9]+", str(text or "")))
