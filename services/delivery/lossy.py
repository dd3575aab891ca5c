"""The start-up check that FastStream is not set to lose events; its defaults are."""

from typing import Any

from faststream import AckPolicy

from services.delivery.broker import Broker

NEEDED = {"auto_offset_reset": "earliest", "enable_auto_commit": False}


class WouldLoseEvents(RuntimeError):
    """A setting under which events are lost without a word; the message names it."""


def refuse_lossy(broker: Broker) -> None:
    """Raise WouldLoseEvents if *broker* or one of its subscribers loses events."""
    config: Any = broker.config.broker_config
    if type(config.logger.params_storage).__name__ == "EmptyLoggerStorage":
        raise WouldLoseEvents("logger=None: failures below the handlers would vanish")
    if config.graceful_timeout is None:
        raise WouldLoseEvents("graceful_timeout=None: stopping would not wait for handlers")
    for subscriber in broker.subscribers:
        _refuse_lossy_subscriber(subscriber)


def _refuse_lossy_subscriber(subscriber: Any) -> None:
    if subscriber.ack_policy is not AckPolicy.MANUAL:
        raise WouldLoseEvents(f"{subscriber.ack_policy}: only MANUAL commits what is settled")
    if subscriber._listener is None:  # noqa: SLF001 - there is no other way to see it
        raise WouldLoseEvents("no listener: a rebalance would not wait for the batch at hand")
    arguments = subscriber._connection_args  # noqa: SLF001 - nor for these
    for name, needed in NEEDED.items():
        if arguments.get(name) != needed:
            raise WouldLoseEvents(f"{name}={arguments.get(name)!r}: must be {needed!r}")
