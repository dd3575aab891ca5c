"""
How often groups are selected, before and after a change, from a file of monitoring answers.

    GroupsUnreadable   the file is not a table with a `learner_id` and questions

The file is read here, in the command, and goes nowhere else: the matcher never sees a group.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from services.matcher.cells import hidden

ENOUGH = 20  # people of a group, fewer say nothing of a rate
FLAGGED = 0.8  # of the highest group's rate: to be looked at by a person
DRAWS = 1000

Groups = Mapping[str, Mapping[str, str]]  # by question and learner: the answer


class GroupsUnreadable(Exception):
    """The file is not a table with a `learner_id` and questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """
    A group's share of completers with an interview, and its ratio to the highest group's.

    Everything is None where the group, or those of it with or without an interview, are too few
    to show; ratios are None too where there is not ``enough`` data. ``interval`` is the
    bootstrap's, 95 in a hundred, of the ratio after.
    """

    question: str
    group: str
    people: int | None
    before: float | None
    after: float | None
    ratio_before: float | None
    ratio_after: float | None
    interval: tuple[float, float] | None
    enough: bool
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How many learners a file has answers of, and how many of them are completers here."""

    learners: int
    completers: int

    @classmethod
    def of(cls, groups: Groups, completers: Collection[str]) -> Self:
        """*groups* against the completers of a market."""
        learners = {who for answers in groups.values() for who in answers}
        return cls(learners=len(learners), completers=len(learners.intersection(completers)))


def read(path: Path) -> Groups:
    """The answers of a CSV file by question and learner; raises GroupsUnreadable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GroupsUnreadable(f"{path}: {type(error).__name__}") from error
    if not rows or "learner_id" not in rows[0] or len(rows[0]) == 1:
        raise GroupsUnreadable(f"{path}: a column learner_id and at least one question are needed")
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        for question, answer in row.items():
            if question != "learner_id" and answer:
                groups[question][row["learner_id"].strip().lower()] = answer.strip()
    return groups


def rates(
    groups: Groups, completers: Collection[str], before: Collection[str], after: Collection[str]
) -> list[Rate]:
    """The rates of every group of every question among *completers*, by question and group."""
    return [
        rate
        for question in sorted(groups)
        for rate in _rates(question, groups[question], set(completers), set(before), set(after))
    ]


def _rates(
    question: str, answers: Mapping[str, str], people: set[str], before: set[str], after: set[str]
) -> Iterator[Rate]:
    answered = {who: answer for who, answer in answers.items() if who in people}
    total = Counter(answered.values())
    sides = {
        name: Counter(answer for who, answer in answered.items() if who in placed)
        for name, placed in (("before", before), ("after", after))
    }
    few = hidden(total, *sides.values())
    open_ = [group for group in total if group not in few]
    enough = [group for group in open_ if total[group] >= ENOUGH]
    top = {
        name: max((side[group] / total[group] for group in enough), default=0.0)
        for name, side in sides.items()
    }
    intervals = _intervals({g: (sides["after"][g], total[g]) for g in sorted(enough)})
    for group in sorted(total):
        if group in few:
            yield Rate(question=question, group=group, people=None, before=None, after=None,
                       ratio_before=None, ratio_after=None, interval=None, enough=False,
                       flagged=False)  # fmt: skip
            continue
        was, now = (sides[name][group] / total[group] for name in ("before", "after"))
        told = group in enough and len(enough) > 1 and min(top.values()) > 0
        ratios = (was / top["before"], now / top["after"]) if told else (None, None)
        yield Rate(
            question=question,
            group=group,
            people=total[group],
            before=round(was, 3),
            after=round(now, 3),
            ratio_before=None if ratios[0] is None else round(ratios[0], 3),
            ratio_after=None if ratios[1] is None else round(ratios[1], 3),
            interval=intervals.get(group) if told else None,
            enough=told,
            flagged=ratios[1] is not None and ratios[1] < FLAGGED,
        )


def _intervals(groups: Mapping[str, tuple[int, int]]) -> dict[str, tuple[float, float]]:
    """Of each group's ratio to the highest, when the groups' people are drawn again and again."""
    if not groups:
        return {}
    draw = np.random.default_rng(7)
    drawn = np.stack([draw.binomial(n, k / n, DRAWS) / n for k, n in groups.values()])
    highest = drawn.max(axis=0)
    ratios = np.divide(drawn, highest, out=np.ones_like(drawn), where=highest > 0)
    low, high = np.quantile(ratios, [0.025, 0.975], axis=1)
    return {
        name: (round(float(a), 3), round(float(b), 3))
        for name, a, b in zip(groups, low, high, strict=True)
    }
