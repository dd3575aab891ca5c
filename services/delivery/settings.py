"""What every service must be told to take part in delivery."""

from pydantic import Field, PostgresDsn, RedisDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class DeliverySettings(BaseSettings):
    """
    Read from `P2A_...` variables, or from files named like them in P2A_SECRETS_DIR.

    A service's own settings inherit from this and add theirs.
    """

    model_config = SettingsConfigDict(env_prefix="P2A_", frozen=True, extra="ignore")

    database_url: PostgresDsn = Field(description="where PostgreSQL is, as this service's role")
    kafka_bootstrap: str = Field(description="host:port of the brokers, separated by commas")
    valkey_url: RedisDsn = Field(
        description="where Valkey is: for what may be lost, as counts of requests"
    )
    replica: str = Field(
        default="",
        description="this replica's stable name in its group, unlike any other's; empty: none",
    )
    event_attempts: int = Field(
        default=5,
        ge=1,
        description="how often an event whose handling fails is tried before it is a dead letter",
    )
    # five tries of one event take a second: a limit above 50 would not stop a quiet topic's ruin
    dead_letters_a_minute: int = Field(
        default=30,
        ge=0,
        description="more than these in a minute halt the consumer; 0: it never halts",
    )
    host: str = Field(default="127.0.0.1", description="the address the HTTP side listens on")
    port: int = Field(default=8000, description="the port the HTTP side listens on")
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="how people's browsers reach this service"
    )
