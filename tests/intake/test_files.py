"""Files that are broken, hostile, old, large or written by a spreadsheet."""

from datetime import UTC, datetime

import pytest

from services.intake.files import Source, items, total
from services.intake.programmes import load_programmes
from services.intake.report import Row
from services.intake.statements import FileUnreadable, Item, LearnerStatement, StandingPledge
from tests.intake.make import NOON, AimXml, LearnerXml, advert, adverts, ilr, source

PROGRAMMES = load_programmes()


def read(content: bytes | str, name: str = "file.xml") -> list[Item]:
    return list(items(source(content, name), PROGRAMMES))


def refusal(content: bytes | str, name: str = "file") -> str:
    with pytest.raises(FileUnreadable) as refused:
        read(content, name)
    return str(refused.value)


@pytest.mark.parametrize("namespace", ["ESFA/ILR/2025-26", "ESFA/ILR/2019-20", "SFA/ILR/2017-18"])
def test_every_years_namespace_is_read(namespace: str) -> None:
    learner, seen = read(ilr(LearnerXml(), namespace=namespace))
    assert isinstance(learner, LearnerStatement)
    assert seen == learner.seen
    assert learner.seen is not None
    assert learner.seen.year == namespace[-5:-3] + namespace[-2:]


@pytest.mark.parametrize(
    "namespace", ["", "urn:other", "ESFA/ILR/2025-27", "XSFA/ILR/2025-26", "ESFA/ILR/2025-26/x"]
)
def test_another_namespace_is_refused_by_name(namespace: str) -> None:
    assert "namespace" in refusal(ilr(LearnerXml(), namespace=namespace))


def test_broken_xml_is_placed_and_its_text_not_repeated() -> None:
    broken = ilr(LearnerXml()).replace(b"</FamilyName>", b"</Family>")
    words = refusal(broken, "return.xml")
    assert words.startswith("return.xml: broken XML at line ")
    assert "Markerson" not in words


def test_entities_and_doctypes_are_refused_unread() -> None:
    bomb = (
        b'<!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + ilr(LearnerXml(given="&a;&f;"))
    )
    assert "DOCTYPE" in refusal(bomb)


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (b"<SerialNo>01</SerialNo>", "SerialNo"),
        (b"<UKPRN>10099001</UKPRN>", "UKPRN"),
        (b"<FilePreparationDate>2026-11-18</FilePreparationDate>", "FilePreparationDate"),
    ],
)
def test_a_header_without_its_order_is_refused(cut: bytes, words: str) -> None:
    assert words in refusal(ilr(LearnerXml()).replace(cut, b"", 1))


def test_a_large_return_keeps_its_line_numbers() -> None:
    content = ilr(*(LearnerXml(ref=f"L{n}") for n in range(6000)))
    file = Source("big.xml", content, NOON)
    assert total(file) == 6000
    last = [item for item in items(file, PROGRAMMES) if isinstance(item, LearnerStatement)][-1]
    line = content[: content.rindex(b"<Learner>")].count(b"\n") + 1
    assert line > 65_535
    # past 65,535 the parser knows the line of the text inside, one further
    assert last.place == f"big.xml:{line + 1} /Message/Learner[6000]"


def test_restricted_contact_and_grounds_are_turned_into_yes_or_no() -> None:
    extra = (
        "<ContactPreference><ContPrefType>RUI</ContPrefType></ContactPreference>"
        "<LearnerFAM><LearnFAMType>EHC</LearnFAMType><LearnFAMCode>1</LearnFAMCode></LearnerFAM>"
    )
    (learner, _) = read(ilr(LearnerXml(extra=extra)))
    assert isinstance(learner, LearnerStatement)
    assert learner.person is not None
    assert learner.person.contact_restricted
    assert learner.given["grounds"] is True
    assert "EHC" not in str(learner.given)


def test_without_a_start_postcode_the_home_is_not_proven() -> None:
    (learner, _) = read(ilr(LearnerXml(aims=[AimXml(lsd=None)])))
    assert isinstance(learner, LearnerStatement)
    assert (learner.given["outcode"], learner.given["outcode_proves_home"]) == ("B1", False)


def test_broken_json_is_placed() -> None:
    assert refusal('{"vacancies": [\n  oops]}', "a.json").startswith(
        "a.json: broken JSON at line 2, column 3"
    )


def test_a_recruitment_body_is_known_by_its_file_name() -> None:
    body = (
        '{"contractingParties": {"accountLegalEntityPublicHashedId": "ABC"}, '
        '"title": "Apprentice", "startDate": "2027-02-01"}'
    )
    (one,) = read(body, "3f2c.json")
    (same,) = read(body.replace("{", '{"id": "3F2C", ', 1), "other.json")
    assert one.vacancy_id == same.vacancy_id  # type: ignore[union-attr]


def test_an_advert_of_no_dialect_and_one_that_is_no_object_are_rows() -> None:
    (row, other, good) = read(adverts({"a": 1}, advert()).replace('{"a": 1}', '{"a": 1}, 7'))
    assert isinstance(row, Row)
    assert isinstance(other, Row)
    assert (row.verdict, row.rule, other.verdict) == ("refused", "unknown-dialect", "refused")
    assert not isinstance(good, Row)


HEADER = "employer,interviews,interview_by,as_of\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_tables_are_read_as_spreadsheets_write_them(encoding: str) -> None:
    content = (HEADER + "Café Ltd,2,2027-01-15,2026-11-01\r\n").encode(encoding)
    (found,) = read(content, "p.csv")
    (plain,) = read((HEADER + "CAFÉ  ltd,2,2027-01-15,2026-11-01\n").encode(), "p.csv")
    assert isinstance(found, StandingPledge)
    assert isinstance(plain, StandingPledge)
    assert found.employer_id == plain.employer_id
    assert found.stamp.at == datetime(2026, 11, 1, tzinfo=UTC)


def test_bad_rows_of_a_table_are_placed_by_line_and_the_rest_is_taken() -> None:
    rows = read(
        HEADER + "A,2,2027-01-15,2026-11-01\nB,none,2027-01-15,2026-11-01\n"
        "C,0,2027-01-15,2026-11-01\nD,2,soon,2026-11-01\nE,2,,2026-11-01\nF,2,2027-01-15,\n",
        "p.csv",
    )
    refused = {row.place: row.words for row in rows if isinstance(row, Row)}
    assert refused == {
        "p.csv:3": "/interviews is not a whole number",
        "p.csv:4": "/interviews input should be greater than or equal to 1",
        "p.csv:5": "/interview_by is not a date: write YYYY-MM-DD",
        "p.csv:6": "the record give interview_by or days_after_closing",
        "p.csv:7": "/as_of is missing",
    }
    assert len(rows) == 6


def test_a_table_with_another_header_is_refused() -> None:
    assert "header" in refusal("name,age\nx,1\n", "t.csv")
    assert "header" in refusal("", "empty.csv")
