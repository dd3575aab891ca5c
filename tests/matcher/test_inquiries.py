"""What the matcher answers to the heavier questions, over HTTP."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.matcher import inquiries as module
from services.matcher.answers import Answers
from services.matcher.inquiries import Inquiries
from services.matcher.inquiry_pages import inquiry_pages
from services.review.inquiring import Inquiries as Asking
from services.review.inquiring import Refused
from services.review.whatif import WhatIf
from tests import make
from tests.matcher import happened
from tests.matcher.scene import Scene

MARKET = "west-midlands"
VACANCY, EMPTY = UUID(int=77, version=4), UUID(int=78, version=4)
PLACED, NEXT, FAR = (UUID(int=number, version=4) for number in range(1, 4))


def client_of(scene: Scene) -> httpx.AsyncClient:
    app = FastAPI()
    answers = Answers(sessions=scene.sessions, rounds=scene.rounds)
    app.include_router(inquiry_pages(Inquiries(answers=answers)))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://matcher/v1")


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    """One place, one learner on it, one next in line, one far away; a vacancy nobody can have."""
    await scene.tell(happened.pledge(VACANCY, interviews=1))
    await scene.tell(happened.pledge(EMPTY, essential=("driving-licence",), route=9))
    older = make.NOON.date() - timedelta(days=20)
    for learner_id, facts in ((PLACED, {}), (NEXT, {}), (FAR, {"outcode": "WV1", "max_miles": 5})):
        await scene.tell(
            make.enrolled(learner_id=learner_id, learner=make.learner_profile(**facts)),
            make.completed(
                learner_id=learner_id,
                completed_on=older if learner_id == PLACED else make.NOON.date(),
            ),
        )
    async with client_of(scene) as client:
        yield client


async def test_a_pair_is_explained(scene: Scene, client: httpx.AsyncClient) -> None:
    """Reasons, what would change it, and who would lose; the same from another replica."""
    await scene.round()
    answer = await client.get(f"/vacancies/{VACANCY}/learners/{NEXT}/explanation")
    assert answer.status_code == 200
    said = answer.json()
    assert said["standing"]["standing"] == "reserve"
    assert [change["kind"] for change in said["changes"]] == ["pledge"]
    assert said["swap"]["losers"] == [str(PLACED)]
    assert [move["learner_id"] for move in said["swap"]["moves"]] == [str(NEXT), str(PLACED)]
    assert said["line"]["contributions"]
    assert said["rules_version"] == scene.rounds.rules.version
    async with client_of(Scene(sessions=scene.sessions)) as other:
        again = await other.get(f"/vacancies/{VACANCY}/learners/{NEXT}/explanation")
        assert again.json() == said


async def test_a_shortlist_without_anybody_is_explained(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    """Counts by reason, and where such learners are: none here, three in Creative and design."""
    await scene.round()
    said = (await client.get(f"/vacancies/{EMPTY}/absences")).json()
    assert (said["placed"], said["here"]) == (0, 0)
    assert said["route"] == "Engineering and manufacturing"
    assert said["routes"] == {"Creative and design": 3}
    assert said["absences"] == {"essential-needs": 2, "travel-reach": 1}
    full = (await client.get(f"/vacancies/{VACANCY}/absences")).json()
    assert full["scarcity"] == {"learners": 2, "places": 1, "vacancies": [str(VACANCY)]}


async def test_reports_name_nobody_unless_asked(scene: Scene, client: httpx.AsyncClient) -> None:
    await scene.round()
    for kind in ("unlock", "barriers"):
        counted = await client.get(f"/markets/{MARKET}/{kind}")
        assert counted.status_code == 200
        assert not any(str(each) in counted.text for each in (PLACED, NEXT, FAR))
    named = (await client.get(f"/markets/{MARKET}/unlock", params={"learners": True})).json()
    (unlock,) = named["unlocks"]
    assert (unlock["learner_id"], unlock["change"]["kind"]) == (str(NEXT), "holds")
    assert (named["nothing"], named["unplaced"]) == (1, 2)
    counted = (await client.get(f"/markets/{MARKET}/unlock")).json()
    assert (counted["by_kind"]["total"], counted["by_kind"]["cells"]) == (None, {"holds": None})
    assert (counted["nothing"], counted["unplaced"]) == (None, None)


async def test_a_preview_is_answered_and_a_wrong_change_refused(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    await scene.round()
    more = {"change": "interviews", "vacancy_id": str(VACANCY), "more": 1}
    said = (await client.post(f"/markets/{MARKET}/what-if", json={"changes": [more]})).json()
    (change,) = said["shortlists"]
    assert (change["enter"], change["leave"]) == ([str(NEXT)], [])
    assert said["after"]["placed"] == said["before"]["placed"] + 1
    assert "proposed" not in said
    for wrong in ({"change": "rule-off", "rule": "horoscope"}, {"change": "weight"}, {}):
        refused = await client.post(f"/markets/{MARKET}/what-if", json={"changes": [wrong]})
        assert refused.status_code == 422


async def test_the_console_can_read_every_answer(scene: Scene, client: httpx.AsyncClient) -> None:
    """It has its own idea of them: matcher and review know nothing of each other."""
    await scene.round()
    asking = Asking(client, "http://matcher")
    explained = await asking.explained(VACANCY, NEXT)
    assert [change.kind for change in explained.changes] == ["pledge"]
    assert explained.swap
    assert explained.swap.losers == (PLACED,)
    assert (await asking.absences(EMPTY)).routes == {"Creative and design": 3}
    assert await asking.unlocks(MARKET)
    assert await asking.barriers(MARKET)
    levers = await asking.levers()
    assert "travel-reach" in levers.rules
    assert "age-window" not in levers.rules
    assert "distance" in {feature.name for feature in levers.features}
    more = {"change": "interviews", "vacancy_id": str(VACANCY), "more": 1}
    assert (await asking.preview(MARKET, [more])).after.placed == 2
    with pytest.raises(Refused, match="no rule in force"):
        await asking.preview(MARKET, [{"change": "rule-off", "rule": "horoscope"}])


async def test_the_day_of_a_rule_is_tried_as_the_console_asks_it(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    """Over by the day of the round it keeps nobody off; over later, or no day at all, it does."""
    await scene.round()
    asking = Asking(client, "http://matcher")
    assert (await asking.levers()).limits["travel-reach"]["usual_miles"] == 35

    def until(day: str) -> list[dict[str, object]]:
        return WhatIf(market=MARKET, limit="essential-needs.until", value=day).changes()

    over = await asking.preview(MARKET, until(f"{scene.now:%Y-%m-%d}"))
    assert (over.before.placed, over.after.placed) == (1, 2)
    assert (await asking.preview(MARKET, until("2027-01-01"))).after.placed == 1
    with pytest.raises(Refused, match=r"essential-needs\.until"):
        await asking.preview(MARKET, until("soon"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vacancy": VACANCY, "more": -500}, "more"),
        ({"vacancy": UUID(int=4), "more": 1}, "vacancy"),
        ({"limit": "travel-reach.usual_miles", "value": "many"}, "value"),
        ({"limit": "travel-reach.horoscope", "value": "1"}, "limit"),
        ({"rule": "horoscope"}, "rule"),
        ({"feature": "horoscope", "times": 2}, "feature"),
    ],
)
async def test_the_console_knows_which_change_was_refused(
    scene: Scene, client: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    """By the matcher's words, also beside a change that would do."""
    await scene.round()
    form = WhatIf.model_validate(
        {"market": MARKET, "rule": "travel-reach", "feature": "distance", "times": 2}
        | ({"rule": ""} if "limit" in change else {})
        | change
    )
    with pytest.raises(Refused) as refused:
        await Asking(client, "http://matcher").preview(MARKET, form.changes())
    assert list(form.refused(str(refused.value))) == [field]


