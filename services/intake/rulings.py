"""
What coordinators decide of words nobody knows; each decision makes a new version of the skills.

    RulingRefused
    ├── UnknownSkill   no skill has that key
    ├── AlreadyKnown   the word, or the new skill's name, is a skill's own
    └── NotPlain       no short plain words
"""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import skillstore
from services.intake.lexicon import Current, Lexicon, begin, renew
from services.intake.skills import SkillBook
from services.intake.taxonomy import Ruling
from services.intake.words import phrase, plain

DONE = {"map": "a word mapped", "new": "a new skill", "ignore": "a word ignored"}


class RulingRefused(Exception):
    """The message says what to do instead."""


class UnknownSkill(RulingRefused):
    """See the module."""


class AlreadyKnown(RulingRefused):
    """See the module."""


class NotPlain(RulingRefused):
    """See the module."""


def ruling(
    book: SkillBook, word: str, *, skill: str | None = None, label: str | None = None
) -> Ruling:
    """
    The ruling that *word* means *skill*, a new skill called *label*, or, with neither, nothing.

    Raises RulingRefused.
    """
    small = plain(word)
    if phrase(word) is None or not small:
        raise NotPlain("a skill's words are few and plain, without an address or a number")
    holder = book.named(small)
    if holder is not None:
        raise AlreadyKnown(f"that is how the skill {holder} is called: import another list instead")
    if label is not None:
        return _new(book, small, label)
    if skill is None:
        return Ruling(word=small, kind="ignore")
    if skill not in book.skills:
        raise UnknownSkill(f"there is no skill {skill}: p2a skills show lists them")
    return Ruling(word=small, kind="map", skill=skill)


async def rule(
    session: AsyncSession,
    word: str,
    *,
    skill: str | None = None,
    label: str | None = None,
    account: str,
) -> Current:
    """Let the ruling hold from now on; the version that holds then. Raises RulingRefused."""
    lexicon = Lexicon()
    await begin(session)
    before = await lexicon.current(session)
    found = ruling(before.book, word, skill=skill, label=label)
    if found in before.book.rulings:
        return before
    await skillstore.save_ruling(session, found, account=account)
    await renew(session, before.book.taxonomy, why=DONE[found.kind], account=account)
    return await lexicon.current(session)


def _new(book: SkillBook, small: str, label: str) -> Ruling:
    name = phrase(label)
    key = re.sub(r"[^a-z0-9]+", "-", plain(label)).strip("-")
    if name is None or not key:
        raise NotPlain("a new skill's name is a few plain words")
    if key in book.skills or book.named(plain(label)):
        raise AlreadyKnown(f"there is a skill of that name: map the word to {book.key(label)}")
    return Ruling(word=small, kind="new", skill=key, label=name)
