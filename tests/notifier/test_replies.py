"""The pages behind the links: looking is safe, answering acts once and may be changed."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import html
from sqlalchemy import text

from schemas.decision import ShortlistSent
from schemas.interview import EmployerDeclined, LearnerDeclined
from tests.notifier.scene import (
    MONDAY,
    PUBLIC_URL,
    Scene,
    employer_address,
    kinds,
    learner_address,
    match,
    shortlist,
    withdrawal,
)

SLOTS = {"slot-1": "2026-09-10T10:00", "slot-2": "2026-09-11T14:00", "slot-3": ""}


@dataclass
class Sent:
    """A shortlist whose letters have gone, and its links."""

    scene: Scene
    event: ShortlistSent

    @property
    def employer(self) -> str:
        return self.scene.fake.to(employer_address(self.event.vacancy.employer_id))[0].link

    def learner(self, place: int = 0) -> str:
        return self.scene.fake.to(learner_address(self.event.matches[place].learner_id))[0].link


async def gone(scene: Scene, count: int = 1, **given: Any) -> Sent:
    event = shortlist(*(match(place) for place in range(1, count + 1)), **given)
    await scene.know(event)
    await scene.hear(event)
    await scene.send_all()
    return Sent(scene, event)


async def everything(scene: Scene) -> list[str]:
    """All the notifier knows, but for who read what in contacts."""
    async with scene.sessions() as session:
        tables = ("vacancy", "shortlist", "match", "letter", "link", "queue", "outbox", "inbox")
        return [
            str(row)
            for table in tables
            for row in await session.execute(text(f"select t::text from {table} t order by 1"))
        ]


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


async def test_an_answer_may_be_changed_until_the_deadline(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for answer in ("yes", "no", "yes"):
            scene.clock.move(hours=1)
            await browser.post(sent.learner(), data={"answer": answer, "reason": "hours"})
        posted = [one for one in await scene.posted() if kinds([one])]
        assert kinds(posted) == ["LearnerAccepted", "LearnerDeclined", "LearnerAccepted"]
        assert len({one.event_id for one in posted}) == 3
        assert [one.occurred_at for one in posted] == sorted({one.occurred_at for one in posted})
        scene.clock.at = MONDAY + timedelta(days=60)
        page = await browser.get(sent.learner())
        assert "The time to answer here is over" in page.text
        refused = await browser.post(sent.learner(), data={"answer": "no"})
        assert refused.status_code == 422
    assert len([one for one in await scene.posted() if kinds([one])]) == 3


async def test_answers_at_one_instant_keep_their_order(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for answer in ("yes", "no", "yes", "no"):
            await browser.post(sent.learner(), data={"answer": answer})
    times = [one.occurred_at for one in await scene.posted() if kinds([one])]
    assert times == sorted(set(times))
    assert len(times) == 4


async def test_reasons_and_consent_are_in_the_facts_as_keys(scene: Scene) -> None:
    sent = await gone(scene, 2)
    async with scene.browser() as browser:
        await browser.post(
            sent.employer,
            data={"answer-1": "no", "reason-1": "skills", "share-1": "yes", "answer-2": "no"},
        )
        await browser.post(sent.learner(), data={"answer": "no", "reason": "<made up>"})
    facts = [one for one in await scene.posted() if kinds([one])]
    first, second, last = facts
    assert isinstance(first, EmployerDeclined)
    assert isinstance(second, EmployerDeclined)
    assert isinstance(last, LearnerDeclined)
    assert (first.reason, first.may_share_reason) == ("skills", True)
    assert (second.reason, second.may_share_reason) == ("not-said", False)
    assert last.reason == "not-said"


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


async def test_a_forgotten_answer_is_asked_for_beside_its_field(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for link, field in ((sent.learner(), "answer"), (sent.employer, "answer-1")):
            page = await browser.post(link, data={})
            assert page.status_code == 422
            tree = html.fromstring(page.text)
            assert tree.xpath(f"//a[@href='#{field}']")
            assert tree.xpath(f"//input[@id='{field}']")
            assert "Error: " in tree.xpath("string(//title)")
    assert kinds(await scene.posted()) == []


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({}, "Give at least one time"),
        ({"slot-1": "2026-09-01T10:00"}, "That time is past"),
        ({"slot-1": "next Tuesday"}, "Give a day and a time"),
        ({"slot-1": "2027-03-28T01:30"}, "The clocks go forward"),
        ({"slot-1": "2026-09-10T10:00"}, "You said yes to 2 and gave 1 time"),
        ({"slot-1": "2026-09-10T10:00", "slot-2": "2026-09-10T10:00"}, "gave 1 time"),
    ],
)
async def test_times_that_do_not_do_are_refused_and_entries_kept(
    scene: Scene, slots: dict[str, str], words: str
) -> None:
    sent = await gone(scene, 2)
    async with scene.browser() as browser:
        page = await browser.post(
            sent.employer, data={"answer-1": "yes", "answer-2": "yes"} | slots
        )
    assert page.status_code == 422
    assert words in page.text
    tree = html.fromstring(page.text)
    assert tree.xpath("//input[@name='answer-2' and @value='yes' and @checked]")
    for name, value in slots.items():
        assert tree.xpath(f"//input[@name='{name}']/@value") == [value]
    assert kinds(await scene.posted()) == []


async def test_the_simple_case_shows_at_most_five_inputs(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        for link in (sent.employer, sent.learner()):
            tree = html.fromstring((await browser.get(link)).text)
            shown = [
                field
                for field in tree.xpath("//input | //select | //textarea")
                if not field.xpath("ancestor::details")
            ]
            assert len(shown) <= 5
            assert not tree.xpath("//script")


async def test_an_employer_may_take_the_times_as_they_are(scene: Scene) -> None:
    """The form as it comes, with only a yes ticked."""
    sent = await gone(scene)
    async with scene.browser() as browser:
        form = html.fromstring((await browser.get(sent.employer)).text).forms[0]
        filled = dict(form.form_values()) | {"answer-1": "yes"}
        assert (await browser.post(sent.employer, data=filled)).status_code == 200
    (accepted,) = [one for one in await scene.posted() if kinds([one])]
    assert [slot.isoformat() for slot in accepted.slots] == [
        "2026-09-10T09:00:00+00:00",
        "2026-09-11T13:00:00+00:00",
        "2026-09-14T09:00:00+00:00",
    ]


async def page_words(browser: httpx.AsyncClient, link: str) -> str:
    return " ".join(html.fromstring((await browser.get(link)).text).text_content().split())


async def test_a_name_is_shown_after_the_yes_and_contacts_after_the_booking(scene: Scene) -> None:
    sent = await gone(scene)
    async with scene.browser() as browser:
        words = await page_words(browser, sent.employer)
        assert "Aisha" not in words
        assert "07700" not in words
        await browser.post(sent.employer, data=SLOTS | {"answer-1": "yes"})
        words = await page_words(browser, sent.employer)
        assert "Aisha" in words
        assert "07700" not in words
        await browser.post(sent.learner(), data={"answer": "yes"})
        words = await page_words(browser, sent.employer)
        assert "07700 900000" in words
        assert learner_address(sent.event.matches[0].learner_id) in words
        assert "Testington" not in words
        await browser.post(sent.learner(), data={"answer": "no"})
        words = await page_words(browser, sent.employer)
        assert "Aisha" not in words
        assert "07700" not in words


async def test_a_place_given_away_cannot_be_taken_back(scene: Scene) -> None:
    """One interview pledged: a no frees it, the next learner is sent, the first says yes."""
    first = shortlist(match(1))
    vacancy = first.vacancy.model_copy(update={"interviews": 1})
    first = first.model_copy(update={"vacancy": vacancy})
    await scene.know(first)
    await scene.hear(first)
    await scene.send_all()
    sent = Sent(scene, first)
    async with scene.browser() as browser:
        await browser.post(sent.learner(), data={"answer": "no"})
        await browser.post(sent.learner(), data={"answer": "yes"})
        assert kinds(await scene.posted())[-1] == "LearnerAccepted", "the place was still free"
        await browser.post(sent.learner(), data={"answer": "no"})
        second = shortlist(
            match(1), vacancy_id=first.vacancy_id, vacancy=vacancy,
            occurred_at=MONDAY + timedelta(days=1),
        )  # fmt: skip
        await scene.know(second)
        await scene.hear(second)
        page = await browser.post(sent.learner(), data={"answer": "yes"})
    assert page.status_code == 422
    assert "gone to somebody else" in page.text
    assert kinds(await scene.posted())[-1] == "LearnerDeclined"


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
