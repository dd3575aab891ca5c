"""What a preview says is what happens when the change is made."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas.learner import Course
from schemas.match import Match
from schemas.vacancy import VacancyChanged
from services.matcher.case import Case
from services.matcher.judgement import judge
from services.matcher.market import Shortlist
from services.matcher.models import Models
from services.matcher.rules import Rules
from services.matcher.snapshot import Made
from services.matcher.weights import reweighted
from services.matcher.whatif import (
    ChangeRefused,
    Interviews,
    NewVacancy,
    Preview,
    RuleLimit,
    RuleOff,
    Said,
    Weight,
    preview,
)
from tests import make
from tests.matcher import happened
from tests.matcher.cohorts import cohort, learner, round_of, vacancy
from tests.matcher.happened import later
from tests.matcher.scene import MODEL, RULES, Scene
from tests.matcher.test_explanation import case_of

VACANCIES = [UUID(int=n, version=4) for n in range(70, 73)]
PACKAGED = Path("services/matcher/rules.toml")


async def a_market(scene: Scene) -> None:
    """Nine completers of three kinds, four interviews, one approval; after its rounds."""
    kinds = (
        {"outcode": "WV1", "max_miles": 5},  # out of reach, and longest waiting
        {"outcode": "DY1", "skills": ("python",)},
        {"outcode": "B1", "skills": ("sql",)},
    )
    for n in range(9):
        learner_id = UUID(int=n + 1, version=4)
        day = make.NOON.date() - timedelta(days=9 if n % 3 == 0 else 5)
        await scene.tell(make.enrolled(learner_id=learner_id,
                                       learner=make.learner_profile(**kinds[n % 3])))  # fmt: skip
        await scene.tell(make.completed(learner_id=learner_id, completed_on=day))
    for vacancy_id, interviews in zip(VACANCIES, (2, 1, 1), strict=True):
        await scene.tell(happened.pledge(vacancy_id, skills=("python",), interviews=interviews))
    await scene.round()
    approved = (await scene.places(VACANCIES[0]))[0]
    await scene.tell(happened.approved(approved, VACANCIES[0]))
    await scene.round()


def last_of(scene: Scene) -> Made:
    """The market's last round, as the replica that made it has it."""
    pool = scene.rounds.pools["west-midlands"]
    made = pool.made(pool.warm.round_id) if pool.warm else None
    assert made
    return made


def foreseen(scene: Scene, *said: Said) -> Preview:
    made = last_of(scene)
    case = Case.after(made.inputs, made.outcome, scene.rounds.models.current, scene.rounds.rules)
    fork = scene.rounds.pools["west-midlands"].forked(made.round_id)
    return preview(case, made.outcome, said, fork=fork)


def written(matches: Sequence[Match]) -> list[str]:
    return [match.model_dump_json() for match in matches]


async def assert_published(scene: Scene, proposed: Sequence[Shortlist]) -> None:
    """What stands published is the preview, byte for byte, wherever it is news."""
    published = await scene.shortlists()
    assert {row.vacancy_id for row in proposed} == published.keys()
    for row in proposed:
        said = published[row.vacancy_id]
        assert [m.learner_id for m in said.matches] == [m.learner_id for m in row.matches]
    last = last_of(scene)
    assert last
    news = [row for row in proposed if published[row.vacancy_id].round_id == last.round_id]
    assert news
    for row in news:
        said = published[row.vacancy_id]
        assert written(said.matches) == written(row.matches)
        assert written(said.reserves) == written(row.reserves)
        assert said.absences == row.absences
    assert last.outcome.shortlists == tuple(proposed)


async def test_a_pledge_published_gives_exactly_its_preview(scene: Scene) -> None:
    await a_market(scene)
    seen = foreseen(scene, Interviews(vacancy_id=VACANCIES[1], more=1))
    assert (seen.after.placed, seen.after.places) == (seen.before.placed + 1, 5)
    pool = scene.rounds.pools["west-midlands"]
    profile = pool.vacancies[VACANCIES[1]].profile.model_copy(update={"interviews": 2})
    await scene.tell(
        VacancyChanged(
            event_id=uuid4(), occurred_at=later(), vacancy_id=VACANCIES[1], vacancy=profile
        )
    )
    await scene.round()
    await assert_published(scene, seen.proposed)


