"""
Named places where a process may be made to break, for tests of what becomes of it then.

Off, which they are unless P2A_FAILPOINTS is set when the process starts, `reach` is a function
that does nothing. Armed, as `consumer.committed=kill@3,relay.acked=stop`, each named place acts
once, when it is reached for the n-th time (the first, if no number is given):

    kill    ends the process at once with exit code 137, as SIGKILL would
    stop    freezes the process, as SIGSTOP does, until it gets SIGCONT
    raise   raises Planted, an OSError
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

VARIABLE = "P2A_FAILPOINTS"
KILLED = 137  # what a shell says of a process that SIGKILL ended

PLACES = {
    "consumer.claimed": "a batch was taken from Kafka, nothing is done about it",
    "consumer.inbox": "the inbox rows are inserted, the handlers not called",
    "consumer.handled": "the handlers are done, the transaction is not committed",
    "consumer.committed": "the transaction is committed, the offsets are not",
    "consumer.buried": "dead letters are acknowledged, the offsets are not committed",
    "consumer.offsets": "the offsets are committed",
    "outbox.posted": "rows are in the outbox, the transaction is not committed",
    "relay.read": "unsent rows are read, none is sent",
    "relay.sent": "rows are with the producer, none is acknowledged",
    "relay.acked": "rows are acknowledged, not recorded",
    "relay.recorded": "rows are recorded as sent",
    "intake.accepted": "what was handed in is committed, the sender has no answer",
    "round.claimed": "a market is claimed, its round not computed",
    "round.saved": "a round is committed, the pool does not know it",
    "review.decided": "a decision is committed, the coordinator has no answer",
    "review.sent": "a shortlist's leaving is committed",
    "letter.reserved": "a letter is in hand, not handed over",
    "letter.handed": "the mail server took a letter, which is not recorded",
    "letter.recorded": "what became of a letter is recorded",
    "reply.taken": "an answer is committed, whoever gave it sees no page",
}

log = structlog.get_logger()


class UnknownFailpoint(ValueError):
    """P2A_FAILPOINTS names no place or action of ours; the message says what there is."""


class Planted(OSError):
    """The failure an armed failpoint raises."""


@dataclass(frozen=True, slots=True)
class Armed:
    """What happens at a place, and when: the *nth* time it is reached."""

    action: str
    nth: int


def armed(words: str) -> dict[str, Armed]:
    """The failpoints of `place=action@n,...` by place; raises UnknownFailpoint."""
    found: dict[str, Armed] = {}
    for each in filter(None, (part.strip() for part in words.split(","))):
        place, _, what = each.partition("=")
        action, _, nth = what.partition("@")
        if place not in PLACES:
            raise UnknownFailpoint(f"no failpoint {place!r}; there are {', '.join(PLACES)}")
        if action not in ACTIONS or not (nth or "1").isdigit() or nth == "0":
            actions = ", ".join(ACTIONS)
            raise UnknownFailpoint(f"{each!r}: write {place}=ACTION or =ACTION@N; {actions}")
        found[place] = Armed(action, int(nth or 1))
    return found


def reaching(points: Mapping[str, Armed]) -> Callable[[str], None]:
    """What `reach` is with *points* armed: with none, a function that does nothing."""
    if not points:
        return _nothing
    log.critical("failpoints are armed: this process is meant to break", places=sorted(points))
    times: Counter[str] = Counter()

    def act(place: str) -> None:
        point = points.get(place)
        if point is None:
            return
        times[place] += 1
        if times[place] == point.nth:
            log.critical("failpoint", place=place, action=point.action, times=point.nth)
            ACTIONS[point.action](place)

    return act


def _nothing(_place: str) -> None:
    pass


def _kill(_place: str) -> None:
    os._exit(KILLED)


def _stop(_place: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _raise(place: str) -> None:
    raise Planted(f"planted at {place}")


ACTIONS: dict[str, Callable[[str], None]] = {"kill": _kill, "stop": _stop, "raise": _raise}
# not a setting of any service: bound here once, so that an unarmed place costs an empty call
reach = reaching(armed(os.environ.get(VARIABLE, "")))
