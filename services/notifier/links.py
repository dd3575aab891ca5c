"""
The links in letters: 128 bits nobody can guess, which we work out again instead of keeping them.

A retry renders the same letter because a token follows from the letter; the database holds only
its hash, so that a copy of the database opens nothing.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

BITS = 128
EMPLOYER = "employer"
LEARNER = "learner"


class NotAToken(Exception):
    """No link of ours ever looked like this."""


@dataclass(frozen=True, slots=True)
class Links:
    """The tokens that *secret* makes, and the addresses they stand in."""

    secret: str = field(repr=False)
    public_url: str

    def token(self, letter_id: UUID, purpose: str, generation: int = 0) -> str:
        """The token of a letter's link; 22 characters that are safe in an address."""
        about = f"{letter_id}/{purpose}/{generation}".encode()
        whole = hmac.digest(self.secret.encode(), about, sha256().name)
        return urlsafe_b64encode(whole[: BITS // 8]).rstrip(b"=").decode()

    def address(self, token: str) -> str:
        """Where the link leads."""
        return f"{self.public_url.rstrip('/')}/reply/{token}"


def digest(token: str) -> bytes:
    """What the database knows of *token*; raises NotAToken if it can be nobody's."""
    try:
        raw = urlsafe_b64decode(token + "==")
    except ValueError as error:
        raise NotAToken("not base64") from error
    if len(raw) != BITS // 8 or urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise NotAToken("not as our tokens are written")
    return sha256(raw).digest()
