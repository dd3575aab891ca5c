"""What the notifier must be told."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.delivery.settings import DeliverySettings


class Settings(DeliverySettings):
    """Read from `P2A_...`; there is no default for a secret or an address."""

    smtp_host: str = Field(description="the mail server that takes our letters")
    smtp_port: int = Field(description="its port")
    smtp_tls: Literal["offered", "required", "from-start"] = Field(
        default="offered",
        description="encrypt when the server offers it, insist on it, or from the first byte",
    )
    smtp_username: str | None = Field(default=None, description="our account there, if it asks")
    smtp_password: SecretStr | None = Field(default=None, description="that account's password")
    smtp_timeout: timedelta = Field(
        default=timedelta(seconds=60), description="how long the server may take for an answer"
    )
    mail_from: str = Field(
        description="the mailbox our letters come from and that we read, perhaps with a name"
    )
    help_phone: str = Field(description="the telephone number a letter says to ring")
    organisation: str = Field(
        default="Path 2 Apprenticeships", description="who the letters and pages are from"
    )
    link_secret: SecretStr = Field(
        description="32 characters or more; whoever knows it can answer for anybody"
    )
    contacts_keys: SecretStr = Field(
        description="Fernet keys of contacts, separated by commas; the first one encrypts"
    )
    letters_at_once: Annotated[int, Field(ge=1, le=50)] = Field(
        default=4, description="letters in hand at one time; a crash leaves at most these unknown"
    )
    retry_unit: timedelta = Field(
        default=timedelta(minutes=1),
        description="what the waits of 1, 5, 30, 120, 360 and 1440 between attempts count",
    )
    lease: timedelta = Field(
        default=timedelta(minutes=5),
        description="after this a letter still in hand is taken for broken off; at least twice"
        " smtp_timeout",
    )

    @field_validator("link_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 32:  # noqa: PLR2004 - the number the message names
            raise ValueError("must have 32 characters or more")
        return secret

    @field_validator("mail_from")
    @classmethod
    def _a_mailbox(cls, mailbox: str) -> str:
        name, _, domain = parseaddr(mailbox)[1].partition("@")
        if not name or not domain:
            raise ValueError("must be a mailbox such as 'Placements <placements@example.org>'")
        return mailbox

    @model_validator(mode="after")
    def _lease_long_enough(self) -> Self:
        if self.lease < 2 * self.smtp_timeout:
            raise ValueError("P2A_LEASE must be at least twice P2A_SMTP_TIMEOUT")
        return self

    @property
    def vault_keys(self) -> list[str]:
        """The keys of contacts, one by one."""
        return [key.strip() for key in self.contacts_keys.get_secret_value().split(",")]

    @property
    def mailbox(self) -> str:
        """The bare address of *mail_from*."""
        return parseaddr(self.mail_from)[1]
