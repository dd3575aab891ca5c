"""The packaged skills and standards, and files that change them."""

import json
from typing import Any

import pytest

from schemas.learner import ROUTES
from services.intake.dumps import Dump, read
from services.intake.lexicon import packaged, packaged_book
from services.intake.skills import SkillBook
from services.intake.statements import FileUnreadable
from services.intake.ties import taken_in

DUMPED: dict[str, Any] = {
    "referenceNumber": "ST9001",
    "larsCode": 8001,
    "title": "Ventilation hygiene technician",
    "level": 3,
    "route": "Engineering and Manufacturing",
    "status": "Approved for delivery",
    "typicalDuration": 18,
    "earliestStartDate": "2026-01-05T00:00:00",
    "latestStartDate": None,
    "typicalJobTitles": ["Duct technician"],
    "version": "1.1",
    "knowledges": [{"knowledgeId": "0f0e", "detail": "Infection control in hospital ducts."}],
    "skills": [
        {"skillId": "a1b2", "detail": "Apply fault finding to fans."},
        {"skillId": "a1b3", "detail": "Climb about."},
    ],
    "behaviours": [{"behaviourId": "c3", "detail": "Shows attention to detail."}],
}


def dump(*rows: Any, **document: Any) -> Dump:
    return read(json.dumps(document or list(rows)).encode(), "dump.json")


def test_the_packaged_catalogue_is_whole() -> None:
    """Every sentence asks for a skill there is, every next step is a standard."""
    taxonomy, book = packaged(), packaged_book()
    references = {standard.reference for standard in taxonomy.standards}
    assert 40 <= len(references) == len(book.standards)
    assert book.clashes == []
    for standard in taxonomy.standards:
        assert {sentence.id[-2] for sentence in standard.sentences} >= {"K", "S", "B"}
        assert {sentence.key for sentence in standard.sentences} <= set(book.skills)
        assert book.of_standard(standard)
        assert set(standard.next_steps) <= references - {standard.reference}
    assert {standard.level for standard in taxonomy.standards} == {2, 3}
    sectors = {ROUTES[standard.route - 1] for standard in taxonomy.standards}
    assert len(sectors) >= 13


def test_the_packaged_files_change_only_with_their_edition() -> None:
    """A running system takes in what ships only where the edition rose: raise it, then this."""
    assert packaged().version() == "p2a-1-e85d730f10cb"


def test_the_version_tells_content_and_not_its_order() -> None:
    taxonomy = packaged()
    turned = taxonomy.model_copy(update={"skills": tuple(reversed(taxonomy.skills))})
    fewer = taxonomy.model_copy(update={"skills": taxonomy.skills[1:]})
    assert taxonomy.joined(turned).version() == taxonomy.version()
    assert fewer.version() != taxonomy.version()


def test_the_dump_of_skills_england_is_read_and_tied_by_its_words() -> None:
    taken = taken_in(packaged(), dump(DUMPED))
    book = SkillBook(taken.taxonomy)
    standard = book.standards["8001"]
    assert (taken.refused, taken.untied) == ((), 1)
    assert (standard.reference, standard.route, standard.duration) == ("ST9001", 9, 18)
    assert str(standard.earliest_start) == "2026-01-05"
    assert [(s.id, s.key) for s in standard.sentences] == [
        ("K1", "infection-control"), ("S1", "fault-finding"), ("S2", None),
        ("B1", "attention-to-detail"),
    ]  # fmt: skip
    assert book.of_standard(standard) == (
        "attention-to-detail", "fault-finding", "infection-control")  # fmt: skip
    assert len(book.standards) == len(packaged_book().standards) + 1


def test_foundation_apprenticeships_have_their_own_letters_and_next_steps() -> None:
    row = DUMPED | {"knowledges": [], "skills": [], "behaviours": [],
                    "technicalSkills": [{"id": "x", "detail": "Safe lifting."}],
                    "employabilitySkillsAndBehaviours": [{"id": "y", "detail": "Teamwork."}],
                    "relatedOccupations": [{"name": "Welder", "reference": "ST0349"}]}  # fmt: skip
    (standard,) = dump(foundationApprenticeships=[row]).found.standards
    assert [sentence.id for sentence in standard.sentences] == ["TS1", "ESB1"]
    assert (standard.foundation, standard.next_steps) == (True, ("ST0349",))


