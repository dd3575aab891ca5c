"""Which skill a standard's sentence asks for, by the words in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.dumps import Dump, Refusal
from services.intake.skills import SkillBook
from services.intake.taxonomy import Sentence, Standard, Taxonomy
from services.intake.words import plain

# one short word says little inside a sentence: "lean", "it", "number"
LONG_WORD = 8


@dataclass(frozen=True, slots=True)
class Import:
    """The taxonomy after a file, what was left out, and how many sentences ask for no skill."""

    taxonomy: Taxonomy
    refused: tuple[Refusal, ...]
    taken: int
    untied: int


def taken_in(current: Taxonomy, dump: Dump) -> Import:
    """*current* with what *dump* gives: sentences tied to skills, wrong ties and clashes listed."""
    joined = current.joined(dump.found)
    book = SkillBook(joined)
    refused = [*dump.refused, *_clashes(book, current)]
    new = {standard.reference for standard in dump.found.standards}
    labels = telling(book)
    standards, untied = [], 0
    for standard in joined.standards:
        if standard.reference in new:
            tied = _tied(standard, book, labels, refused)
            untied += sum(sentence.key is None for sentence in tied.sentences)
            standards.append(tied)
        else:
            standards.append(standard)
    taxonomy = joined.model_copy(update={"standards": tuple(standards)})
    taken = len(dump.found.skills) + len(dump.found.standards)
    return Import(taxonomy, tuple(refused), taken, untied)


def telling(book: SkillBook) -> list[tuple[str, str]]:
    """The labels that tell a skill inside a sentence, the longest first, each with its key."""
    found = {
        (plain(label), skill.key)
        for skill in book.skills.values()
        if skill.used
        for label in (skill.label, *skill.also)
    }
    telling = [pair for pair in found if " " in pair[0] or len(pair[0]) >= LONG_WORD]
    return sorted(telling, key=lambda pair: (-len(pair[0]), pair))


def tie(detail: str, labels: Iterable[tuple[str, str]]) -> str | None:
    """The skill of the longest label that stands in *detail* as whole words."""
    small = f" {plain(detail)} "
    return next((key for label, key in labels if f" {label} " in small), None)


def _tied(
    standard: Standard, book: SkillBook, labels: list[tuple[str, str]], refused: list[Refusal]
) -> Standard:
    sentences: list[Sentence] = []
    for sentence in standard.sentences:
        key = sentence.key
        if key is not None and key not in book.skills:
            place = f"{standard.reference} {sentence.id}"
            refused.append(Refusal(place, "unknown-skill", f"there is no skill {key}: not tied"))
            key = None
        key = key or tie(sentence.detail, labels)
        sentences.append(sentence.model_copy(update={"key": key}))
    return standard.model_copy(update={"sentences": tuple(sentences)})


def _clashes(book: SkillBook, before: Taxonomy) -> list[Refusal]:
    """Labels two skills claim, but for those that clashed before."""
    known = {(label, key) for label, key, _ in SkillBook(before).clashes}
    return [
        Refusal(f"/skills/{key}", "twice", f'"{label}" already means {holder}')
        for label, key, holder in book.clashes
        if (label, key) not in known
    ]