async def test_a_vacancy_published_gives_exactly_its_preview(scene: Scene) -> None:
    await a_market(scene)
    pledged = happened.pledge(uuid4(), skills=("python",), interviews=3, outcode="WV1")
    seen = foreseen(scene, NewVacancy(vacancy_id=pledged.vacancy_id, vacancy=pledged.vacancy))
    assert seen.after.placed > seen.before.placed
    await scene.tell(pledged)
    await scene.round()
    await assert_published(scene, seen.proposed)


def edited(folder: Path, line: str, instead: str) -> Rules:
    """The packaged rules with a line changed, as an operator would."""
    path = folder / "rules.toml"
    path.write_text(PACKAGED.read_text().replace(line, instead))
    return Rules.load(path)


async def restarted(scene: Scene, **parts: object) -> Scene:
    """The matcher started again with another model or other rules, after its first round."""
    other = Scene(sessions=scene.sessions, now=scene.now)
    for name, part in parts.items():
        setattr(other.rounds, name, part)
    await other.round()
    return other


async def test_a_weight_published_gives_exactly_its_preview(scene: Scene) -> None:
    await a_market(scene)
    seen = foreseen(
        scene, Weight(feature="skills-met", times=0), Weight(feature="distance", times=4)
    )
    assert any(change.enter for change in seen.shortlists)
    model = reweighted(reweighted(MODEL, "skills-met", 0), "distance", 4)
    await assert_published(await restarted(scene, models=Models(default=model)), seen.proposed)


async def test_a_rule_published_as_a_file_gives_exactly_its_preview(
    scene: Scene, tmp_path: Path
) -> None:
    await a_market(scene)
    seen = foreseen(scene, RuleOff(rule="travel-reach"))
    assert any(change.enter for change in seen.shortlists)
    off = edited(tmp_path, "[travel-reach]", "[travel-reach]\non = false")
    other = await restarted(scene, rules=off)
    await assert_published(other, seen.proposed)


async def test_a_limit_published_as_a_file_gives_exactly_its_preview(
    scene: Scene, tmp_path: Path
) -> None:
    await a_market(scene)
    for n in range(3):
        await scene.tell(*happened.completer(UUID(int=50 + n, version=4), outcode="DY1"))
    await scene.round()
    seen = foreseen(scene, RuleLimit(rule="travel-reach", name="usual_miles", value=3))
    nearer = edited(tmp_path, "usual_miles = 35.0", "usual_miles = 3.0")
    other = await restarted(scene, rules=nearer)
    last = last_of(other)
    assert last
    assert last.outcome.shortlists == seen.proposed


async def test_nothing_is_sent_or_stored_by_a_preview(scene: Scene) -> None:
    await a_market(scene)

    async def everything() -> list[object]:
        async with scene.sessions() as session:
            rows = await session.execute(
                text("select (select count(*) from outbox), (select count(*) from round), "
                     "(select count(*) from shortlist), (select sum(revision) from market)")
            )  # fmt: skip
            return list(rows.one())

    before = await everything()
    foreseen(scene, RuleOff(rule="travel-reach"), Interviews(vacancy_id=VACANCIES[0], more=2))
    assert await everything() == before
    assert not await scene.rounds.tick()


def test_what_differs_is_who_enters_and_who_leaves() -> None:
    """The better fit takes the place from who waited as long."""
    skilled = learner(1, skills=("it",), outcode="WS1")
    near = learner(2, skills=("number",), outcode="B5")
    where = vacancy(1, skills=("it",), interviews=1)
    case, outcome = case_of(round_of([skilled, near], [where]))
    assert (skilled.learner_id, where.vacancy_id) in outcome.allocated
    seen = preview(case, outcome, [Weight(feature="skills-met", times=0)])
    (change,) = seen.shortlists
    assert (change.enter, change.leave) == ((near.learner_id,), (skilled.learner_id,))
    assert not change.reordered
    assert seen.placed_before == (skilled.learner_id,)
    assert seen.placed_after == (near.learner_id,)


