"""
Questions that take a round or many: explanations, reports, previews.

    NoSuchMarket    no market of that name has had a round
    NotReadyYet     the report is being worked out; ask again

One is worked out at a time, in a thread, so that rounds keep their processor. Nothing of it is
stored or sent.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from services.matcher import round_store
from services.matcher.answers import Answers, NoAnswerYet, UnknownPair
from services.matcher.barriers import barrier_report
from services.matcher.case import Case
from services.matcher.explanation import Explanation, explanation
from services.matcher.market import Outcome
from services.matcher.nobody import Vacant, vacant
from services.matcher.snapshot import Made
from services.matcher.unlock import unlock_report
from services.matcher.whatif import Preview, Said, preview

Result = TypeVar("Result")
PATIENCE = 2.0  # seconds; whoever asks for a report waits no longer than that at a time
REPORTS: dict[str, Callable[[Case, Outcome], Any]] = {
    "unlock": unlock_report,
    "barriers": lambda case, _: barrier_report(case),
}


class NoSuchMarket(Exception):
    """No market of that name has had a round."""


class NotReadyYet(Exception):
    """The report is being worked out; ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Result]):
    """An answer and the round it is about."""

    answer: Result
    round_id: UUID
    rules_version: str
    model_version: str


@dataclass(slots=True, kw_only=True)
class Inquiries:
    """Answers about the newest rounds; reports are remembered for as long as their round is."""

    answers: Answers
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reports: dict[tuple[str, str], tuple[UUID, asyncio.Task[Any]]] = field(default_factory=dict)

    async def explanation(self, learner_id: UUID, vacancy_id: UUID) -> Found[Explanation]:
        """All about a pair; raises UnknownPair, NoAnswerYet."""
        market = await self._market(vacancy_id, learner_id)
        return await self._about(
            market, lambda case, outcome: explanation(case, outcome, learner_id, vacancy_id)
        )

    async def vacant(self, vacancy_id: UUID) -> Found[Vacant]:
        """Who might be on a vacancy's shortlist and why they are not; raises the same."""
        market = await self._market(vacancy_id, None)
        return await self._about(
            market, lambda case, outcome: vacant(case.inputs, outcome, vacancy_id)
        )

    async def preview(self, market: str, said: Sequence[Said]) -> Found[Preview]:
        """What *said* would do; raises NoSuchMarket, NoAnswerYet, ChangeRefused."""
        made = await self._made(market)
        pool = self.answers.rounds.pools.get(market)
        fork = await asyncio.to_thread(pool.forked, made.round_id) if pool else None
        return self._found(
            made,
            await self._worked(made, lambda case, last: preview(case, last, said, fork=fork)),
        )

    async def report(self, market: str, kind: str) -> Found[Any]:
        """A report of REPORTS; raises NoSuchMarket, NoAnswerYet, NotReadyYet."""
        made = await self._made(market)
        known = self._reports.get((market, kind))
        if known is None or known[0] != made.round_id:
            # a report on a round that is over is of no use to anybody, but cannot be cut short
            task = asyncio.create_task(self._worked(made, REPORTS[kind]))
            known = self._reports[market, kind] = (made.round_id, task)
        done, _ = await asyncio.wait([known[1]], timeout=PATIENCE)
        if not done:
            raise NotReadyYet(f"the {kind} report of {market} is being worked out; ask again")
        if known[1].exception():
            del self._reports[market, kind]
        return self._found(made, known[1].result())

    async def _about(self, market: str, work: Callable[[Case, Outcome], Result]) -> Found[Result]:
        made = await self._made(market)
        try:
            return self._found(made, await self._worked(made, work))
        except KeyError as error:
            raise NoAnswerYet(f"round {made.round_id} was before one of the two came") from error

    async def _worked(self, made: Made, work: Callable[[Case, Outcome], Result]) -> Result:
        case = Case.after(made.inputs, made.outcome, made.model, made.rules)
        async with self._one:
            return await asyncio.to_thread(work, case, made.outcome)

    def _found(self, made: Made, answer: Result) -> Found[Result]:
        return Found(
            answer=answer,
            round_id=made.round_id,
            rules_version=made.outcome.rules_version,
            model_version=made.outcome.model_version,
        )

    async def _market(self, vacancy_id: UUID, learner_id: UUID | None) -> str:
        async with self.answers.sessions() as session:
            if learner_id is None:
                market = await round_store.market_of(session, vacancy_id)
            else:
                asked = await round_store.asked(
                    session, vacancy_id=vacancy_id, learner_id=learner_id
                )
                market = asked.market if asked else None
                if asked and asked.learner_market != asked.market:
                    there = asked.learner_market
                    raise UnknownPair(f"the learner is matched in another market, {there}")
        if market is None:
            raise UnknownPair(f"no vacancy {vacancy_id} or no such learner is known")
        return market

    async def _made(self, market: str) -> Made:
        async with self.answers.sessions() as session:
            known = await round_store.last_rounds(session)
        if market not in known:
            named = ", ".join(sorted(known)) or "none yet"
            raise NoSuchMarket(f"no market is called {market}; there are {named}")
        round_id = known[market]
        if round_id is None:
            raise NoAnswerYet(f"market {market} has had no round yet")
        return await self.answers.made(market, round_id)
