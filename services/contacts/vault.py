"""
Sealing personal values, and finding them again without opening them.

    VaultError
    ├── VaultKeyInvalid   a key of the setting is not a Fernet key
    └── SealBroken        no key opens the value: the key is gone, or the row was altered
"""

import base64
import hmac
import unicodedata
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INDEX_PURPOSE = b"p2a contacts blind index v1"


class VaultError(Exception):
    """Base of this module's errors."""


class VaultKeyInvalid(VaultError):
    """A key is no Fernet key; the message says which one, never its text."""


class SealBroken(VaultError):
    """A sealed value cannot be opened with any key we have."""


class Vault:
    """
    The first of *keys* encrypts, all of them decrypt: put a new key in front to rotate.

    Raises VaultKeyInvalid without any key or with one that is no Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise VaultKeyInvalid("no key: set P2A_CONTACTS_KEYS to at least one Fernet key")
        for place, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError as error:
                raise VaultKeyInvalid(
                    f"key {place} of P2A_CONTACTS_KEYS is not 32 bytes in URL-safe base64"
                ) from error
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._index_keys = tuple(_index_key(key) for key in keys)

    def seal(self, text: str) -> bytes:
        """*text* encrypted and signed; twice the same text gives different bytes."""
        return self._fernet.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """The text of `seal`; raises SealBroken."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealBroken("no key of P2A_CONTACTS_KEYS opens this value") from error

    def digest(self, word: str) -> bytes:
        """What stands for *word* in the index."""
        return _mac(self._index_keys[0], word)

    def digests(self, word: str) -> tuple[bytes, ...]:
        """What may stand for *word* in rows of any age, one for each key."""
        return tuple(_mac(key, word) for key in self._index_keys)


def words(*texts: str | None) -> frozenset[str]:
    """The words of *texts* as the index knows them, whatever their case or width."""
    joined = " ".join(text for text in texts if text)
    return frozenset(unicodedata.normalize("NFKC", joined).casefold().split())


def _index_key(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=INDEX_PURPOSE)
    return derivation.derive(base64.urlsafe_b64decode(key))


def _mac(key: bytes, word: str) -> bytes:
    return hmac.digest(key, word.encode(), sha256().name)
