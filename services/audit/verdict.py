"""What an invariant came to, and telling what is on its way from what stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

LOST, DOUBLED, WRONG = "lost", "doubled", "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is not as it must be.

    *kind* is ``lost`` for what should be there and is not, ``doubled`` for what is there more
    often than it may, else ``wrong``. *subject* names it, by ids and places alone; *words* say
    what is wrong, *do* what a person does about it.
    """

    invariant: str
    kind: str
    subject: str
    words: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What one invariant came to.

    *looked* counts what was looked at. *waiting* is work on its way: no fault while it moves,
    and a finding where it does not.
    """

    name: str
    sentence: str
    looked: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    waiting: tuple[Finding, ...] = ()


def confirmed(before: Iterable[Verdict], now: Sequence[Verdict], *, stuck: bool) -> list[Verdict]:
    """
    The verdicts *now*, of their findings only those that were there *before* too.

    With *stuck* what waited before and still waits is a finding as well.
    """
    found = {verdict.name: verdict for verdict in before}
    return [_confirmed(found[verdict.name], verdict, stuck=stuck) for verdict in now]


def _confirmed(before: Verdict, now: Verdict, *, stuck: bool) -> Verdict:
    known = {finding.subject for finding in before.findings}
    waited = {finding.subject for finding in before.waiting} if stuck else set()
    still = tuple(finding for finding in now.waiting if finding.subject in waited)
    return replace(
        now,
        findings=tuple(f for f in now.findings if f.subject in known) + still,
        waiting=tuple(f for f in now.waiting if f not in still),
    )
