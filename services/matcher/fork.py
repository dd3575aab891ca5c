"""A copy of a standing market, to see what one step would make of it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.matcher.board import Board
from services.matcher.listing import Listing
from services.matcher.market import Outcome, RoundInputs
from services.matcher.rules import Rules
from services.matcher.scorer import Model
from services.matcher.snapshot import taken
from services.matcher.steps import Step

NO_ROUND = UUID(int=0)  # of a market that no round is kept of


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A board and its lists as they were after *round_id*, which nobody else has."""

    board: Board
    listing: Listing
    round_id: UUID

    @classmethod
    def of(cls, board: Board, listing: Listing, round_id: UUID) -> Self:
        """A copy; what never changes is shared: model, rules, rows, lists."""
        never = (board.judged.model, board.judged.rules, *board.learners, *board.vacancies)
        shared = {id(each): each for each in (*never, *listing.shortlists.values())}
        own_board, own_listing = deepcopy((board, listing), shared)
        return cls(board=own_board, listing=own_listing, round_id=round_id)

    @classmethod
    def laid_out(cls, inputs: RoundInputs, outcome: Outcome, model: Model, rules: Rules) -> Self:
        """A market as *outcome* left it, to be copied; raises NoRoom without a proof."""
        board = Board.of(inputs, outcome, model, rules)
        listing = Listing(board=board)
        listing.begin(outcome.shortlists)
        return cls(board=board, listing=listing, round_id=NO_ROUND)

    def copied(self) -> Self:
        """Another of the same, for one more question."""
        return self.of(self.board, self.listing, self.round_id)

    def after(self, before: RoundInputs, now: RoundInputs) -> Outcome:
        """What the next round says if nothing but *now* comes after *before*; only once."""
        step = Step.between(before, now)
        self.listing.write(step, self.board.take(step))
        return taken(self.board, self.listing, self.round_id).outcome
