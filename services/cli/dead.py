"""`p2a dead`: what could not be read or done, and what a person does about it."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.cli.addresses import Addresses, addresses, told

dead = typer.Typer(
    help="What could not be read or done, and what to do about it.", no_args_is_help=True
)
if TYPE_CHECKING:
    from services.delivery.buried import Buried

T = TypeVar("T")
Where = Annotated[str, typer.Argument(metavar="PLACE", help="TOPIC/GROUP/PARTITION/OFFSET")]
Every = Annotated[bool, typer.Option("--all", help="every one not dealt with")]
AsJson = Annotated[bool, typer.Option("--json", help="for a program")]
FAILED = 1
SHOWN = 50


@dead.callback()
def group() -> None:
    """What could not be read or done, and what to do about it."""


@dead.command("list")
def show_all(
    *,
    everything: Annotated[bool, typer.Option("--all", help="with those dealt with")] = False,
    most: Annotated[int, typer.Option(min=0, help="places shown; 0: every one")] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """The dead letters nobody has dealt with: by place, then how many for each cause."""
    letters = _run("list", lambda given: _open(given, everything=everything))
    if as_json:
        print(json.dumps([letter.shown() for letter in letters], indent=2))
        return
    for line in _lines(letters, most or len(letters)):
        print(line)
    print(f"{len(letters)} dead letters" + ("" if everything else " to be dealt with"))


@dead.command()
def show(where: Where) -> None:
    """One dead letter whole, as JSON."""
    letter = _run("show", lambda given: _one(given, where))
    print(json.dumps(letter.shown(), indent=2))


@dead.command()
def replay(
    where: Annotated[str | None, typer.Argument(metavar="[PLACE]")] = None,
    *,
    everything: Every = False,
) -> None:
    """Send it again, once its cause is mended; who had its effect already is not touched."""
    _one_or_all(where, everything=everything)
    refused = _run("replay", lambda given: _replay(given, where))
    for words in refused[:SHOWN]:
        told("dead replay", words)
    if len(refused) > SHOWN:
        told("dead replay", f"and {len(refused) - SHOWN} more that cannot be sent again")
    if refused:
        raise typer.Exit(FAILED)


@dead.command()
def discard(
    where: Annotated[str | None, typer.Argument(metavar="[PLACE]")] = None,
    *,
    everything: Every = False,
) -> None:
    """Say that nothing is to be done about it; the record stays in its topic."""
    _one_or_all(where, everything=everything)
    _run("discard", lambda given: _discard(given, where))


@dead.command()
def skip(where: Where) -> None:
    """Let a stopped group go on after a batch that no client of ours can decode."""
    from services.delivery.buried import place
    from services.delivery.skip import skip

    passed = _run("skip", lambda given: skip(given.kafka, place(where)))
    print(f"{passed} places from {where} on are passed, each remembered as a dead letter.")


async def _open(given: Addresses, *, everything: bool) -> "list[Buried]":
    from services.delivery.buried import buried
    from services.delivery.replay import open_letters, settled

    letters = list((await buried(given.kafka)).values())
    if everything:
        return letters
    async with given.database() as connection:
        return open_letters(letters, await settled(connection))


async def _one(given: Addresses, where: str) -> "Buried":
    from services.delivery.buried import NotAPlace, buried, place

    wanted = place(where)
    letter = (await buried(given.kafka)).get(wanted)
    if letter is None:
        raise NotAPlace(f"there is no dead letter at {wanted}, see `p2a dead list --all`")
    return letter


async def _chosen(given: Addresses, where: str | None) -> "list[Buried]":
    return await _open(given, everything=False) if where is None else [await _one(given, where)]


async def _replay(given: Addresses, where: str | None) -> list[str]:
    from services.delivery.replay import replay_letters

    letters = await _chosen(given, where)
    async with given.database() as connection:
        refused = await replay_letters(connection, letters)
    print(f"{len(letters) - len(refused)} dead letters will be sent again")
    return refused


async def _discard(given: Addresses, where: str | None) -> None:
    from services.delivery.replay import settle

    letters = await _chosen(given, where)
    async with given.database() as connection:
        await settle(connection, [letter.place for letter in letters], "discarded")
    print(f"{len(letters)} dead letters are dealt with")


def _one_or_all(where: str | None, *, everything: bool) -> None:
    if (where is None) is not everything:
        raise typer.BadParameter("give a PLACE or --all")


def _lines(letters: "Sequence[Buried]", most: int) -> Iterator[str]:
    """The first *most* letters in columns, then every cause with its number."""
    shown = [(str(letter.place), *_cause(letter)[2:]) for letter in letters[:most]]
    yield from _columns(shown)
    if len(letters) > most:
        yield f"... and {len(letters) - most} more: `p2a dead list --most 0`"
    if letters:
        yield ""
        causes = Counter(_cause(letter) for letter in letters).most_common()
        yield from _columns([(str(number), *cause) for cause, number in causes])


def _cause(letter: "Buried") -> tuple[str, ...]:
    tries = f"{letter.attempts} tries" if letter.attempts else "not tried"
    kind = letter.header("ce_type") or "no type"
    return letter.place.topic, letter.place.group, kind, tries, letter.error, letter.reason


def _columns(found: Sequence[tuple[str, ...]]) -> Iterator[str]:
    # a header may hold anything, also what would take over a terminal
    rows = [tuple(cell if cell.isprintable() else ascii(cell) for cell in row) for row in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def _run(command: str, work: Callable[[Addresses], Awaitable[T]]) -> T:
    from aiokafka.errors import KafkaError
    from sqlalchemy.exc import SQLAlchemyError

    from services.delivery.reasons import reason

    given = addresses(f"dead {command}")

    async def worked() -> T:
        return await work(given)

    try:
        return asyncio.run(worked())
    except ValueError as wrong:
        told(f"dead {command}", str(wrong))
        raise typer.Exit(FAILED) from None
    except (KafkaError, SQLAlchemyError) as away:
        told(f"dead {command}", f"Kafka or PostgreSQL refused: {reason(away)}")
        raise typer.Exit(FAILED) from None
