"""Words for skills as people write them: their plain form, and which are fit to be kept."""

import re

LONGEST = 80
MOST_WORDS = 10
# a standard's own sentence, such as ST0349 S1 or st0349:tk2
CODED = re.compile(r"[A-Za-z]{2}[0-9]{4}[ :](T?[KS]|E?S?B)[0-9]{1,2}", re.IGNORECASE)
WRITTEN = re.compile(r"[^\W_][\w '\u2019&/,.:+#()\-]*")
# a telephone number, a postcode or a date has two digits or more; "3D printing" has one
MOST_DIGITS = 1
# an internet address, or two sentences
DOTTED = re.compile(r"\w[.:]\w|[.:] \w|//|www")
BEFORE = re.compile(
    r"^(an? |the )?((good|very|strong|excellent|great|basic|effective|sound|solid|some) )+"
)
AFTER = re.compile(r"(?<=\w) (skills?|abilit(y|ies)|experience)$")


def phrase(text: str) -> str | None:
    """
    *text* with single spaces if it is a short plain phrase, else None.

    What may hold an e-mail address, a number or a sentence about somebody is no phrase: a skill
    is written in few words, and what is kept here others will read.
    """
    tidy = " ".join(text.split())
    if CODED.fullmatch(tidy):
        return tidy
    fits = len(tidy) <= LONGEST and tidy.count(" ") < MOST_WORDS
    digits = sum(character.isdigit() for character in tidy)
    if not fits or digits > MOST_DIGITS or not WRITTEN.fullmatch(tidy):
        return None
    return None if DOTTED.search(tidy.casefold()) else tidy


def phrases(texts: tuple[str, ...] | list[str]) -> tuple[list[str], int]:
    """The phrases among *texts*, each once, in their order; and how many texts were none."""
    found = [phrase(text) for text in texts if text.strip()]
    kept = list(dict.fromkeys(text for text in found if text))
    return kept, sum(text is None for text in found)


def plain(text: str) -> str:
    """
    The same for all ways to write the same words: case, punctuation, "&", "Good ... skills".

    Empty for a text of nothing but punctuation.
    """
    small = text.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    bare = " ".join(re.sub(r"[^\w+#]+", " ", small).split())
    return AFTER.sub("", BEFORE.sub("", bare))


def packed(text: str) -> str:
    """A plain form without its spaces: brick laying is bricklaying."""
    return text.replace(" ", "")
