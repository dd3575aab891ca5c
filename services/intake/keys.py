"""API keys: made once, kept only as their hash."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key, to be shown once, and what settings keep of it."""

    key: str = field(repr=False)
    digest: str


def new_key(environment: str = "live") -> NewKey:
    """A fresh key such as ``p2a_live_...``, 192 bits of it chance."""
    key = f"p2a_{environment}_{secrets.token_urlsafe(24)}"
    return NewKey(key, digest(key))


def digest(key: str) -> str:
    """SHA-256 in hex: the key is all chance, so nothing slower is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Who may call, by the hashes in the settings; two may share a name while one is replaced."""

    holders: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str) -> "KeyRing":
        """The ring of ``name=hash,name=hash``; raises ValueError for anything else."""
        pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
        for name, _, hashed in pairs:
            if not name or len(hashed) != hashlib.sha256().digest_size * 2:
                raise ValueError("P2A_INTAKE_KEYS needs name=SHA-256 in hex, separated by commas")
        return cls(tuple((name, hashed.lower()) for name, _, hashed in pairs))

    def holder(self, authorization: str | None) -> str | None:
        """The name behind an Authorization header, or None."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.casefold() != "bearer":
            return None
        hashed = digest(key.strip())
        found = None
        for name, known in self.holders:
            if hmac.compare_digest(known, hashed):
                found = name
        return found
