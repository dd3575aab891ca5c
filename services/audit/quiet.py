"""Nothing is left to do."""

from services.audit.history import History
from services.audit.verdict import LOST, Finding, Verdict


def quiet(history: History) -> Verdict:
    """No market waits for a round, no shortlist for its sending."""
    do = "look at /readyz and /status of the service: they say why it stands"
    behind = [
        Finding(
            "quiet",
            LOST,
            f"market {market.market} at {market.round_revision}",
            f"has no round since revision {market.round_revision}, it is at {market.revision}",
            do,
        )
        for market in history.markets
        if market.round_revision < market.revision
    ]
    due = [Finding("quiet", LOST, subject, "is due", do) for subject in history.due]
    return Verdict(
        name="quiet",
        sentence="nothing is left to compute or to send",
        looked={"markets": len(history.markets)},
        waiting=(*behind, *due),
    )