async def test_unknown_ids_and_markets_are_not_found(
    scene: Scene, client: httpx.AsyncClient
) -> None:
    assert (await client.get(f"/markets/{MARKET}/unlock")).status_code == 503
    await scene.round()
    for path in (
        f"/vacancies/{uuid4()}/learners/{FAR}/explanation",
        f"/vacancies/{VACANCY}/learners/{uuid4()}/explanation",
        f"/vacancies/{uuid4()}/absences",
        "/markets/atlantis/unlock",
    ):
        assert (await client.get(path)).status_code == 404
    assert (await client.get(f"/markets/{MARKET}/horoscope")).status_code == 422


async def test_a_report_that_takes_long_is_worked_out_meanwhile(
    scene: Scene, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told to come again; it is worked out once, and then there at once."""
    await scene.round()
    go, times = threading.Event(), []

    def slow(*_: object) -> dict[str, int]:
        times.append(1)
        go.wait(20)
        return {"nothing": 0}

    monkeypatch.setitem(module.REPORTS, "unlock", slow)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    early = await client.get(f"/markets/{MARKET}/unlock")
    assert (early.status_code, early.headers["retry-after"]) == (503, "2")
    assert (await client.get(f"/markets/{MARKET}/unlock")).status_code == 503
    go.set()
    for _ in range(100):
        if (late := await client.get(f"/markets/{MARKET}/unlock")).status_code == 200:
            break
        await asyncio.sleep(0.02)
    assert late.json()["nothing"] == 0
    assert len(times) == 1
