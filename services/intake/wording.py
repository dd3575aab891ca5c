"""Adverts as plain text, and the sentences in them that may discriminate."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import nh3

from services.intake.packaged import toml

LONGEST_QUOTE = 240


@dataclass(frozen=True, slots=True)
class Flag:
    """A sentence a coordinator must look at, and the ground it may touch."""

    ground: str
    quote: str


def plain(text: str | None) -> str:
    """*text* without markup; what was a paragraph or list item stays a line of its own."""
    if not text:
        return ""
    broken = re.sub(r"(?i)<(br|/p|/li|/h\d|/div)\s*/?>", "\n", text)
    bare = html.unescape(nh3.clean(broken, tags=set()))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return "\n".join(line for line in lines if line)


def flags(texts: Iterable[str]) -> tuple[Flag, ...]:
    """Each ground once for each sentence of the plain *texts* that touches it."""
    found = {
        Flag(ground, sentence[:LONGEST_QUOTE]): None
        for text in texts
        for sentence in _sentences(text)
        for ground, patterns in _grounds()
        if any(pattern.search(sentence.casefold()) for pattern in patterns)
    }
    return tuple(found)


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n", text) if s.strip()]


@cache
def _grounds() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    return tuple(
        (ground["key"], tuple(re.compile(words) for words in ground["words"]))
        for ground in toml("wording.toml")["grounds"]
    )
