"""The `p2a` command: every part of the service by name."""

import typer

from services.cli import (
    allocate,
    audit,
    dead,
    demo,
    explain,
    ingest,
    key,
    letters,
    migrate,
    model,
    replay,
    rounds,
    run,
    sample,
    settings,
    skills,
    topics,
    whatif,
)

app = typer.Typer(
    name="p2a",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def p2a() -> None:
    """
    Path 2 Apprenticeships: matching completers with promised interviews.

    Start with `p2a demo`: it needs nothing else and leaves nothing behind.
    """


TRY, RUN, MEND = "Try it", "Run it", "When something went wrong"
ASK = "Ask why and what if"

app.command("demo", rich_help_panel=TRY)(demo.demo)
app.command("sample", rich_help_panel=TRY)(sample.sample)
app.command("ingest", rich_help_panel=TRY)(ingest.ingest)
app.command("allocate", rich_help_panel=TRY)(allocate.allocate)
app.command("explain", rich_help_panel=ASK)(explain.explain)
app.command("whatif", rich_help_panel=ASK)(whatif.whatif)
app.add_typer(rounds.rounds, name="round", rich_help_panel=ASK)
app.command("migrate", rich_help_panel=RUN)(migrate.migrate)
app.add_typer(topics.topics, name="topics", rich_help_panel=RUN)
app.command("run", rich_help_panel=RUN)(run.run)
app.command("key", rich_help_panel=RUN)(key.key)
app.add_typer(model.model, name="model", rich_help_panel=RUN)
app.command("settings", rich_help_panel=RUN)(settings.settings)
app.add_typer(skills.skills, name="skills", rich_help_panel=RUN)
app.command("audit", rich_help_panel=MEND)(audit.audit)
app.add_typer(letters.letters, name="letters", rich_help_panel=MEND)
app.add_typer(dead.dead, name="dead", rich_help_panel=MEND)
app.command("replay", rich_help_panel=MEND)(replay.replay)


def main() -> None:
    """Run the command line."""
    app()
