"""`p2a audit`: whether what was promised holds, on a system that may be running."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.addresses import addresses, told

if TYPE_CHECKING:
    from services.audit.verdict import Finding, Verdict

FOUND, UNSEEN = 1, 2
SHOWN = 20


def audit(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for a program, all of it")] = False,
    settle: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="work waiting longer than this is a finding"),
    ] = 0.0,
) -> None:
    """
    Is anything lost, doubled, or not as it must be? Reads only; the services may be running.

    Ends with 0 when nothing is wrong, 1 with findings, 2 when it could not look: called wrongly,
    or Kafka or PostgreSQL away.
    """
    from aiokafka.errors import KafkaError
    from sqlalchemy.exc import SQLAlchemyError

    from services.audit.looking import looked
    from services.delivery.reasons import reason

    given = addresses("audit")
    try:
        verdicts = asyncio.run(looked(given.kafka, given.postgres, settle=settle))
    except (KafkaError, SQLAlchemyError) as away:
        told("audit", f"Kafka or PostgreSQL refused: {reason(away)}")
        raise typer.Exit(UNSEEN) from None
    lines = [json.dumps([asdict(one) for one in verdicts], indent=2)] if as_json else page(verdicts)
    for line in lines:
        print(line)
    if any(verdict.findings for verdict in verdicts):
        raise typer.Exit(FOUND)


def page(verdicts: "Sequence[Verdict]") -> Iterator[str]:
    """A line an invariant, then every finding with what to do about it."""
    for verdict in verdicts:
        result = f"FINDING {len(verdict.findings)}" if verdict.findings else "ok"
        counts = ", ".join(f"{number:,} {name}" for name, number in verdict.looked.items())
        waiting = f"; {len(verdict.waiting):,} waiting" if verdict.waiting else ""
        yield f"{result:<12}{verdict.name:<10}{verdict.sentence} ({counts}{waiting})"
    for verdict in verdicts:
        if verdict.findings:
            yield ""
            yield f"{verdict.name}: {verdict.sentence}. It is not so:"
            yield from _findings(verdict.findings)
    found = [finding for verdict in verdicts for finding in verdict.findings]
    yield ""
    yield _total(found, sum(len(verdict.waiting) for verdict in verdicts))


def _findings(findings: "Sequence[Finding]") -> Iterator[str]:
    for finding in findings[:SHOWN]:
        yield f"  {finding.kind}: {finding.subject}"
        yield f"    {finding.words}"
        yield f"    do: {finding.do}"
    if len(findings) > SHOWN:
        yield f"  and {len(findings) - SHOWN:,} more: p2a audit --json names them all"


def _total(found: "Sequence[Finding]", waiting: int) -> str:
    kinds = ("lost", "doubled", "wrong")
    counts = [(sum(one.kind == kind for one in found), kind) for kind in kinds]
    words = ", ".join(f"{number:,} {kind}" for number, kind in counts)
    return f"{words}; {waiting:,} on their way"