@pytest.mark.parametrize(
    ("change", "place", "rule", "words"),
    [
        ({"level": "three"}, "/level", "wrong", "whole number"),
        ({"level": 9}, "/level", "wrong", "less than or equal to 7"),
        ({"title": "x" * 201}, "/title", "wrong", "at most 200"),
        ({"referenceNumber": None}, "/referenceNumber", "missing", "missing"),
        ({"larsCode": 0}, "/larsCode", "missing", "nobody can be recruited"),
        ({"route": "Wizardry"}, "/route", "wrong", "none of the 15 routes"),
        ({"earliestStartDate": "soon"}, "/earliestStartDate", "wrong", "date"),
        ({"skills": [{"skillId": "S1", "detail": ""}]}, "/skills/0/detail", "wrong", "at least 1"),
    ],
)
def test_a_bad_row_is_listed_with_its_place_and_the_others_are_taken(
    change: dict[str, Any], place: str, rule: str, words: str
) -> None:
    good = DUMPED | {"referenceNumber": "ST9002", "larsCode": 8002}
    found = dump(DUMPED | change, good)
    (refused,) = found.refused
    assert refused.place == f"dump.json /standards/0{place}"
    assert refused.rule == rule
    assert words in refused.words
    assert "ST9002" in {standard.reference for standard in found.found.standards}


def test_of_several_versions_of_a_standard_the_latest_is_taken() -> None:
    rows = [
        DUMPED | {"version": number, "title": f"v{number}"} for number in ("1.9", "1.10", "1.2")
    ]
    found = dump(*rows)
    assert [standard.title for standard in found.found.standards] == ["v1.10"]
    assert [(row.place, row.rule) for row in found.refused] == [
        ("dump.json /standards/0", "twice"), ("dump.json /standards/2", "twice"),
    ]  # fmt: skip


def test_a_real_code_takes_the_place_of_an_invented_one() -> None:
    real = DUMPED | {"larsCode": 9009}
    book = SkillBook(taken_in(packaged(), dump(real)).taxonomy)
    assert book.standards["9009"].reference == "ST9001"
    assert "ST0349" not in {standard.reference for standard in book.taxonomy.standards}


def test_a_newer_edition_takes_nothing_back_that_was_imported() -> None:
    """Real standards stay, and so does what a skill was called here besides."""
    own = read(b'[skills]\nwelding = ["Welding", "Stick work"]\n', "ours.toml")
    real = DUMPED | {"larsCode": 9009}
    here = taken_in(taken_in(packaged(), own).taxonomy, dump(real)).taxonomy
    shipped = packaged().model_copy(update={"edition": 2})
    book = SkillBook(here.renewed(shipped))
    assert (book.taxonomy.edition, book.standards["9009"].reference) == (2, "ST9001")
    assert {book.key(word) for word in ("Stick work", "MIG welding")} == {"welding"}
    assert book.standards["119"].reference == "ST0005"


def test_our_own_form_brings_skills_and_what_clashes_is_listed() -> None:
    text = """
    never_used = ["height"]
    [skills]
    duct-cleaning = ["Duct cleaning", "Vent cleaning", "Patience"]
    height = ["Being tall"]
    "Bad Key" = ["Nonsense"]
    nothing = []
    """
    taken = taken_in(packaged(), read(text.encode(), "ours.toml"))
    book = SkillBook(taken.taxonomy)
    assert book.read(["vent cleaning", "being tall"]).keys == ("duct-cleaning",)
    assert book.key("Patience") == "patience"
    assert [(row.place, row.rule) for row in taken.refused] == [
        ("ours.toml /skills/Bad Key/key", "wrong"),
        ("ours.toml /skills/nothing", "wrong"),
        ("/skills/duct-cleaning", "twice"),
    ]


def test_a_tie_to_no_skill_is_listed_and_its_sentence_kept() -> None:
    row = DUMPED | {"skills": [{"skillId": "S7", "detail": "Fly.", "key": "flying"}]}
    taken = taken_in(packaged(), dump(row))
    (refused,) = taken.refused
    assert (refused.place, refused.rule) == ("ST9001 S7", "unknown-skill")
    standard = SkillBook(taken.taxonomy).standards["8001"]
    assert [(s.id, s.key) for s in standard.sentences if s.id == "S7"] == [("S7", None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1,", "broken JSON at line 1"),
        (b"a = ", "neither JSON nor TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{}", "no skills and no standards"),
        (b'{"standards": 3}', "neither our form"),
    ],
)
def test_a_file_that_is_none_says_where_and_why(content: bytes, words: str) -> None:
    with pytest.raises(FileUnreadable, match=words):
        read(content, "bad.json")
