"""Scores last rounds with the challenger, beside the rounds and in nobody's way."""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog

from services.delivery.database import Sessions
from services.matcher import archive, shadow_store
from services.matcher.models import Models
from services.matcher.scorer import Model, ModelRefused
from services.matcher.shadow import agreement

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """Keeps how a challenger agrees with rounds; never its scores."""

    sessions: Sessions
    models: Models

    async def tick(self) -> bool:
        """
        Score one market's last round, if there is a challenger; whether one was scored.

        A challenger or a round that cannot be read is logged: nothing that ranks depends on it.
        """
        try:
            return await self._scored()
        except (ModelRefused, archive.RoundUnreadable) as error:
            log.warning("no shadow", reason=str(error))
            return False

    async def _scored(self) -> bool:
        async with self.sessions() as session:
            challenger = await self.models.challenger(session)
            if challenger is None:
                return False
            made = await shadow_store.unshadowed(session, challenger.version)
        if made is None:
            return False
        figures = await asyncio.to_thread(_figures, made.inputs, challenger)
        async with self.sessions.begin() as session:
            await shadow_store.keep(session, made, challenger.version, figures)
        return True


def _figures(packed: bytes, challenger: Model) -> dict[str, Any]:
    inputs = archive.read(archive.unpacked(packed))
    if inputs.scores is None:
        raise archive.RoundUnreadable("a kept round has its scores, this one has none")
    return agreement(inputs, inputs.scores, challenger)
