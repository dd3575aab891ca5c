"""Everything about one learner and one vacancy: why, why not, what would change it, who loses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from schemas.match import Match
from services.matcher import ladders
from services.matcher.case import Case
from services.matcher.changes import WHO, Change, applied
from services.matcher.columns import Rows
from services.matcher.ladders import Ladder
from services.matcher.lines import Lines
from services.matcher.market import Outcome, Pair, Standing
from services.matcher.standing import standing
from services.matcher.trials import Trials, allowed

MOST_ROUNDS = 40
# as many pairs as may be judged for one answer: a large market gets fewer rounds
MOST_PAIRS = 6_000_000
FEWEST_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A learner who would change place; None is no place. In the order in which places free."""

    learner_id: UUID
    leaves: UUID | None
    takes: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """
    What giving the learner a place here now would do to everybody.

    ``moves`` begins with the learner; the places they free are filled in turn. ``placed`` counts
    completers with an interview; ``score`` is in ten-thousandths.
    """

    moves: tuple[Move, ...]
    placed_before: int
    placed_after: int
    score_before: int
    score_after: int

    @property
    def losers(self) -> tuple[UUID, ...]:
        """Who would be left without any interview."""
        return tuple(move.learner_id for move in self.moves if move.takes is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    Where a learner stands on a vacancy and all there is to say of it.

    ``line`` is what speaks for and against. ``changes`` has the smallest change of each kind
    that gives the learner a place here, smallest first: each was verified by a round with it,
    and the step below it by one without success. ``tried`` are the kinds for which none was
    found; ``cut_short`` says that *rounds* were all that could be run.
    """

    standing: Standing
    line: Match
    changes: tuple[Change, ...] = ()
    tried: tuple[str, ...] = ()
    swap: Swap | None = None
    rounds: int = 0
    cut_short: bool = False


def explanation(
    case: Case, outcome: Outcome, learner_id: UUID, vacancy_id: UUID, *, most: int | None = None
) -> Explanation:
    """
    The explanation of a pair of the market; raises KeyError for ids not in it.

    *case* is that after *outcome*; at most *most* rounds are run.
    """
    learner, vacancy = case.learner(learner_id), case.vacancy(vacancy_id)
    pair = (learner_id, vacancy_id)
    stands = standing(case.inputs, outcome, case.rules, learner_id, vacancy_id)
    line = (
        _listed(outcome, learner_id, vacancy_id)
        or Lines(model=case.model).of(Rows([learner]), Rows([vacancy]), [(0, 0)])[pair]
    )
    if stands.standing == "placed":
        return Explanation(standing=stands, line=line)
    trials = Trials(case=case, base=case.outcome(outcome), most=most or rounds_for(case), rounds=1)
    found, tried = _openings(trials, pair)
    return Explanation(
        standing=stands,
        line=line,
        changes=tuple(sorted(found, key=lambda change: change.size)),
        tried=tuple(sorted(tried - {change.kind for change in found})),
        swap=swap(trials, pair),
        rounds=trials.rounds,
        cut_short=trials.spent,
    )


def rounds_for(case: Case) -> int:
    """How many rounds an answer may take, so that it comes in a second or so, or in few."""
    pairs = max(1, len(case.inputs.learners) * len(case.inputs.vacancies))
    return max(FEWEST_ROUNDS, min(MOST_ROUNDS, MOST_PAIRS // pairs))


def _openings(trials: Trials, pair: Pair) -> tuple[list[Change], set[str]]:
    """The smallest change of each kind that works, and the kinds that were tried."""
    case, (learner_id, vacancy_id) = trials.case, pair
    learner, vacancy = case.learner(learner_id), case.vacancy(vacancy_id)
    found: list[Change] = []
    tried: set[str] = set()
    for ladder in sorted(
        ladders.for_pair(learner, vacancy, case.inputs, case.rules), key=lambda rungs: rungs[0].size
    ):
        likely = _likely(trials, pair, ladder)
        if likely is None:
            continue
        tried.add(ladder[0].kind)
        smallest = trials.smallest(ladder, likely, lambda made: pair in made.allocated)
        if smallest:
            found.append(smallest[0])
    best: dict[str, Change] = {}
    for change in sorted(found, key=lambda each: each.size):
        best.setdefault(change.kind, change)
    return list(best.values()), tried


def _likely(trials: Trials, pair: Pair, ladder: Ladder) -> Sequence[bool] | None:
    """
    Which steps are worth a round: the rules allow the pair and the prices speak for it.

    None for what cannot help: one more place for who may have none, a rule less for who may.
    """
    rows = trials.rows
    row, at = rows.learners[pair[0]], rows.vacancies[pair[1]]
    if WHO[ladder[0].kind] == "learner":
        return [bool(cost <= 0) for cost in trials.costs(row, ladder, [at])[:, 0]]
    eligible = bool(trials.base.judgement.rule[row, at] == 0)
    if eligible is not (ladder[0].kind == "pledge"):
        return None
    if eligible:
        return [True] * len(ladder)
    return [_allowed(applied(trials.case, change), pair) for change in ladder]


def _allowed(case: Case, pair: Pair) -> bool:
    if pair in case.inputs.excluded:
        return False
    return bool(allowed(case, [case.learner(pair[0])], [case.vacancy(pair[1])])[0, 0])


def swap(trials: Trials, pair: Pair) -> Swap | None:
    """
    Who would move if the learner were given a place here as things are.

    None where that cannot be: a rule forbids it, approved matches have every place here, or the
    learner has all the interviews they may have.
    """
    case, base, rows = trials.case, trials.base, trials.rows
    row, at = rows.learners[pair[0]], rows.vacancies[pair[1]]
    used = sum(vacancy_id == pair[1] for _, vacancy_id in case.inputs.locks)
    turns = sum(learner_id == pair[0] for learner_id, _ in case.inputs.locks)
    full = used >= case.inputs.vacancies[at].profile.interviews
    if base.judgement.rule[row, at] or full or turns >= case.inputs.policy.interviews_each:
        return None
    inputs = case.inputs
    given = replace(inputs, locks=inputs.locks | {pair}, current=inputs.current - {pair})
    forced = trials.after(replace(case, inputs=given))
    return Swap(
        moves=_moves(base.allocated, forced.allocated, pair),
        placed_before=base.proof.placed,
        placed_after=forced.proof.placed,
        score_before=base.proof.total_score,
        # a lock's score is not in the total
        score_after=forced.proof.total_score + int(base.judgement.scores[row, at]),
    )


def _moves(before: frozenset[Pair], after: frozenset[Pair], first: Pair) -> tuple[Move, ...]:
    """Who moves, along the places as they free; whoever is not on that way comes last, by id."""
    left, taken = dict(sorted(before - after)), dict(sorted(after - before))
    queue = [first[0]]
    moves: list[Move] = []
    while queue or left or taken:
        who = queue.pop(0) if queue else min({**left, **taken})
        freed, takes = left.pop(who, None), taken.pop(who, None)
        moves.append(Move(learner_id=who, leaves=freed, takes=takes))
        # the place taken is that of somebody who leaves it
        queue += [other for other, vacancy in left.items() if vacancy == takes and takes
                  and other not in queue][:1]  # fmt: skip
        queue += [other for other, vacancy in taken.items() if vacancy == freed and freed
                  and other not in queue][:1]  # fmt: skip
    return tuple(moves)


def _listed(outcome: Outcome, learner_id: UUID, vacancy_id: UUID) -> Match | None:
    for shortlist in outcome.shortlists:
        if shortlist.vacancy_id == vacancy_id:
            for match in (*shortlist.matches, *shortlist.reserves):
                if match.learner_id == learner_id:
                    return match
    return None
