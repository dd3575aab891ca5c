"""Every invariant there is, and what a history comes to under all of them."""

from collections.abc import Callable

from services.audit.delivered import accepted, consumed, effects, outbox
from services.audit.history import History
from services.audit.kept import kept
from services.audit.letters import letters
from services.audit.nobody import nobody
from services.audit.pledges import pledges
from services.audit.quiet import quiet
from services.audit.verdict import Finding, Verdict, confirmed
from services.audit.versions import order, versions

INVARIANTS: tuple[Callable[[History], Verdict], ...] = (
    accepted, outbox, effects, consumed, kept, order, versions, letters, pledges, quiet, nobody,
)  # fmt: skip


def verdicts(history: History) -> list[Verdict]:
    """What each invariant came to, in the order an event meets them."""
    return [invariant(history) for invariant in INVARIANTS]


def findings(history: History) -> list[Finding]:
    """
    Everything that is wrong with a system that should be quiet: what waits is wrong too.

    Empty is silence.
    """
    all_of_it = verdicts(history)
    standing = confirmed(all_of_it, all_of_it, stuck=True)
    return [finding for verdict in standing for finding in verdict.findings]
