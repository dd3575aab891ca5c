"""Skills and needs by key, from the words people use for them."""

import re
from collections.abc import Iterable
from functools import cache

from schemas.learner import Key
from services.intake.packaged import toml

# known, shown, and never used for matching
NEVER_USED = "physical-fitness"


def skill_keys(labels: Iterable[str]) -> tuple[tuple[Key, ...], tuple[str, ...]]:
    """The keys of *labels*, sorted, and the texts that are none; physical fitness is a text."""
    keys, texts = set(), []
    for label in labels:
        key = _known().get(_plain(label))
        if key is None or key == NEVER_USED:
            texts.append(" ".join(label.split()))
        else:
            keys.add(key)
    return tuple(sorted(keys)), tuple(dict.fromkeys(text for text in texts if text))


def need_key(text: str) -> Key | None:
    """The need that *text* names, such as ``driving-licence``."""
    small = text.casefold()
    found = (key for key, words in _needs().items() if any(word in small for word in words))
    return next(found, None)


def _plain(label: str) -> str:
    small = label.casefold().replace("&", " and ").replace("-", " ")
    return re.sub(r"\s+skills?$", "", " ".join(small.split()))


@cache
def _known() -> dict[str, str]:
    table = toml("skills.toml")
    return {
        _plain(label): key
        for group in ("defaults", "sectors")
        for key, labels in table[group].items()
        for label in (key, *labels)
    }


@cache
def _needs() -> dict[str, list[str]]:
    needs: dict[str, list[str]] = toml("skills.toml")["needs"]
    return needs
