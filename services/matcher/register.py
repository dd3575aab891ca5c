"""The models that are kept, as a person asks for them: by version, by standing, all of them."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.matcher import model_store, saved
from services.matcher.model_store import ACTIVE, CHALLENGER, Stored
from services.matcher.models import UnknownVersion
from services.matcher.scorer import ModelRefused

NO_CHALLENGER = "no model is the challenger; p2a model fit or p2a model reweigh makes one"
NONE_RANKS = (
    "no model is active and no round has been made, so none is known to rank; "
    "try again after the first round"
)


async def ranking(session: AsyncSession) -> str | None:
    """The version that ranks: the active one, else the service's own, as the last round kept it."""
    return await model_store.version_in(session, ACTIVE) or await model_store.last_used(session)


async def version_of(session: AsyncSession, said: str) -> str:
    """The version meant by *said*: itself, or `active`, `challenger`; raises UnknownVersion."""
    if said not in {ACTIVE, CHALLENGER}:
        return said
    if said == ACTIVE:
        version, otherwise = await ranking(session), NONE_RANKS
    else:
        version, otherwise = await model_store.version_in(session, CHALLENGER), NO_CHALLENGER
    if version is None:
        raise UnknownVersion(otherwise)
    return version


async def listed(session: AsyncSession) -> list[dict[str, Any]]:
    """All models, the newest first; ``ranks`` is that by which the next round is made."""
    ranks = await ranking(session)
    return [_facts(each, ranks) for each in await model_store.models(session)]


def words(models: list[dict[str, Any]]) -> list[str]:
    """The list for a person to read."""
    if not models:
        return ["No model is kept yet: the service's own ranks, and is kept by the first round."]
    lines = [f"{'version':24}{'state':13}{'made (UTC)':18}{'outcomes':>8}  note"]
    for each in models:
        count = "-" if each["outcomes"] is None else each["outcomes"]
        made = f"{each['made_at']:%Y-%m-%d %H:%M}"
        lines.append(
            f"{each['version']:24}{each['state']:13}{made:18}{count:>8}  {each['note']}"
        )  # fmt: skip
    own = next((each for each in models if each["ranks"] and each["state"] != ACTIVE), None)
    if own:
        lines.append(f"No model is active: the service's own ranks, {own['version']}.")
    return lines


def _facts(stored: Stored, ranks: str | None) -> dict[str, Any]:
    outcomes = None
    try:
        model = saved.read(stored.body, stored.version, any_library=True)
        outcomes, note = model.outcomes, model.note
    except ModelRefused as error:
        note = f"cannot be read: {error}"
    return {
        "version": stored.version,
        "state": stored.state,
        "ranks": stored.version == ranks,
        "made_at": stored.saved_at,
        "outcomes": outcomes,
        "note": note,
        "activated_at": stored.activated_at,
        "activated_by": stored.activated_by,
    }
