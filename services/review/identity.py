"""Who signs in: the seam behind which an identity provider comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from services.review.store.accounts import Account


class UnknownIdentity(Exception):
    """Whoever it is, they have no account here."""


class SignIn(Protocol):
    """A way of proving who one is."""

    def choices(self) -> Sequence[Account]:
        """The accounts a sign-in page may offer; empty where people say who they are elsewhere."""

    def account(self, subject: str) -> Account:
        """The account of *subject*; raises UnknownIdentity."""


@dataclass(frozen=True, slots=True)
class DevelopmentSignIn:
    """Lets anybody be one of a few invented coordinators. Settings refuse it in production."""

    labels: tuple[str, ...] = ("Coordinator A", "Coordinator B", "Coordinator C")

    def choices(self) -> Sequence[Account]:
        """The invented coordinators."""
        return [Account(account=account_key("development", label), label=label)
                for label in self.labels]  # fmt: skip

    def account(self, subject: str) -> Account:
        """The invented coordinator whose key is *subject*."""
        for choice in self.choices():
            if choice.account == subject:
                return choice
        raise UnknownIdentity("choose one of the coordinators on the page")


def account_key(issuer: str, subject: str) -> str:
    """The opaque key that events carry: the same person the same key, and no way back."""
    return f"coordinator-{uuid5(NAMESPACE_URL, f'{issuer}#{subject}').hex[:16]}"