def test_figures_count_places_waiting_and_coverage() -> None:
    rows = [learner(1), learner(2)]
    case, outcome = case_of(round_of(rows, [vacancy(1)]))
    seen = preview(case, outcome, [Interviews(vacancy_id=vacancy(1).vacancy_id, more=1)])
    assert (seen.before.placed, seen.before.completers, seen.before.places) == (1, 2, 1)
    assert (seen.after.placed, seen.after.completers, seen.after.places) == (2, 2, 2)
    assert seen.before.most_days_unplaced == seen.before.mean_days_unplaced == 33
    assert seen.after.most_days_unplaced == 0


def test_coverage_is_told_by_the_route_of_the_course_where_enough_people_are() -> None:
    """A route with few, and another with it so that no sum tells them, are not counted out."""
    places = vacancy(1, interviews=60, outcode="B5")

    def course(route: int) -> Course:
        return Course(course_id=UUID(int=7), started_on=date(2026, 6, 1), route=route, level=2)

    near = [learner(n, course=course(9)) for n in range(1, 11)]
    far = [learner(n, course=course(9), max_miles=10, outcode="WV1") for n in range(11, 25)]
    others = [learner(n, course=course(7)) for n in range(25, 31)]
    few = [learner(n, course=course(3)) for n in range(31, 34)]

    case, outcome = case_of(round_of([*near, *far, *others, *few], [places]))
    seen = preview(case, outcome, [RuleOff(rule="travel-reach")])
    told = {row.route: (row.completers, row.before, row.after) for row in seen.coverage}
    assert told == {
        "Engineering and manufacturing": (24, 10, 24),
        "Digital": (None, None, None),
        "Care services": (None, None, None),
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Weight(feature="age", times=2), "no feature is called age"),
        (Weight(feature="distance", times=2, sector="atlantis"), "sector"),
        (RuleOff(rule="horoscope"), "no rule in force is called horoscope"),
        (RuleLimit(rule="travel-reach", name="usual_miles", value="x"), "travel-reach.usual_miles"),
        (Interviews(vacancy_id=UUID(int=1), more=1), "no vacancy"),
        (Interviews(vacancy_id=vacancy(1).vacancy_id, more=-1), "at least 1 must be left"),
        (NewVacancy(vacancy_id=vacancy(1).vacancy_id, vacancy=vacancy(1).profile), "already"),
    ],
)
def test_what_cannot_be_is_refused_in_words(said: Said, words: str) -> None:
    case, outcome = case_of(round_of([learner(1)], [vacancy(1)]))
    with pytest.raises(ChangeRefused, match=words):
        preview(case, outcome, [said])


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), times=st.sampled_from([0.0, 0.5, 2.0]))
def test_a_preview_of_no_change_is_no_change(seed: int, times: float) -> None:
    """And one taken back leaves nothing behind."""
    case, outcome = case_of(cohort(seed, 15, 5))
    assert preview(case, outcome, []).shortlists == ()
    seen = preview(case, outcome, [Weight(feature="pay", times=times)])
    assert len(seen.placed_after) == len(seen.placed_before) == outcome.proof.placed
    assert replace(case).outcome().shortlists == case.outcome(outcome).shortlists


def test_rules_by_default_are_the_packaged_ones() -> None:
    """Else the files above would be others than those previewed."""
    assert Rules.load(PACKAGED).version == RULES.version


def test_a_weight_of_one_sector_leaves_the_others_as_they_are() -> None:
    """Not a byte of their shortlists differs; a sector without weights of its own gets some."""
    case, outcome = case_of(cohort(3, 40, 14, pledged=2))
    care = {row.vacancy_id for row in case.inputs.vacancies if row.profile.route in {3, 11}}
    for model in (case.model, replace(case.model, sectors=())):
        before = judge(case.inputs, model, case.rules).scores
        after = judge(case.inputs, reweighted(model, "distance", 5, sector="care"), RULES).scores
        for at, row in enumerate(case.inputs.vacancies):
            same = bool((before[:, at] == after[:, at]).all())
            assert same is (row.vacancy_id not in care)
    assert care
    seen = preview(case, outcome, [Weight(feature="distance", times=5, sector="care")])
    assert seen.market == "west-midlands"
