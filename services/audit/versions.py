"""Versions never fall, and what has one key stays in order."""

from collections import defaultdict
from collections.abc import Iterator

from schemas.match import ShortlistProposed
from services.audit.history import History, Posted
from services.audit.verdict import WRONG, Finding, Verdict

PROPOSED = ShortlistProposed.ce_type()
TELL = "tell the developers: the service may have run twice without its locks"


def versions(history: History) -> Verdict:
    """Shortlists, markets, rounds and screens only ever count up."""
    return Verdict(
        name="versions",
        sentence="versions of shortlists, markets and screens never fall",
        looked={
            "shortlists": len(history.shortlists),
            "markets": len(history.markets),
            "rounds": sum(len(market.rounds) for market in history.markets),
            "screens": sum(one.kept for one in history.screens),
        },
        findings=(*_shortlists(history), *_markets(history), *_screens(history)),
    )


def _shortlists(history: History) -> Iterator[Finding]:
    proposed: dict[str, list[Posted]] = defaultdict(list)
    for row in history.posted:
        if row.type == PROPOSED and row.version is not None:
            proposed[row.key].append(row)
    for vacancy, rows in proposed.items():
        found = [row.version for row in sorted(rows, key=lambda row: row.seq)]
        if found != list(range(1, len(found) + 1)):
            words = f"its shortlist's versions were proposed as {found}"
            yield Finding("versions", WRONG, f"vacancy {vacancy}", words, TELL)
    for vacancy in proposed.keys() | history.shortlists.keys():
        stands = history.shortlists.get(vacancy, 0)
        if stands != len(proposed.get(vacancy, ())):
            words = f"the matcher is at version {stands}, {len(proposed[vacancy])} were proposed"
            yield Finding("versions", WRONG, f"shortlist {vacancy}", words, TELL)


def _markets(history: History) -> Iterator[Finding]:
    for market in history.markets:
        highest = max(market.round_revision, market.reload_from, market.highest_row)
        if highest > market.revision:
            words = f"is at revision {market.revision}, and something of it at {highest}"
            yield Finding("versions", WRONG, f"market {market.market}", words, TELL)
        if list(market.rounds) != sorted(market.rounds):
            words = "a round saw less of it than the round before"
            yield Finding("versions", WRONG, f"rounds of {market.market}", words, TELL)
        if market.rounds and market.rounds[-1] > market.revision:
            words = f"a round saw revision {market.rounds[-1]}, it is at {market.revision}"
            yield Finding("versions", WRONG, f"last round of {market.market}", words, TELL)


def _screens(history: History) -> Iterator[Finding]:
    heard: dict[str, int] = defaultdict(int)
    had = history.effects.get("review", set())
    for row in history.posted:
        if row.type == PROPOSED and row.version is not None and row.id in had:
            heard[row.key] = max(heard[row.key], row.version)
    for one in history.screens:
        if not one.version == one.kept == one.highest:
            words = f"is at version {one.version}, {one.kept} are kept, the highest {one.highest}"
            yield Finding("versions", WRONG, f"screen of {one.vacancy_id}", words, TELL)
        if one.shortlist_version != heard[one.vacancy_id]:
            words = f"shows shortlist {one.shortlist_version}, has heard of {heard[one.vacancy_id]}"
            yield Finding("versions", WRONG, f"shown shortlist of {one.vacancy_id}", words, TELL)


def order(history: History) -> Verdict:
    """
    Rows of one key are on their topic in the order they were posted in.

    After a lost tail they may be there twice: what counts is that nothing later is missing
    behind the first copy of something earlier.
    """
    first: dict[str, int] = {}
    for record in history.records:
        first.setdefault(record.id, record.spot.offset)
    keys: dict[tuple[str, str], list[Posted]] = defaultdict(list)
    for row in history.posted:
        if row.id in first:
            keys[row.topic, row.key].append(row)
    return Verdict(
        name="order",
        sentence="events of one key are on their topic in the order they were posted in",
        looked={"keys": len(keys)},
        findings=tuple(
            finding for rows in keys.values() for finding in _disorder(rows, first, history)
        ),
    )


def _disorder(rows: list[Posted], first: dict[str, int], history: History) -> Iterator[Finding]:
    end: tuple[int, str] | None = None
    for row in sorted(rows, key=lambda row: row.seq, reverse=True):
        if end and end[0] < first[row.id]:
            words = f"came to {row.topic} after {end[1]}, which was posted later"
            do = "nothing is lost, readers go by the time of facts; tell the developers"
            yield Finding("order", WRONG, f"{row.type} {row.id}", words, do)
        last = (history.last[row.id].offset, row.id)
        end = min(end, last) if end else last
