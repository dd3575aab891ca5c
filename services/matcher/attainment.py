"""The rules about levels, both off as packaged: to most they are a wish, and no law asks them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

import numpy as np

from services.matcher import of_learners, of_vacancies
from services.matcher.columns import Rows
from services.matcher.market import Failure, Learner, Vacancy
from services.matcher.readings import Mask
from services.matcher.subjects import SUBJECTS, Subject


@dataclass(frozen=True, slots=True)
class Level:
    """Work at most so many levels above what the learner has reached; an unknown never fails."""

    id: ClassVar[str] = "level"
    most_above: int

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        limit = learners.column(of_learners.level_reached) + np.float32(self.most_above)
        above: Mask = vacancies.column(of_vacancies.level)[None, :] > limit[:, None]
        return above

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        most = (of_learners.level_reached(learner) or 0) + self.most_above
        words = "The work is too many levels above what the learner has reached"
        return Failure(self.id, words, f"level {vacancy.profile.level}", f"level {most} or below")


@dataclass(frozen=True, slots=True)
class EnglishMaths:
    """
    The level of English and of maths a vacancy asks for, made a condition.

    *asked* is what counts: only what employers call ``essential``, or ``any`` wish. With *towards*
    a level that is due before the work starts counts as held. What is not known never fails.
    """

    id: ClassVar[str] = "english-maths"
    asked: Literal["essential", "any"] = "essential"
    towards: bool = True

    def fails(self, learners: Rows[Learner], vacancies: Rows[Vacancy], _: date) -> Mask:
        starts = vacancies.column(of_vacancies.starts_on, np.int32)[None, :]
        fails: Mask = np.zeros((1, 1), dtype=np.bool_)
        for subject in SUBJECTS:
            of = subject.asked if self.asked == "any" else subject.essential
            level = vacancies.column(of)[None, :]
            if np.isnan(level).all():
                continue
            short = learners.column(subject.held)[:, None] < level
            if self.towards:
                reaches = learners.column(subject.towards)[:, None] >= level
                short &= ~(reaches & (learners.column(subject.due, np.int32)[:, None] < starts))
            fails = fails | short
        return fails

    def failure(self, learner: Learner, vacancy: Vacancy, _: date) -> Failure:
        short = [subject for subject in SUBJECTS if self._short(subject, learner, vacancy)]
        named = " and ".join(subject.name for subject in short)
        words = f"The learner does not hold the level of {named} the vacancy asks for"
        held = ", ".join(f"{each.name} level {each.held(learner):g}" for each in short)
        asked = ", ".join(f"{each.name} level {each.asked(vacancy):g}" for each in short)
        return Failure(self.id, words, held, asked)

    def _short(self, subject: Subject, learner: Learner, vacancy: Vacancy) -> bool:
        level = subject.asked(vacancy) if self.asked == "any" else subject.essential(vacancy)
        held = subject.held(learner)
        if level is None or held is None or held >= level:
            return False
        return not (self.towards and subject.in_time(learner, vacancy))
