"""Adverts as plain text, and words a coordinator must see."""

import pytest

from services.intake.wording import flags, plain


def test_markup_entities_and_scripts_go_and_lines_stay() -> None:
    text = "<ul>\r\n<li>One &amp; two</li><li>Three&nbsp;four</li></ul><script>alert(1)</script>"
    assert plain(text) == "One & two\nThree four"
    assert plain(None) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "You must not wear glasses.",
        "Applicants must be able-bodied.",
        "We want a young and energetic person.",
        "No older than 25.",
        "Male only.",
        "Native English speakers.",
        "You must be good-looking.",
        "British citizens only.",
        "Christians only.",
        "Must be clean-shaven.",
    ],
)
def test_words_that_may_discriminate_are_quoted_whole(sentence: str) -> None:
    found = flags([f"A fine place to work. {sentence} Apply soon."])
    assert [flag.quote for flag in found] == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "A professional manner is important.",
        "You must be willing to travel to client meetings on occasion.",
        "We employ under 50 people.",
        "You will work with glass and metal.",
        "We are a Disability Confident employer and welcome disabled applicants.",
        "This role may require extended screen time.",
        "You will work under 40 hours a week.",
    ],
)
def test_ordinary_words_are_not_flagged(sentence: str) -> None:
    assert flags([sentence]) == ()
