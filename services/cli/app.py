"""The `p2a` command: every part of the service by name."""

import typer

from services.cli import (
    allocate,
    dead,
    demo,
    ingest,
    key,
    letters,
    migrate,
    replay,
    run,
    sample,
    settings,
    topics,
)

app = typer.Typer(
    name="p2a",
    help="Path 2 Apprenticeships: matching completers with promised interviews.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def p2a() -> None:
    """Path 2 Apprenticeships: matching completers with promised interviews."""


app.command("run")(run.run)
app.command("allocate")(allocate.allocate)
app.command("ingest")(ingest.ingest)
app.command("key")(key.key)
app.command("migrate")(migrate.migrate)
app.add_typer(topics.topics, name="topics")
app.add_typer(letters.letters, name="letters")
app.add_typer(dead.dead, name="dead")
app.command("replay")(replay.replay)
app.command("settings")(settings.settings)
app.command("sample")(sample.sample)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command line."""
    app()
