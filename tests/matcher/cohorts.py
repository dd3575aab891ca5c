"""Invented learners and vacancies for the pure parts of the matcher, and seeded markets."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from schemas.learner import Course, LearnerProfile
from schemas.vacancy import Mode, VacancyProfile, Wage, WageVerdict
from services.matcher.market import Learner, RoundInputs, Vacancy

TODAY = date(2026, 11, 2)
PLACES = ("B1", "B5", "B18", "CV1", "CV6", "DY1", "WS1", "WV1", "B99")
SKILLS = ("communication", "it", "number", "team-working", "organisation", "physical-fitness")
MEETS = Wage(yearly_pence=2_478_450, aged_18_to_20=WageVerdict.MEETS, aged_21_up=WageVerdict.MEETS)


def learner(number: int = 1, **facts: Any) -> Learner:
    """A completer who passes every rule; facts of the learner or of the profile, by name."""
    own = {"completed_on", "paused", "paused_until", "withdrawn"}
    course = Course(course_id=UUID(int=7), started_on=date(2026, 6, 1), route=9, level=2)
    profile = {
        "programme": "path2",
        "ukprn": "10000001",
        "date_of_birth": date(2003, 5, 17),
        "course": course,
        "outcode": "B1",
        "prior_level": 1,
    } | {name: value for name, value in facts.items() if name not in own}
    rest = {"completed_on": date(2026, 9, 30)} | {n: v for n, v in facts.items() if n in own}
    return Learner(learner_id=UUID(int=number), profile=LearnerProfile(**profile), **rest)


def vacancy(number: int = 1, closed: str | None = None, **facts: Any) -> Vacancy:
    """An open vacancy pledging one interview, which any completer may have."""
    profile = {
        "employer_id": UUID(int=number),
        "title": "Apprentice machinist",
        "route": 9,
        "level": 2,
        "interviews": 1,
        "interview_by": date(2026, 12, 18),
        "starts_on": date(2027, 1, 11),
        "hours_per_week": 37.5,
        "wage": MEETS,
        "outcode": "B5",
    } | facts
    return Vacancy(
        vacancy_id=UUID(int=2**64 + number), profile=VacancyProfile(**profile), closed=closed
    )


def round_of(learners: list[Learner], vacancies: list[Vacancy], **facts: Any) -> RoundInputs:
    return RoundInputs(
        market="west-midlands",
        today=TODAY,
        learners=tuple(learners),
        vacancies=tuple(vacancies),
        **facts,
    )


def cohort(seed: int, learners: int, vacancies: int, pledged: int = 2, **facts: Any) -> RoundInputs:
    """A market in which most pairs are eligible, some facts unknown, *pledged* places or fewer."""
    chance = random.Random(seed)
    return round_of(
        [_somebody(i, chance) for i in range(learners)],
        [_something(i, chance, pledged) for i in range(vacancies)],
        **facts,
    )


def _somebody(number: int, chance: random.Random) -> Learner:
    route, some = chance.randint(1, 15), chance.random
    return learner(
        number,
        date_of_birth=date(1998, 1, 1) + timedelta(days=chance.randrange(3000)),
        course=Course(
            course_id=UUID(int=7),
            started_on=date(2026, 6, 1),
            route=route if some() < 0.9 else None,
            level=2 if some() < 0.9 else None,
        ),
        outcode=chance.choice(PLACES) if some() < 0.95 else None,
        prior_level=chance.choice((None, 0, 1, 2, 3)),
        skills=tuple(chance.sample(SKILLS, chance.randint(0, 4))),
        interests=tuple({route, chance.randint(1, 15)}) if some() < 0.8 else (),
        max_miles=chance.choice((None, 5, 10, 20)),
        available_from=TODAY + timedelta(days=chance.randrange(90)) if some() < 0.7 else None,
        hours_to=chance.choice((None, 30.0, 40.0)),
        completed_on=TODAY - timedelta(days=chance.randrange(1, 60)) if some() < 0.95 else None,
    )


def _something(number: int, chance: random.Random, pledged: int) -> Vacancy:
    return vacancy(
        number,
        route=chance.choice((None, *range(1, 16))),
        level=chance.choice((None, 2, 2, 3)),
        interviews=chance.randint(1, pledged),
        positions=chance.randint(1, 3),
        starts_on=TODAY + timedelta(days=chance.randrange(30, 200)),
        hours_per_week=chance.choice((None, 30.0, 37.5)),
        outcode=chance.choice(PLACES),
        mode=chance.choice((Mode.ONSITE, Mode.ONSITE, Mode.HYBRID, Mode.REMOTE)),
        skills=tuple(chance.sample(SKILLS, chance.randint(0, 4))),
        interview_by=TODAY + timedelta(days=chance.randrange(10, 30)),
    )
