"""Ages on the day the work starts, for one pair and for all."""

import numpy as np

from services.matcher import of_learners, of_vacancies
from services.matcher.columns import Rows
from services.matcher.market import Learner, Vacancy
from services.matcher.readings import YEARS, Mask, age


def reached(learners: Rows[Learner], vacancies: Rows[Vacancy], years: int) -> Mask:
    """Whether each learner is *years* old or older when each vacancy starts."""
    born = learners.column(of_learners.born_on, np.int32)
    starts: Mask = (
        born[:, None] + years * YEARS <= vacancies.column(of_vacancies.starts_on, np.int32)[None, :]
    )
    return starts


def age_at_start(learner: Learner, vacancy: Vacancy) -> int:
    """Whole years when the work starts."""
    return age(learner.profile.date_of_birth, vacancy.profile.starts_on)
