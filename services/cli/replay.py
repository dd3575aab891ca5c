"""`p2a replay`: send a range of an outbox again."""

import asyncio
from typing import Annotated

import typer

from services.cli.addresses import addresses, told

FAILED = 1


def replay(
    topic: Annotated[str, typer.Argument(help="a topic of ours")],
    *,
    first: Annotated[int, typer.Option("--from", metavar="SEQ", min=1, help="the first row")],
    last: Annotated[int, typer.Option("--to", metavar="SEQ", min=1, help="the last row")],
) -> None:
    """Send events we published to TOPIC again; whoever had their effect has it only once."""
    from sqlalchemy.exc import SQLAlchemyError

    from services.delivery.reasons import reason
    from services.delivery.replay import CannotReplay, replay_range

    given = addresses("replay")

    async def worked() -> int:
        async with given.database() as connection:
            return await replay_range(connection, topic, first, last)

    try:
        print(f"{asyncio.run(worked())} rows will be sent again.")
    except (CannotReplay, SQLAlchemyError) as error:
        told("replay", str(error) if isinstance(error, CannotReplay) else reason(error))
        raise typer.Exit(FAILED) from None
