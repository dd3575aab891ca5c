"""Proxies in front of every node of a Kafka cluster."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.faults.proxy.proxy import KAFKA, Proxy


@contextmanager
def in_front_of(bootstrap: str) -> Iterator[list[Proxy]]:
    """A running proxy for each broker of *bootstrap*, in its order; brokers name all of them."""
    addresses: dict[int, int] = {}
    with ExitStack() as stack:
        made: list[Proxy] = []
        for place in bootstrap.split(","):
            host, _, port = place.rpartition(":")
            made.append(Proxy((host, int(port)), KAFKA, addresses=addresses))
        yield [stack.enter_context(proxy) for proxy in made]


def bootstrap_of(proxies: Sequence[Proxy]) -> str:
    """What a client is told instead of the brokers' own addresses."""
    return ",".join(proxy.address for proxy in proxies)
