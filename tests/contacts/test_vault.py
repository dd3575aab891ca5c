"""Keys, seals and digests."""

import pytest
from cryptography.fernet import Fernet

from services.contacts.vault import SealBroken, Vault, VaultKeyInvalid, words


@pytest.mark.parametrize("keys", [[], ["short"], [Fernet.generate_key().decode(), "c2hvcnQ="]])
def test_a_vault_refuses_bad_keys_without_showing_them(keys: list[str]) -> None:
    with pytest.raises(VaultKeyInvalid) as refusal:
        Vault(keys)
    assert not any(key in str(refusal.value) for key in keys)


def test_an_altered_value_is_refused() -> None:
    vault = Vault([Fernet.generate_key().decode()])
    sealed = vault.seal("a name")
    with pytest.raises(SealBroken):
        vault.unseal(sealed[:-2] + b"xx")


def test_a_digest_depends_on_the_key_and_not_on_the_moment() -> None:
    one, other = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    assert Vault([one]).digest("jane") == Vault([one]).digest("jane")
    assert Vault([one]).digest("jane") != Vault([other]).digest("jane")
    assert Vault([other, one]).digests("jane") == (
        Vault([other]).digest("jane"),
        Vault([one]).digest("jane"),
    )


def test_words_ignore_case_width_and_absent_texts() -> None:
    assert words("Jane  SMITH", None, "\uff2aane@Example.org") == {  # full width
        "jane",
        "smith",
        "jane@example.org",
    }
