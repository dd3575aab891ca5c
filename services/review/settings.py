"""What the console must be told."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.delivery.settings import DeliverySettings


class Settings(DeliverySettings):
    """Read from `P2A_...` variables."""

    contacts_keys: SecretStr = Field(
        description="Fernet keys of the contacts, separated by commas; the first one encrypts"
    )
    matcher_url: str = Field(description="where the matcher answers why a learner is absent")
    intake_url: str = Field(description="where intake lists what a person must check")
    intake_key: SecretStr = Field(description="what intake knows this service by")
    review_holding: timedelta = Field(
        default=timedelta(minutes=15),
        ge=timedelta(0),
        description="how long an approval can be undone before letters go, such as PT15M",
    )
    review_waiting_days: int = Field(
        default=10, ge=1, description="working days after which a waiting completer is urgent"
    )
    review_warning_days: int = Field(
        default=5, ge=1, description="working days before a pledge lapses that it becomes urgent"
    )
    sign_in: Literal["development"] = Field(
        description="how coordinators prove who they are; `development` asks for no proof"
    )
    embedded: bool = Field(
        default=False, description="whether this is a demonstration or a test on one machine"
    )

    @model_validator(mode="after")
    def proven(self) -> Self:
        """Refuses a sign-in without proof anywhere but on one's own machine."""
        if self.sign_in == "development" and not self.embedded:
            raise ValueError(
                "P2A_SIGN_IN=development lets anybody in: it is only for P2A_EMBEDDED=true"
            )
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The contacts' keys, one by one."""
        return tuple(key for key in self.contacts_keys.get_secret_value().split(",") if key)
