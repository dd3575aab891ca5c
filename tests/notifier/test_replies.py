"""The pages behind the links: looking is safe, answering acts once."""

import logging
from datetime import timedelta

import pytest
from lxml import html
from sqlalchemy import text

from tests.notifier.scene import MONDAY, PUBLIC_URL, Scene, kinds, withdrawal
from tests.notifier.sent import SLOTS, everything, gone


async def test_fifty_looks_change_nothing(scene: Scene) -> None:
    sent = await gone(scene)
    before = await everything(scene)
    async with scene.browser() as browser:
        for link in (sent.employer, sent.learner()):
            for _ in range(25):
                assert (await browser.get(link)).status_code == 200
                assert (await browser.head(link)).status_code == 200
    assert await everything(scene) == before


async def test_one_answer_is_one_fact_and_the_same_again_is_none(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for _ in range(3):
            page = await browser.post(sent.learner(), data={"answer": "yes"})
            assert page.status_code == 200
            assert "we have your answer" in page.text
        assert kinds(await scene.posted()) == ["LearnerAccepted"]
        for _ in range(3):
            await browser.post(sent.employer, data={"answer-1": "no", "reason-1": "filled"})
    assert kinds(await scene.posted()) == ["LearnerAccepted", "EmployerDeclined"]


async def test_a_yes_may_be_turned_into_a_no_until_the_deadline(scene: Scene) -> None:
    sent = await gone(scene, 2)
    async with scene.browser() as browser:
        for place, answers in ((0, ("yes", "no")), (1, ("yes",))):
            for answer in answers:
                scene.clock.move(hours=1)
                await browser.post(sent.learner(place), data={"answer": answer, "reason": "hours"})
        posted = [one for one in await scene.posted() if kinds([one])]
        assert kinds(posted) == ["LearnerAccepted", "LearnerDeclined", "LearnerAccepted"]
        assert len({one.event_id for one in posted}) == 3
        assert [one.occurred_at for one in posted] == sorted({one.occurred_at for one in posted})
        scene.clock.at = MONDAY + timedelta(days=60)
        page = await browser.get(sent.learner(1))
        assert "The time to answer here is over" in page.text
        refused = await browser.post(sent.learner(1), data={"answer": "no"})
        assert refused.status_code == 422
    assert len([one for one in await scene.posted() if kinds([one])]) == 3


async def test_a_no_is_final_for_either_side(scene: Scene) -> None:
    """It freed the place at once; somebody may be approved for it before we hear of it."""
    sent = await gone(scene, 2)
    async with scene.browser() as browser:
        for link in (sent.learner(0), sent.employer):
            assert "A no is final here" in (await browser.get(link)).text, "said before"
        await browser.post(sent.learner(0), data={"answer": "no"})
        await browser.post(sent.employer, data={"answer-2": "no"})
        said = kinds(await scene.posted())
        for link in (sent.learner(0), sent.employer):
            assert "Changed your mind? Ring us: 0121 496 0100" in (await browser.get(link)).text
        for link, answer in ((sent.learner(0), "answer"), (sent.employer, "answer-2")):
            page = await browser.post(link, data=SLOTS | {answer: "yes"})
            assert page.status_code == 422
            assert "ring us if you changed your mind" in page.text
            tree = html.fromstring(page.text)
            (target,) = tree.xpath("//*[contains(@class, 'error-summary')]//a/@href")
            assert tree.xpath(f"//*[@id='{target[1:]}']"), "the summary leads somewhere"
    assert kinds(await scene.posted()) == said == ["LearnerDeclined", "EmployerDeclined"]


async def test_answers_at_one_instant_keep_their_order(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for answer in ("yes", "no"):
            await browser.post(sent.learner(), data={"answer": answer})
    times = [one.occurred_at for one in await scene.posted() if kinds([one])]
    assert times == sorted(set(times))
    assert len(times) == 2


async def test_every_link_of_every_letter_is_safe_to_open(scene: Scene) -> None:
    """What a scanner in front of a mailbox does with all letters of a match's life."""
    sent = await gone(scene, 3)
    async with scene.browser() as browser:
        await browser.post(
            sent.employer, data=SLOTS | {"answer-1": "yes", "answer-2": "yes", "answer-3": "no"}
        )
        for place in (0, 1):
            await browser.post(sent.learner(place), data={"answer": "yes"})
        await browser.post(sent.learner(0), data={"answer": "no"})
        await scene.hear(withdrawal(sent.event, 1))
        await scene.send_all()
        templates = {row.template for row in await scene.letters()}
        assert len(templates) >= 7, templates
        before = await everything(scene)
        links = {w for one in scene.fake.carried for w in one.text.split() if "/reply/" in w}
        links |= {
            str(href)
            for one in scene.fake.carried
            for href in html.fromstring(one.html).xpath("//a/@href")
        }
        assert len(links) >= len(templates) - 1
        for link in links:
            for _ in range(2):
                assert (await browser.get(link)).status_code == 200
                assert (await browser.head(link)).status_code == 200
    assert await everything(scene) == before


@pytest.mark.parametrize("spoilt", ["unknown", "expired", "revoked", "short", "other"])
async def test_a_closed_link_says_the_same_whatever_the_reason(scene: Scene, spoilt: str) -> None:
    sent = await gone(scene)
    link = sent.learner()
    async with scene.sessions.begin() as session:
        if spoilt == "revoked":
            await session.execute(text("update link set revoked_at = now()"))
    if spoilt == "expired":
        scene.clock.move(days=365)
    if spoilt == "unknown":
        link = link[:-22] + "A" * 21 + "Q"
    if spoilt == "short":
        link = link[:-4]
    if spoilt == "other":
        link = f"{PUBLIC_URL}/reply/%00%F0"
    async with scene.browser() as browser:
        nobody = await browser.get(f"{PUBLIC_URL}/reply/{'B' * 21}A")
        looked = await browser.get(link)
        answered = await browser.post(link, data={"answer": "yes"})
    assert (
        (looked.status_code, looked.text) == (nobody.status_code, nobody.text) == (404, nobody.text)
    )
    assert (answered.status_code, answered.text) == (404, nobody.text)
    assert kinds(await scene.posted()) == []


async def test_pages_are_not_stored_indexed_or_told_to_others(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for link in (sent.employer, sent.learner(), f"{PUBLIC_URL}/reply/none"):
            headers = (await browser.get(link)).headers
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert "noindex" in headers["x-robots-tag"]


async def test_the_log_shows_the_route_and_never_the_token(
    scene: Scene, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="services")
    sent = await gone(scene)
    async with scene.browser() as browser:
        await browser.get(sent.learner())
        await browser.post(sent.learner(), data={"answer": "no", "reason": "hours"})
        await browser.get(f"{PUBLIC_URL}/nothing/{sent.learner()[-22:]}")
    printed = capsys.readouterr().out + caplog.text
    assert "/reply/{token}" in printed
    assert sent.learner()[-22:] not in printed
    for name in ("Aisha", "Testington", "Jo Example", "example.org", "07700"):
        assert name not in printed


async def test_no_name_or_address_is_in_the_facts_or_the_notifiers_tables(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        await browser.post(sent.employer, data=SLOTS | {"answer-1": "yes"})
        await browser.post(sent.learner(), data={"answer": "yes"})
    await scene.send_all()
    kept = "\n".join(await everything(scene))
    facts = b"".join([one.value() for one in await scene.posted()]).decode()
    for marker in ("Aisha", "Testington", "example.org", "07700", "Sample", "B1 1AA", "Jo Ex"):
        assert marker not in facts
        assert marker not in kept
    for one in scene.fake.carried:
        assert one.link.removeprefix(f"{PUBLIC_URL}/reply/").isascii()
        assert sent.event.matches[0].learner_id.hex not in one.link
