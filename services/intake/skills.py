"""Skills by key, from the words people use for them: exact, near enough, or for a person to say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from schemas.learner import Key
from services.intake.packaged import toml
from services.intake.report import Note
from services.intake.taxonomy import Ruling, Skill, Standard, Taxonomy
from services.intake.words import packed, plain

# one slip in ten letters: no two of our labels of different skills are so near each other,
# and a test says so; a slip in a short word more often makes another word (baking, banking)
NEAR = 0.90
SHORTEST = 6
# the second best skill must be this much further away, or it is not clear which is meant
CLEAR_BY = 0.05
SUGGESTED = 3
LEAST_SUGGESTED = 55


@dataclass(frozen=True, slots=True)
class Read:
    """
    What a list of words comes to.

    ``keys`` are sorted; ``texts`` are the words that count as no skill, as written, ``unknown``
    those of them a person should look at; ``near`` are (written, label) mapped by likeness.
    """

    keys: tuple[Key, ...]
    texts: tuple[str, ...]
    unknown: tuple[str, ...]
    near: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A skill a word may mean; ``score`` is rapidfuzz's, 0 to 100."""

    key: Key
    label: str
    score: int


class SkillBook:
    """A taxonomy with a coordinators' *rulings*, ready to be looked up in."""

    def __init__(self, taxonomy: Taxonomy, rulings: Iterable[Ruling] = ()) -> None:
        self.taxonomy = taxonomy
        self.rulings = tuple(rulings)
        self.version = taxonomy.version(self.rulings)
        self.skills = _skills(taxonomy, self.rulings)
        self.standards: Mapping[str, Standard] = taxonomy.by_lars_code()
        self.clashes: list[tuple[str, Key, Key]] = []
        self._ignored = {r.word for r in self.rulings if r.kind == "ignore"}
        self._labels: dict[str, Key] = {}
        self._index(taxonomy)
        self._own = {
            packed(plain(label)): skill.key
            for skill in taxonomy.skills
            for label in (skill.key, skill.label, *skill.also)
        }
        self._joined = {packed(label): key for label, key in reversed(self._labels.items())}
        self._sentences = _sentences(taxonomy)

    def read(self, words: Iterable[str]) -> Read:
        """The keys of *words*; physical fitness and what was ruled out are texts, never keys."""
        keys, near = set(), []
        texts: dict[str, None] = {}
        unknown: dict[str, None] = {}
        for word in words:
            small = plain(word)
            key, is_near = self._found(small)
            skill = self.skills.get(key) if key else None
            if skill is not None and skill.used:
                keys.add(skill.key)
                if is_near:
                    near.append((word, skill.label))
            elif small:
                texts[word] = None
                if skill is None and small not in self._ignored:
                    unknown[word] = None
        return Read(tuple(sorted(keys)), tuple(texts), tuple(unknown), tuple(near))

    def key(self, word: str) -> Key | None:
        """The skill *word* means, also one that is never used."""
        return self._found(plain(word))[0]

    def named(self, small: str) -> Key | None:
        """The skill that the taxonomy itself calls plain *small*, whatever was ruled."""
        return self._own.get(packed(small))

    def suggestions(self, word: str) -> tuple[Suggestion, ...]:
        """The skills nearest to *word*, best first, for a person to choose from."""
        found = process.extract(
            plain(word), list(self._labels), scorer=fuzz.token_set_ratio, limit=40,
            score_cutoff=LEAST_SUGGESTED,
        )  # fmt: skip
        best: dict[Key, int] = {}
        for label, score, _ in found:
            best.setdefault(self._labels[label], round(score))
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:SUGGESTED]
        return tuple(Suggestion(key, self.skills[key].label, score) for key, score in ranked)

    def of_standard(self, standard: Standard) -> tuple[Key, ...]:
        """What *standard* asks for, as keys that may count, sorted."""
        tied = {sentence.key for sentence in standard.sentences if sentence.key}
        return tuple(sorted(k for k in tied if k in self.skills and self.skills[k].used))

    def nearest(self, small: str) -> tuple[Key | None, float]:
        """
        The skill whose label is one slip in ten letters from plain *small*, and how near.

        None if there is none, or if another skill is about as near.
        """
        found = process.extract(
            small, list(self._labels), scorer=OSA.normalized_similarity, limit=None,
            score_cutoff=NEAR - CLEAR_BY,
        )  # fmt: skip
        first: tuple[Key | None, float] = (None, 0.0)
        for label, score, _ in found:
            key = self._labels[label]
            if first[0] is None:
                if score < NEAR or not _slipped(small, label):
                    return None, score
                first = key, score
            elif key != first[0] and first[1] - score < CLEAR_BY:
                return None, first[1]
        return first

    def _found(self, small: str) -> tuple[Key | None, bool]:
        if not small or small in self._ignored:
            return None, False
        joined = packed(small)
        exact = self._labels.get(small) or self._joined.get(joined) or self._sentences.get(joined)
        if exact:
            return exact, False
        near, _ = self.nearest(small)
        return near, near is not None

    def _index(self, taxonomy: Taxonomy) -> None:
        """A ruling first, then a skill's own name, then what else it is called."""
        for ruling in self.rulings:
            key = ruling.skill
            if ruling.kind != "ignore" and key in self.skills:
                self._labels[ruling.word] = key
        for skill in self.skills.values():
            self._enter(skill.key, skill.key)
            self._enter(skill.label, skill.key)
        for skill in taxonomy.skills:
            for label in skill.also:
                self._enter(label, skill.key)

    def _enter(self, label: str, key: Key) -> None:
        holder = self._labels.setdefault(plain(label), key)
        if holder != key:
            self.clashes.append((label, key, holder))


def notes(read: Read) -> tuple[Note, ...]:
    """What a sender should know of how their words were read."""
    near = "; ".join(f'"{written}" as {label}' for written, label in read.near)
    unknown = ", ".join(read.unknown)
    found = (
        Note("near-skill", f"read {near}") if near else None,
        Note("unknown-skill", f"not matched, a coordinator looks at it: {unknown}")
        if unknown
        else None,
    )
    return tuple(note for note in found if note)


@cache
def packaged_needs() -> Mapping[str, list[str]]:
    """Needs an employer may call essential, with the words adverts use for them."""
    needs: dict[str, list[str]] = toml("needs.toml")["needs"]
    return needs


def need_key(text: str) -> Key | None:
    """The need that *text* names, such as ``driving-licence``."""
    small = text.casefold()
    needs = packaged_needs().items()
    return next((key for key, words in needs if any(word in small for word in words)), None)


def _skills(taxonomy: Taxonomy, rulings: Iterable[Ruling]) -> dict[Key, Skill]:
    made = {
        ruling.skill: Skill(key=ruling.skill, label=ruling.label)
        for ruling in rulings
        if ruling.kind == "new" and ruling.skill and ruling.label
    }
    return made | {skill.key: skill for skill in taxonomy.skills}


def _sentences(taxonomy: Taxonomy) -> dict[str, Key]:
    """A standard's sentence by its own words, and by its code such as ``st0349:s1``."""
    found: dict[str, Key] = {}
    for standard in taxonomy.standards:
        for sentence in standard.sentences:
            if sentence.key:
                code = f"{standard.reference} {sentence.id}"
                found.setdefault(packed(plain(code)), sentence.key)
                found.setdefault(packed(plain(sentence.detail)), sentence.key)
    return found


def _slipped(one: str, other: str) -> bool:
    """Whether the two differ in long words only, word by word."""
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(
        a == b or min(len(a), len(b)) >= SHORTEST for a, b in zip(words, others, strict=True)
    )
