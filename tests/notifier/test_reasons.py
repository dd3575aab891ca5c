"""Why this learner, in words for each side."""

from schemas.vacancy import Mode
from services.notifier import reasons
from tests import make
from tests.notifier.scene import match

VACANCY = make.vacancy_profile()


def test_the_best_that_speaks_for_a_learner_is_said_to_both() -> None:
    fits = match(met_skills=("it", "team-working", "ksb:s12"), distance_miles=1.2)
    assert reasons.for_employer(fits, VACANCY) == [
        "Shows skills you asked for: IT, team working and s12",
        "Has finished a course in this kind of work",
        "Has chosen this kind of work",
        "Is about a mile from the workplace",
    ]
    assert reasons.for_learner(fits, VACANCY) == [
        "You show skills the employer asked for: IT, team working and s12",
        "Your course was in this kind of work",
        "You told us this kind of work interests you",
        "The workplace is about a mile from your area",
    ]


def test_there_is_always_something_to_say() -> None:
    bare = match(met_skills=(), contributions=(), distance_miles=None)
    assert reasons.for_employer(bare, VACANCY) == ["Has finished their course"]
    assert len(reasons.for_learner(bare, VACANCY)) == 1


def test_distance_is_no_matter_for_work_from_home() -> None:
    away = match(distance_miles=80.0)
    for mode in (Mode.REMOTE, Mode.NATIONAL):
        vacancy = make.vacancy_profile(mode=mode)
        said = reasons.for_employer(away, vacancy) + reasons.for_learner(away, vacancy)
        assert not [line for line in said if "mile" in line]
