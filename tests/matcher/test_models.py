"""Which model ranks: one that was activated, from the next round on, without a restart."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.delivery.database import Sessions
from services.matcher import model_store, saved, shadow_store
from services.matcher.models import Models, UnknownVersion, model_of, rules_of
from services.matcher.prior import fitted
from services.matcher.scorer import Model, ModelRefused
from services.matcher.shadows import Shadows
from tests.matcher import happened
from tests.matcher.scene import FIVE, MODEL, RULES, VACANCY, Scene

OTHER = fitted(expert_weight=30)


async def kept_and_activated(sessions: Sessions, model: Model) -> None:
    async with sessions.begin() as session:
        await model_store.challenge(session, model.version, saved.text(model), {"of": "test"})
        assert await model_store.activate(session, model.version, by="c1")


async def versions(scene: Scene) -> list[object]:
    async with scene.sessions() as session:
        rows = await session.execute(text("select model_version from round order by at, revision"))
        return list(rows.scalars())


async def test_an_activated_model_ranks_from_the_next_round_on(three_of_five: Scene) -> None:
    """The same replica, not started again; the market had nothing else to do."""
    scene = three_of_five
    assert not await scene.rounds.tick()

    await kept_and_activated(scene.sessions, OTHER)
    assert await scene.rounds.tick()
    assert not await scene.rounds.tick()

    assert await versions(scene) == [MODEL.version, OTHER.version]
    async with scene.sessions() as session:
        stored = await model_store.model(session, OTHER.version)
    assert stored is not None
    assert (stored.state, stored.activated_by) == ("active", "c1")
    assert stored.activated_at is not None


async def test_the_active_models_version_is_on_every_shortlist(scene: Scene) -> None:
    await kept_and_activated(scene.sessions, OTHER)
    await scene.tell(*happened.completer(FIVE[0]), happened.pledge(VACANCY))
    await scene.round()
    shortlist = (await scene.shortlists())[VACANCY]
    assert shortlist.model_version == OTHER.version
    assert {match.model_version for match in shortlist.matches} == {OTHER.version}


async def test_activating_retires_the_one_before_and_may_be_taken_back(
    sessions: Sessions,
) -> None:
    for model in (MODEL, OTHER, MODEL):
        await kept_and_activated(sessions, model)
    async with sessions() as session:
        states = {row.version: row.state for row in await model_store.models(session)}
        assert states == {MODEL.version: "active", OTHER.version: "retired"}
        assert await Models(default=OTHER).active(session) == MODEL


async def test_the_database_refuses_two_active_models(sessions: Sessions) -> None:
    await kept_and_activated(sessions, MODEL)
    with pytest.raises(IntegrityError):
        async with sessions.begin() as session:
            await session.execute(
                text("insert into model (version, body, state) values ('two', '{}', 'active')")
            )


async def test_an_unknown_version_is_not_activated(sessions: Sessions) -> None:
    await kept_and_activated(sessions, MODEL)
    with pytest.raises(AssertionError):
        async with sessions.begin() as session:
            assert await model_store.activate(session, "logistic-9-none", by="c1")
    async with sessions() as session:
        assert await Models(default=OTHER).active(session) == MODEL


async def test_an_active_model_that_is_not_for_us_stops_rounds_instead_of_ranking_otherwise(
    three_of_five: Scene,
) -> None:
    scene = three_of_five
    body = saved.text(OTHER).replace('"outcomes": 0', '"outcomes": 1', 1)
    async with scene.sessions.begin() as session:
        await model_store.challenge(session, OTHER.version, body, {})
        await model_store.activate(session, OTHER.version, by="c1")
    with pytest.raises(ModelRefused, match="digest differs"):
        await scene.rounds.tick()


async def test_a_challenger_is_scored_once_a_round_and_only_figures_are_kept(
    three_of_five: Scene,
) -> None:
    scene = three_of_five
    shadows = Shadows(sessions=scene.sessions, models=scene.rounds.models)
    assert not await shadows.tick()
    async with scene.sessions.begin() as session:
        await model_store.challenge(session, OTHER.version, saved.text(OTHER), {})
    before = await scene.said()

    assert await shadows.tick()
    assert not await shadows.tick()

    async with scene.sessions() as session:
        (figures,) = await shadow_store.figures(session, OTHER.version)
    assert (figures["pairs"], figures["vacancies"], figures["coverage"]) == (5, 1, 5)
    assert figures["model_version"] == MODEL.version
    assert await scene.said() == before
    assert not await scene.rounds.tick(), "a challenger makes no market change"


async def test_a_challenger_that_cannot_be_read_is_in_nobodys_way(three_of_five: Scene) -> None:
    scene = three_of_five
    async with scene.sessions.begin() as session:
        await model_store.challenge(session, OTHER.version, "{}", {})
    assert not await Shadows(sessions=scene.sessions, models=scene.rounds.models).tick()


async def test_a_round_keeps_the_text_of_its_model_and_its_rules(three_of_five: Scene) -> None:
    async with three_of_five.sessions() as session:
        assert await model_of(session, MODEL.version) == MODEL
        assert await rules_of(session, RULES.version) == RULES
        with pytest.raises(UnknownVersion, match="no rules of version 1999"):
            await rules_of(session, "1999")
        with pytest.raises(UnknownVersion, match="no model of version 1999"):
            await model_of(session, "1999")
