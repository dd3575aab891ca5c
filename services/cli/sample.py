"""`p2a sample`: an invented cohort as files, the way upstream systems would send it."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

WRONG_USE = 2


def sample(
    folder: Annotated[Path, typer.Argument(help="where the files go; made if missing")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same people")] = 1,
    learners: Annotated[int, typer.Option(min=1, help="how many learners")] = 120,
    vacancies: Annotated[int, typer.Option(min=1, help="how many vacancies")] = 30,
    today: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="the day all dates are relative to")
    ] = None,
) -> None:
    """
    Write ILR returns, a learners table, adverts and pledges of people who do not exist.

    Their paths are printed in the order to send them: `p2a ingest` takes each.
    """
    from services.embedded.sample import write_sample

    for path in write_sample(
        folder,
        learner_count=learners,
        vacancy_count=vacancies,
        seed=seed,
        today=day(today),
    ):
        print(path)


def day(text: str | None) -> date:
    """The day *text* names, or the one it is now; ends the command when it names none."""
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        print(f"--today {text!r} is no date: write YYYY-MM-DD", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
