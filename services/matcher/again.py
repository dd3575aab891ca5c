"""A kept round made again by the very model and rules it was made by, whatever ranks today."""

import asyncio

from services.delivery.database import Sessions
from services.matcher import round_store
from services.matcher.models import UnknownVersion, model_of, rules_of
from services.matcher.replay import Replayed, VersionsUnusable, recomputed
from services.matcher.round_store import Round
from services.matcher.rulefile import RulesUnreadable
from services.matcher.scorer import ModelRefused


async def again(sessions: Sessions, kept: Round) -> Replayed:
    """
    The round *kept*, computed in a thread; raises NotReplayable.

    Its model may have been fitted by another scikit-learn: a replay takes no score from it.
    """
    async with sessions() as session:
        chain = await round_store.chain_of(session, kept)
        try:
            model = await model_of(session, kept.model_version, any_library=True)
            rules = await rules_of(session, kept.rules_version)
        except (UnknownVersion, ModelRefused, RulesUnreadable) as error:
            raise VersionsUnusable(f"round {kept.round_id}: {error}") from error
    return await asyncio.to_thread(recomputed, chain, model, rules)
