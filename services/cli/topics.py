"""`p2a topics`: the topics there must be."""

import asyncio
import os
import sys
from typing import Annotated

import typer

topics = typer.Typer(help="Create the Kafka topics.", no_args_is_help=True)
WRONG_USE = 2


@topics.callback()
def group() -> None:
    """Create the Kafka topics."""


@topics.command()
def create(
    bootstrap: Annotated[
        str | None, typer.Option(help="host:port of the brokers; otherwise P2A_KAFKA_BOOTSTRAP")
    ] = None,
    *,
    single_node: Annotated[
        bool, typer.Option("--single-node", help="one replica each, for a cluster of one broker")
    ] = False,
) -> None:
    """Make what deploy/topics.yaml declares and the brokers do not have."""
    from aiokafka.errors import KafkaError

    from services.delivery.topics import TopicRefused, create_topics, declared

    address = bootstrap or os.environ.get("P2A_KAFKA_BOOTSTRAP")
    if not address:
        print("p2a topics create: P2A_KAFKA_BOOTSTRAP is not set (host:port)", file=sys.stderr)
        raise typer.Exit(WRONG_USE)
    wanted = declared()
    try:
        made = asyncio.run(create_topics(address, wanted, single_node=single_node))
    except (KafkaError, TopicRefused) as error:
        print(f"p2a topics create: {address}: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    for name in made:
        print(name)
    print(f"{len(made)} made, {len(wanted) - len(made)} were there.")
