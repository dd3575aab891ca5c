"""A market as a replica of the matcher holds it, and single things that happen in it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import thread_time
from typing import Any
from unittest.mock import patch
from uuid import UUID

import numpy as np

from services.matcher import board
from services.matcher.drafts import By, Draft, draft
from services.matcher.flow import Ints
from services.matcher.market import RoundInputs
from services.matcher.matches import MatchFacts
from services.matcher.pool import Pool
from services.matcher.prior import fitted
from services.matcher.proven import Proven
from services.matcher.rules import Rules
from services.matcher.worth import Worth

OUTCODES = ("B1", "CV1", "DY1", "WV1")
# the allocation's own work, apart from the rest of a step: its upkeep, its proof, its prices
SOLVE = ((board, "keep"), (board, "redrawn"), (Proven, "holds"), (Worth, "prices"))


@dataclass(kw_only=True)
class Took:
    """
    Seconds of a round: the whole of it, and of that the allocation's.

    ``placed`` are learners with a place after a round of the same kind, ``most`` how many can
    have one.
    """

    whole: float
    solve: float
    placed: int = 0
    most: int = 0

    @property
    def rest(self) -> float:
        """Everything but the solve."""
        return self.whole - self.solve


@dataclass(kw_only=True)
class Standing:
    """The rows of *inputs*, from which rounds are made as `Rounds` makes them."""

    inputs: RoundInputs
    pool: Pool = field(init=False)
    by: By = field(init=False)
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    _solving: float = 0.0

    def __post_init__(self) -> None:
        """Nothing was computed yet."""
        self.pool = Pool(market=self.inputs.market)
        self.pool.take(self.inputs.learners, self.inputs.vacancies)
        policy, today = self.inputs.policy, self.inputs.today
        self.by = By(today=today, policy=policy, model=fitted(), rules=Rules.load())

    def round(self) -> tuple[Draft, Took]:
        """The next round, published; it took this much processor time of the thread."""
        self.pool.seen += 1
        self._solving = 0.0
        began = thread_time()
        made = draft(self.pool, self.by)
        took = Took(whole=thread_time() - began, solve=self._solving)
        asyncio.run(self.pool.published(made.warm, made.made))
        return made, took

    def step(self, happens: Callable[[], None]) -> Took:
        """One thing happens, and the round after it, which must be a step."""
        happens()
        patches = [patch.object(at, name, self._timed(getattr(at, name))) for at, name in SOLVE]
        for each in patches:
            each.start()
        try:
            made, took = self.round()
        finally:
            for each in patches:
                each.stop()
        if made.made is not None:
            raise RuntimeError(f"{happens.__name__}: the round was made whole")
        return took

    def _timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401  # whatever it takes and gives
            began = thread_time()
            try:
                return work(*args, **named)
            finally:
                self._solving += thread_time() - began

        return timed

    def kinds(self) -> dict[str, Callable[[], None]]:
        """What can happen, by its name."""
        return {
            "a learner moves": self._moves,
            "a learner joins": self._joins,
            "a vacancy is renamed": self._renamed,
            "one interview more": self._more,
            "a match is refused": self._refused,
        }

    def _moves(self) -> None:
        row = self.pool.learners[self.chance.choice([*self.pool.learners])]
        facts = {"outcode": self.chance.choice(OUTCODES),
                 "interests": (self.chance.randint(1, 15),)}  # fmt: skip
        self.pool.take(learners=[replace(row, profile=row.profile.model_copy(update=facts))])

    def _joins(self) -> None:
        row = self.chance.choice([*self.pool.learners.values()])
        learner_id = UUID(int=self.chance.getrandbits(128))
        self.pool.take(learners=[replace(row, learner_id=learner_id, completed_on=self.by.today)])

    def _renamed(self) -> None:
        self._changed(title=f"Apprentice machinist {self.chance.getrandbits(30)}")

    def _more(self) -> None:
        row = self.pool.vacancies[self.chance.choice([*self.pool.vacancies])]
        self._changed(row.vacancy_id, interviews=row.profile.interviews + 1)

    def _changed(self, vacancy_id: UUID | None = None, **facts: str | int) -> None:
        row = self.pool.vacancies[vacancy_id or self.chance.choice([*self.pool.vacancies])]
        self.pool.take(vacancies=[replace(row, profile=row.profile.model_copy(update=facts))])

    def _refused(self) -> None:
        learner_id, vacancy_id = self.chance.choice(sorted(self.pool.standing()))
        self.pool.take(matches=[MatchFacts(match_id=UUID(int=self.chance.getrandbits(128)),
                                           learner_id=learner_id, vacancy_id=vacancy_id,
                                           decision="rejected")])  # fmt: skip

    def placed(self) -> tuple[int, np.ndarray, Ints]:
        """How many have a place now, which pairs are eligible, and the places of each vacancy."""
        warm = self.pool.warm
        if warm is None:
            raise RuntimeError("no round was made yet")
        judgement, held = warm.board.judged.judgement(), warm.board.residual.held
        places = [row.profile.interviews for row in judgement.vacancies]
        return int((held >= 0).any(axis=1).sum()), judgement.rule == 0, np.array(places)
