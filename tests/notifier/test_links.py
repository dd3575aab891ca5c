"""Tokens: worked out again, guessed by nobody, told apart by purpose."""

from uuid import UUID

import pytest

from services.notifier.links import Links, NotAToken, digest

LETTER = UUID(int=1)
LINKS = Links("a secret of thirty-two characters", "http://replies.example.org/")


def test_a_token_is_the_same_again_and_differs_by_everything_it_stands_for() -> None:
    token = LINKS.token(LETTER, "learner")
    assert token == LINKS.token(LETTER, "learner")
    others = {
        LINKS.token(LETTER, "employer"),
        LINKS.token(LETTER, "learner", 1),
        LINKS.token(UUID(int=2), "learner"),
        Links("another secret, as long as the first", "").token(LETTER, "learner"),
    }
    assert len(others | {token}) == 5
    assert LINKS.address(token) == f"http://replies.example.org/reply/{token}"


def test_a_token_holds_128_bits_and_its_digest_does_not_hold_it() -> None:
    token = LINKS.token(LETTER, "learner")
    assert len(token) == 22
    assert len(digest(token)) == 32
    assert token.encode() not in digest(token)


@pytest.mark.parametrize(
    "spoilt", ["", "x", "é" * 22, "A" * 21, "A" * 22 + "A", "A" * 21 + "B", "="]
)
def test_what_is_no_token_is_said_to_be_none(spoilt: str) -> None:
    with pytest.raises(NotAToken):
        digest(spoilt)


def test_the_secret_is_not_shown() -> None:
    assert "thirty-two" not in repr(LINKS)
