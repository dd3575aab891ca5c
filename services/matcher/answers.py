"""
Answers from a market's last round: where somebody stands, and why.

    UnknownPair   no such vacancy, or no such learner
    NoAnswerYet   the market has no round to answer from; the next one will do
"""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from services.delivery.database import Sessions
from services.matcher import round_store
from services.matcher.again import again
from services.matcher.market import Standing
from services.matcher.replay import NotReplayable
from services.matcher.round_store import Asked
from services.matcher.rounds import Rounds
from services.matcher.snapshot import Made
from services.matcher.standing import standing


class UnknownPair(Exception):
    """No such vacancy, or no such learner."""


class NoAnswerYet(Exception):
    """The market has no round to answer from; the next one will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where a learner stands on a vacancy, and the round that says so."""

    standing: Standing
    round_id: UUID
    rules_version: str
    model_version: str


@dataclass(slots=True, kw_only=True)
class Answers:
    """
    Answers questions about the newest rounds.

    From memory where this replica made the round, else from the round's kept inputs, computed
    again once and remembered; in either case by the model and the rules the round was made by.
    """

    sessions: Sessions
    rounds: Rounds
    replayed: dict[str, Made] = field(default_factory=dict)

    async def answer(self, *, learner_id: UUID, vacancy_id: UUID) -> Answer:
        """Where the learner stands on the vacancy; raises UnknownPair, NoAnswerYet."""
        async with self.sessions() as session:
            asked = await round_store.asked(session, vacancy_id=vacancy_id, learner_id=learner_id)
        if asked is None:
            raise UnknownPair(f"no vacancy {vacancy_id} or no learner {learner_id} is known")
        market, round_id = asked.market, asked.round_id
        if round_id is None:
            raise NoAnswerYet(f"market {market} has had no round yet")
        made = await self.made(market, round_id)
        return Answer(
            standing=await self._standing(asked, made, learner_id, vacancy_id),
            round_id=round_id,
            rules_version=made.outcome.rules_version,
            model_version=made.outcome.model_version,
        )

    async def made(self, market: str, round_id: UUID) -> Made:
        """The market's round with its inputs, computed again if need be; raises NoAnswerYet."""
        known = self.replayed.get(market)
        if known and known.round_id == round_id:
            return known
        pool = self.rounds.pools.get(market)
        ours = await asyncio.to_thread(pool.made, round_id) if pool else None
        return ours or await self._replay(market, round_id)

    async def _standing(
        self, asked: Asked, made: Made, learner_id: UUID, vacancy_id: UUID
    ) -> Standing:
        if asked.learner_market != asked.market:
            words = f"The learner is matched in another market, {asked.learner_market}"
            return Standing(
                standing="absent",
                rule="another-market",
                words=words,
                value=asked.learner_market,
                limit=asked.market,
            )
        try:
            return await asyncio.to_thread(
                standing, made.inputs, made.outcome, made.rules, learner_id, vacancy_id
            )
        except KeyError as error:
            raise NoAnswerYet(f"round {made.round_id} was before one of the two came") from error

    async def _replay(self, market: str, round_id: UUID) -> Made:
        async with self.sessions() as session:
            kept = await round_store.round_of(session, round_id)
            if kept is None:
                raise NoAnswerYet(f"market {market}: another round has just been made")
        try:
            made = (await again(self.sessions, kept)).made
        except NotReplayable as error:
            raise NoAnswerYet(f"market {market}: {error}") from error
        self.replayed[market] = made
        return made
