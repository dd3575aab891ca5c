"""What the matcher must be told, beside what delivery needs."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from services.delivery.settings import DeliverySettings
from services.matcher.claim_store import Windows
from services.matcher.market import Policy


class Settings(DeliverySettings):
    """The matcher's settings. Times are ISO 8601 durations (`PT0.3S`) or seconds."""

    markets: dict[str, str] = Field(
        default_factory=dict,
        description="market by outcode or postcode area, such as {'CV': 'west-midlands'}",
    )
    default_market: str = Field(
        default="west-midlands", description="the market of places that are in none, or unknown"
    )
    rules_file: Path | None = Field(
        default=None, description="eligibility rules as TOML; those packaged if not given"
    )
    model_file: Path | None = Field(
        default=None, description="a saved model, until one is activated; else experts' opinion"
    )
    interviews_each: int = Field(
        default=1, ge=1, le=5, description="interviews one learner may be given at a time"
    )
    reserves: int = Field(default=5, ge=0, le=50, description="reserves on a shortlist")
    round_settle: timedelta = Field(
        # a round goes on from the last one in a fraction of a second: it need not gather for long
        default=timedelta(seconds=0.02),
        description="a round waits until nothing has changed for so long",
    )
    round_settle_limit: timedelta = Field(
        default=timedelta(seconds=0.1), description="but no longer than this after a change"
    )
    round_catch_up: timedelta = Field(
        default=timedelta(seconds=30),
        description="while events wait to be read, a round waits for them at most so long",
    )
    round_lease: timedelta = Field(
        # a round takes seconds; a market waits so long for a replica that is frozen or cut off
        default=timedelta(seconds=60),
        description="for how long a claimed market is its replica's own, while connected",
    )
    rounds_kept: timedelta = Field(
        default=timedelta(days=90), description="for how long a round can be recomputed"
    )

    @property
    def windows(self) -> Windows:
        """How long changes are gathered."""
        return Windows(
            settle=self.round_settle,
            settle_limit=self.round_settle_limit,
            lease=self.round_lease,
        )

    @property
    def policy(self) -> Policy:
        """How places are given out."""
        return Policy(interviews_each=self.interviews_each, reserves=self.reserves)
