"""What intake must be told."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.delivery.settings import DeliverySettings
from services.intake.judging import BY_SETTING

MEBIBYTE = 1024 * 1024


class TakingSettings(BaseSettings):
    """What taking a record needs, over HTTP or from a file."""

    model_config = SettingsConfigDict(env_prefix="P2A_", frozen=True, extra="ignore")

    contacts_keys: SecretStr = Field(
        description="Fernet keys of contacts, separated by commas; the first encrypts"
    )
    intake_programmes: Path | None = Field(
        default=None, description="a TOML file instead of the packaged programmes and courses"
    )
    intake_wages: Path | None = Field(
        default=None, description="a TOML file instead of the packaged minimum wage rates"
    )
    intake_passes: str = Field(
        default="",
        description="rules that hold no vacancy here, separated by commas: "
        + ", ".join(BY_SETTING),
    )

    @field_validator("intake_passes")
    @classmethod
    def _known(cls, text: str) -> str:
        unknown = {part.strip() for part in text.split(",") if part.strip()} - set(BY_SETTING)
        if unknown:
            raise ValueError(f"only {', '.join(BY_SETTING)} can be passed by a setting")
        return text

    @property
    def passes(self) -> frozenset[str]:
        """The rules of ``intake_passes``."""
        return frozenset(part.strip() for part in self.intake_passes.split(",") if part.strip())

    @property
    def vault_keys(self) -> list[str]:
        """The keys of ``contacts_keys``."""
        text = self.contacts_keys.get_secret_value()
        return [key.strip() for key in text.split(",") if key.strip()]


class Settings(TakingSettings, DeliverySettings):
    """Intake as a service."""

    intake_keys: str = Field(
        default="",
        description="who may call: name=SHA-256 of the API key in hex, separated by commas; "
        "without one nobody may",
    )
    intake_rate: int = Field(
        default=6000, ge=1, description="requests a minute that are taken from one holder of a key"
    )
    intake_most_bytes: int = Field(
        default=32 * MEBIBYTE, ge=1024, description="the largest request body that is read"
    )
