"""`p2a model`: fit, reweigh, read, compare and activate the models that rank, and their drift."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.cli.addresses import PURPOSES, WRONG_USE, told
from services.cli.weights import IN_SECTOR, SHAPE, weight

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

FAILED = 1
ADDRESS = "P2A_DATABASE_URL"
MEANT = "a model's version, or `active` or `challenger`"
Answer = TypeVar("Answer")
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object")]

model = typer.Typer(
    help="The models that rank: fit, reweigh, list, card, compare, activate, drift.",
    no_args_is_help=True,
)


@model.command("fit")
def fit(
    *,
    expert_weight: Annotated[
        float, typer.Option(min=1, help="how many interviews experts' opinion is worth")
    ] = 60,
    without: Annotated[
        list[str] | None, typer.Option(metavar="FEATURE", help="leave a feature out; repeatable")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit a model to all recorded outcomes, keep it as the challenger, print its card."""
    from services.matcher.cardtext import markdown
    from services.matcher.heldout import Recipe
    from services.matcher.modelling import fitted

    try:
        recipe = Recipe(expert_weight=expert_weight, without=tuple(sorted(set(without or ()))))
    except ValueError as error:
        told("model fit", str(error))
        raise typer.Exit(WRONG_USE) from None
    today = datetime.now(UTC).date()
    facts = _asked("fit", lambda session: fitted(session, recipe, today=today))
    print(json.dumps(facts) if as_json else markdown(facts))


@model.command("reweigh")
def reweigh(
    weights: Annotated[
        list[str], typer.Argument(metavar=SHAPE, help=f"as in p2a whatif; {IN_SECTOR}")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Keep the model that ranks with other weights, exactly as p2a whatif previewed them."""
    from services.matcher.modelling import reweighed
    from services.matcher.reweighing import changes
    from services.matcher.whatif import Weight

    asked = [Weight.model_validate(weight("model reweigh", each)) for each in weights]
    today = datetime.now(UTC).date()
    facts = _asked("reweigh", lambda session: reweighed(session, asked, today=today))
    facts["next"] = f"p2a model activate {facts['version']} --by ACCOUNT"
    if as_json:
        print(json.dumps(facts))
        return
    print(f"{facts['version']} is {facts['from']}, but:")
    for line in changes(facts["weights"]):
        print(f"  {line}")
    if facts["in_place_of"]:
        print(f"It is the challenger now, in place of {facts['in_place_of']}.")
    print(f"It ranks nobody yet. To make it rank: {facts['next']}")


@model.command("card")
def card(
    version: Annotated[
        str | None, typer.Argument(help=f"{MEANT}; the one that ranks if not given")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a model's card: what it is for, what counts, how good it is, its limits."""
    from services.matcher.card import FORM
    from services.matcher.cardtext import markdown
    from services.matcher.modelling import carded

    stored = _asked("card", lambda session: carded(session, version))
    if stored.card is None:
        own = f"{stored.version} came with the service: it has no fit and no card"
        told("model card", own if version else _own(stored.version))
        raise typer.Exit(FAILED)
    if stored.card.get("form") != FORM:
        told("model card", f"the card of {stored.version} is of an earlier release: fit again")
        raise typer.Exit(FAILED)
    print(json.dumps(stored.card) if as_json else markdown(stored.card))


def _own(version: str) -> str:
    return (
        f"the service's own model ranks, {version}: experts' judgement, without a card. "
        "p2a model fit fits one and prints its card; p2a model list shows all there are"
    )


@model.command("list")
def listed(*, as_json: AsJson = False) -> None:
    """All models that are kept, the newest first: state, outcomes, and what each says of itself."""
    from pydantic_core import to_jsonable_python

    from services.matcher import register

    found = _asked("list", register.listed)
    facts = to_jsonable_python({"models": found})
    print(json.dumps(facts) if as_json else "\n".join(register.words(found)))


@model.command("compare")
def compare(
    one: Annotated[str, typer.Argument(help=MEANT)],
    other: Annotated[str, typer.Argument(help="another, said likewise")],
    *,
    as_json: AsJson = False,
) -> None:
    """Two models on all recorded outcomes, and what the other would have changed in rounds."""
    from services.matcher.comparing import words
    from services.matcher.modelling import compared

    facts = _asked("compare", lambda session: compared(session, one, other))
    print(json.dumps(facts) if as_json else "\n".join(words(facts)))


@model.command("activate")
def activate(
    version: Annotated[str, typer.Argument(help=MEANT)],
    *,
    by: Annotated[
        str,
        typer.Option(
            help="the account of who decided it, never a name; kept as given, no account is "
            "looked up"
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Make a model rank from each market's next round on; running services need no restart."""
    from services.matcher.modelling import activated

    facts = _asked("activate", lambda session: activated(session, version, by=by))
    before = facts["before"] or "the service's own model"
    if as_json:
        print(json.dumps(facts))
        return
    print(f"{facts['active']} ranks now, in place of {before}.")
    print(f"Kept as decided by {by}, as given: whether there is such an account was not checked.")


@model.command("drift")
def drift(
    days: Annotated[int, typer.Option(min=1, help="what is recent")] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Whether scores, features, outcomes and coordinators' decisions have moved."""
    from services.matcher.drift import words
    from services.matcher.modelling import drifted

    facts = _asked("drift", lambda session: drifted(session, days=days))
    print(json.dumps(facts) if as_json else "\n".join(words(facts)))


def _asked(command: str, ask: "Callable[[AsyncSession], Awaitable[Answer]]") -> Answer:
    """What *ask* answers in one transaction of the matcher's; ends the command in words."""
    from sqlalchemy.exc import SQLAlchemyError

    from services.delivery.database import open_database
    from services.delivery.reasons import reason
    from services.matcher.models import UnknownVersion
    from services.matcher.reweighing import NothingReweighed
    from services.matcher.scorer import ModelRefused
    from services.matcher.weights import WeightUnknown

    url = os.environ.get(ADDRESS)
    if not url:
        told(f"model {command}", f"{ADDRESS} is not set ({PURPOSES[ADDRESS]})")
        raise typer.Exit(WRONG_USE)

    async def answered() -> Answer:
        sessions = open_database(url, schema="matcher")
        try:
            async with sessions.begin() as session:
                return await ask(session)
        finally:
            engine: Any = sessions.kw["bind"]
            await engine.dispose()

    try:
        return asyncio.run(answered())
    except (UnknownVersion, ModelRefused, NothingReweighed, WeightUnknown) as error:
        told(f"model {command}", str(error))
    except SQLAlchemyError as error:
        told(f"model {command}", reason(error))
    raise typer.Exit(FAILED)
