"""No personal data in topics: only what the schemas allow, no address, no telephone number."""

import re
from collections.abc import Mapping, Sequence

from services.audit.history import History
from services.audit.verdict import WRONG, Finding, Verdict

# what the relay and a tracing client write, beside the attributes of CloudEvents
HEADERS = frozenset(
    {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"}
    | {"traceparent", "tracestate"}
)
ADDRESS = re.compile(rb"[\w.+-]@[\w-]+\.\w")
# eleven digits from 0 or +44 on, with or without spaces, that are no part of an id or a time
NUMBER = re.compile(rb"(?<![\w.:+-])(?:\+44|0)(?: ?\d){9,10}(?![\w:-])")


def nobody(history: History) -> Verdict:
    """Every record holds what its schema allows and nothing else."""
    return Verdict(
        name="nobody",
        sentence="no personal data is on a topic: only what the schemas allow",
        looked={"records": len(history.records)},
        findings=tuple(
            Finding(
                "nobody",
                WRONG,
                str(record.spot),
                record.flaw,
                "stop its writer; a record cannot be removed, only its topic's retention shortened",
            )
            for record in history.records
            if record.flaw
        ),
    )


def flaw(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> str:
    """What no record of ours may hold, in words without it; empty if there is none."""
    strange = sum(name not in HEADERS for name, _ in headers)
    if strange:
        return f"holds {strange} headers that are not ours"
    if ADDRESS.search(value):
        return "holds an e-mail address"
    return "holds a telephone number" if NUMBER.search(value) else ""


def frame(headers: Mapping[str, bytes | None], name: str) -> str | None:
    """A header in words, None where it is missing or not UTF-8."""
    try:
        return (headers.get(name) or b"").decode() or None
    except UnicodeDecodeError:
        return None
