"""Words for skills: exact, near enough, or for a person; and what is too personal to be kept."""

from itertools import combinations

import pytest
from rapidfuzz.distance import OSA

from services.intake.lexicon import packaged_book
from services.intake.skills import CLEAR_BY, NEAR, SHORTEST, SkillBook
from services.intake.taxonomy import Ruling, Skill, Taxonomy
from services.intake.words import phrase, phrases, plain

DFE = ("Communication skills", "IT skills", "Organisation skills", "Customer care skills",
       "Problem solving skills", "Presentation skills", "Administrative skills", "Number skills",
       "Analytical skills", "Attention to detail", "Logical", "Team working", "Creative",
       "Initiative", "Non judgemental", "Patience", "Physical fitness")  # fmt: skip
BOOK = packaged_book()


def labels() -> list[tuple[str, str]]:
    """Every label of a skill in its plain form, with its key."""
    return sorted(
        {(plain(label), s.key) for s in BOOK.skills.values() for label in (s.label, *s.also)}
    )


def test_the_17_default_labels_are_17_skills() -> None:
    assert len({BOOK.key(label) for label in DFE} - {None}) == 17


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("customer service skills", "customer-care"),
        ("CUSTOMER  CARE", "customer-care"),
        ("Good communication skills", "communication"),
        ("Health & Safety", "health-and-safety"),
        ("brick laying", "bricklaying"),
        ("team-work", "team-working"),
        ("ST0349 S1", "welding"),
        ("Weld plate and pipe by two arc processes.", "welding"),
    ],
)
def test_a_synonym_is_the_same_skill_however_written(word: str, key: str) -> None:
    found = BOOK.read([word])
    assert (found.keys, found.texts, found.near) == ((key,), (), ())


@pytest.mark.parametrize(
    ("slip", "key"),
    [
        ("Team workign", "team-working"),
        ("comunication", "communication"),
        ("Food hygeine", "food-safety"),
        ("electrical instalation", "electrical-installation"),
        ("attention to details", "attention-to-detail"),
    ],
)
def test_a_slip_of_the_pen_is_mapped_at_once_and_said(slip: str, key: str) -> None:
    found = BOOK.read([slip])
    assert found.keys == (key,)
    assert found.near == ((slip, BOOK.skills[key].label),)


@pytest.mark.parametrize(
    "word",
    ["plating", "banking", "stack control", "hard tools", "weldng", "wedding", "cleaning",
     "counselling", "patients", "watering", "fire safety", "road safety", "printing",
     "bubbly personality", "fork lift driving"],
)  # fmt: skip
def test_another_word_that_looks_alike_waits_for_a_person(word: str) -> None:
    found = BOOK.read([word])
    assert (found.keys, found.texts, found.unknown) == ((), (word,), (word,))


def test_no_two_skills_are_as_near_as_a_slip() -> None:
    """The cut-off lies well above the nearest two labels of different skills."""
    apart = [
        OSA.normalized_similarity(one, other)
        for (one, key), (other, another) in combinations(labels(), 2)
        if key != another
    ]
    assert max(apart) < NEAR - CLEAR_BY - 0.05


def test_any_one_slip_in_a_long_word_finds_its_skill_and_never_another() -> None:
    found = tried = 0
    used = [(label, key) for label, key in labels() if BOOK.skills[key].used]
    for label, key in used:
        for place in range(1, len(label)):
            if label[place] == " ":
                continue
            slip = label[:place] + "q" + label[place + 1 :]
            read = BOOK.read([slip])
            assert read.keys in {(), (key,)}, slip
            if len(label) >= 10 and all(len(word) >= SHORTEST for word in label.split()):
                tried += 1
                found += bool(read.keys)
    assert tried > 500
    assert found == tried


def test_what_may_mean_two_skills_is_left_to_a_person() -> None:
    twins = (Skill(key="left", label="hydraulic presses"),
             Skill(key="right", label="hydraulic pressed"))  # fmt: skip
    book = SkillBook(Taxonomy(name="t", edition=1, skills=twins))
    assert book.read(["hydraulic pressez"]).keys == ()
    assert {near.key for near in book.suggestions("hydraulic pressez")} == {"left", "right"}


def test_physical_fitness_is_known_shown_and_never_used_or_asked_about() -> None:
    found = BOOK.read(["Physical fitness", "physically fit"])
    assert (found.keys, found.unknown) == ((), ())
    assert found.texts == ("Physical fitness", "physically fit")


def test_suggestions_are_the_nearest_skills_each_once_with_its_score() -> None:
    first, *others = BOOK.suggestions("excel spreadsheet work")
    assert first.key == "spreadsheets"
    assert len({near.key for near in (first, *others)}) == 1 + len(others) <= 3
    assert [near.score for near in (first, *others)] == sorted(
        (near.score for near in (first, *others)), reverse=True
    )


def test_a_ruling_holds_until_the_skill_is_gone_and_then_the_word_waits_again() -> None:
    ruled = [Ruling(word="stick work", kind="map", skill="welding"),
             Ruling(word="vibes", kind="ignore"),
             Ruling(word="drones", kind="new", skill="drone-flying", label="Drones")]  # fmt: skip
    book = SkillBook(BOOK.taxonomy, ruled)
    found = book.read(["Stick work", "Vibes", "drones"])
    assert (found.keys, found.texts, found.unknown) == (("drone-flying", "welding"), ("Vibes",), ())
    assert book.version != BOOK.version
    without = BOOK.taxonomy.model_copy(update={"skills": ()})
    assert SkillBook(without, ruled).read(["stick work"]).unknown == ("stick work",)


@pytest.mark.parametrize(
    "text",
    ["zebedee@example.org", "call 0121 496 0123", "07700900123", "B1 1AA", "born 2001-05-05",
     "see www.example.org", "example.org", "Flat 12", "He is reliable. He lives nearby.",
     "a" * 81, "one two three four five six seven eight nine ten eleven", "<b>Welding</b>", "!?"],
)  # fmt: skip
def test_what_may_say_something_of_a_person_is_no_phrase(text: str) -> None:
    assert phrase(text) is None


@pytest.mark.parametrize(
    "text",
    ["Welding", "C++", "3D printing", "Non-judgemental", "Children's care", "Hair & beauty",
     "st0349:s1"],
)  # fmt: skip
def test_few_plain_words_are_a_phrase(text: str) -> None:
    assert phrase(f" {text}  ") == text


def test_phrases_are_kept_once_and_others_counted() -> None:
    assert phrases(["Welding", " Welding ", "", "a@b", "IT"]) == (["Welding", "IT"], 1)
