"""`p2a demo`: everything on this machine, with an invented cohort, until Ctrl-C."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.sample import day

if TYPE_CHECKING:
    from services.embedded.demonstration import Demonstration


def demo(  # noqa: PLR0913 - the options of a command
    *,
    once: Annotated[
        bool, typer.Option("--once", help="play every person's part, then end")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="with --once: one JSON object")] = False,
    seed: Annotated[int, typer.Option(help="the same seed gives the same people")] = 1,
    learners: Annotated[int, typer.Option(min=1, help="how many learners")] = 120,
    vacancies: Annotated[int, typer.Option(min=1, help="how many vacancies")] = 30,
    today: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="the day the sample is relative to")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="work in FOLDER and leave it there")
    ] = None,
) -> None:
    """
    Start everything from nothing: servers, the four services, an invented cohort.

    Without --once it prints where the console and the letters are and waits for Ctrl-C; with it
    a seeded coordinator approves, both sides answer, and the figures are printed.
    """
    from services.embedded.browser import PageRefused
    from services.embedded.demonstration import Demonstration
    from services.embedded.figures import PromiseBroken
    from services.embedded.processes import ServerDidNotStart
    from services.embedded.quiet import NeverQuiet
    from services.embedded.supervisor import Stopped, supervised
    from services.embedded.upload import UploadRefused

    try:
        with _folder(keep) as folder, supervised(folder, _patience(once)) as supervisor:
            play = Demonstration(
                supervisor=supervisor, seed=seed, learners=learners, vacancies=vacancies,
                today=day(today), say=_say,
            )  # fmt: skip
            play.prepare()
            if once:
                print(json.dumps(play.once(), indent=None if as_json else 2))
            else:
                _wait(play)
    except Stopped:
        _say("Stopped.")
    except (ServerDidNotStart, NeverQuiet, PageRefused, UploadRefused, PromiseBroken) as trouble:
        print(f"p2a demo: {trouble}", file=sys.stderr)
        raise typer.Exit(1) from None


def _patience(once: bool) -> dict[str, str]:  # noqa: FBT001 - the command's own option
    """How long an approval can be undone: nobody waits a quarter of an hour for a demonstration."""
    return {"P2A_REVIEW_HOLDING": "PT0S" if once else "PT20S"}


def _wait(play: "Demonstration") -> None:
    """Until somebody stops us, or a part falls over."""
    for line in play.welcome():
        print(line, flush=True)
    while True:
        fallen = play.supervisor.fallen()
        if fallen:
            _say(f"{fallen.name} ended by itself:\n{fallen.last_lines()}")
            raise typer.Exit(1)
        # a signal to stop ends this at once
        time.sleep(0.5)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="p2a-demo-"))
    try:
        # PostgreSQL's own account must get through when we are root
        folder.chmod(0o711)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
