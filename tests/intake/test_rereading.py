"""New skills over what intake holds: whose keys change is told once, and nobody else is."""

import asyncio
import json
from typing import Any

import pytest

from schemas.learner import LearnerChanged
from schemas.vacancy import VacancyChanged, VacancyPledged
from services.delivery.database import Sessions
from services.intake import lexicon, skillstore, wordstore
from services.intake.acceptance import Desks
from services.intake.bodies import ErasureBody
from services.intake.identities import learner_id, vacancy_id
from services.intake.ingest import ingest
from services.intake.rereading import Rereading, reread_all, reread_within
from services.intake.rulings import AlreadyKnown, NotPlain, UnknownSkill, rule
from services.intake.told import of_erasure
from tests.intake import look, make
from tests.intake.make import PLEDGE, LearnerXml, advert, adverts, desks, done, ilr, source

SAID = (
    "ukprn,reference,as_of,skills\n"
    f"{make.UKPRN},A,2026-11-19,Stick work;Team working\n"
    f"{make.UKPRN},B,2026-11-19,Team working\n"
    f"{make.UKPRN},C,2026-11-19,stick-work\n"
)
OURS = {learner_id(make.UKPRN, reference): reference for reference in "ABCD"}


async def cohort(sessions: Sessions, used: Desks) -> None:
    """Four learners and three vacancies; A, C and the first vacancy say stick work."""
    people = [LearnerXml(ref=reference, aims=[done()]) for reference in OURS.values()]
    posted = [
        advert(vacancyReference=str(number), skills=skills, pledge=PLEDGE)
        for number, skills in enumerate((["Stick work", "Patience"], ["Patience"], []), start=1)
    ]
    files = [source(ilr(*people)), source(SAID, "said.csv"), source(adverts(*posted), "a.json")]
    await ingest(sessions, used, files)


async def waiting(sessions: Sessions) -> dict[str, tuple[str, int, dict[str, int]]]:
    async with sessions() as session:
        found = await wordstore.waiting(session)
    return {word.word: (word.written, word.times, dict(word.sources)) for word in found}


async def ruled(sessions: Sessions, word: str, **said: Any) -> None:
    async with sessions.begin() as session:
        await rule(session, word, account="test", **said)


async def news(sessions: Sessions, before: int) -> list[tuple[str, str]]:
    """Type and subject of what was posted after the first *before* events, sorted."""
    named = OURS | {vacancy_id("dfe", str(n)): f"vacancy {n}" for n in (1, 2, 3)}
    events = (await look.posted(sessions))[before:]
    return sorted(
        (type(e).__name__, named[key]) for e in events for key in named if str(key) == e.key
    )


async def test_an_unknown_word_is_shown_counted_and_waits(sessions: Sessions) -> None:
    used = desks()
    await cohort(sessions, used)
    await cohort(sessions, used)  # the same again is not said twice
    assert await waiting(sessions) == {"stick work": ("Stick work", 3, {"advert": 1, "learner": 2})}
    pledged = {
        e.key: e.vacancy for e in await look.posted(sessions) if isinstance(e, VacancyPledged)
    }
    first = pledged[str(vacancy_id("dfe", "1"))]
    assert (first.skills, first.wanted) == (("patience",), ("Stick work",))


async def test_a_vacancy_that_lists_nothing_known_asks_for_what_its_standard_does(
    sessions: Sessions,
) -> None:
    await cohort(sessions, desks())
    pledged = {
        e.key: e.vacancy for e in await look.posted(sessions) if isinstance(e, VacancyPledged)
    }
    told = [pledged[str(vacancy_id("dfe", number))] for number in ("2", "3")]
    assert [(v.skills_from_standard, "welding" in v.skills) for v in told] == [
        (False, False), (True, True),
    ]  # fmt: skip


async def test_a_mapped_word_is_told_of_those_who_say_it_once_and_of_nobody_else(
    sessions: Sessions,
) -> None:
    used = desks()
    await cohort(sessions, used)
    before = len(await look.posted(sessions))
    await ruled(sessions, "Stick-work", skill="welding")
    # D's course teaches welding already, and so do A's and C's: only the vacancy changes
    assert await reread_all(sessions, used) == {"learners": 0, "vacancies": 1}
    await ruled(sessions, "stick work", skill="leadership")
    assert await reread_all(sessions, used) == {"learners": 2, "vacancies": 1}
    assert await news(sessions, before) == [
        ("LearnerChanged", "A"), ("LearnerChanged", "C"),
        ("VacancyChanged", "vacancy 1"), ("VacancyChanged", "vacancy 1"),
    ]  # fmt: skip
    assert await reread_all(sessions, used) == {"learners": 0, "vacancies": 0}
    assert await waiting(sessions) == {}
    last = [e for e in (await look.posted(sessions))[before:] if isinstance(e, LearnerChanged)]
    assert all("leadership" in event.learner.skills for event in last)
    (_, changed) = [e for e in await look.posted(sessions) if isinstance(e, VacancyChanged)]
    assert (changed.vacancy.skills, changed.vacancy.wanted) == (("leadership", "patience"), ())


async def test_an_import_is_told_of_exactly_those_it_touches(sessions: Sessions) -> None:
    used = desks()
    await cohort(sessions, used)
    before = len(await look.posted(sessions))
    body = json.dumps({"skills": {"stick-work": ["Stick work"]}}).encode()
    async with sessions.begin() as session:
        taken, current = await lexicon.import_file(session, "ours.json", body, account="test")
    assert (taken.refused, current.number > 1) == ((), True)
    assert await reread_all(sessions, used) == {"learners": 2, "vacancies": 1}
    assert await news(sessions, before) == [
        ("LearnerChanged", "A"), ("LearnerChanged", "C"), ("VacancyChanged", "vacancy 1"),
    ]  # fmt: skip
    async with sessions.begin() as session:  # the same file again is no version
        _, again = await lexicon.import_file(session, "ours.json", body, account="test")
    assert again.number == current.number


async def test_a_trial_tells_who_would_change_and_keeps_nothing(sessions: Sessions) -> None:
    used = desks()
    await cohort(sessions, used)
    held = await look.held(sessions), await look.names(sessions)
    body = json.dumps({"skills": {"stick-work": ["Stick work"]}}).encode()
    async with sessions() as session, session.begin() as transaction:
        await lexicon.import_file(session, "ours.json", body, account="test")
        assert await reread_within(session, used) == {"learners": 2, "vacancies": 1}
        await transaction.rollback()
    assert (await look.held(sessions), await look.names(sessions)) == held
    assert (await reread_all(sessions, used)) == {"learners": 0, "vacancies": 0}


async def test_two_replicas_and_what_arrives_meanwhile_tell_each_change_once(
    sessions: Sessions,
) -> None:
    """One replica knows the old skills still, another reads anew, files come in between."""
    old, new = desks(), desks()
    await cohort(sessions, old)
    before = len(await look.posted(sessions))
    await ruled(sessions, "stick work", skill="leadership")
    one, other = (Rereading(sessions=sessions, desks=used) for used in (old, new))
    await asyncio.gather(one.step(), other.step(), cohort(sessions, old), one.step())
    while await one.step():
        pass
    assert await one.waiting() == 0
    assert await news(sessions, before) == [
        ("LearnerChanged", "A"), ("LearnerChanged", "C"), ("VacancyChanged", "vacancy 1"),
    ]  # fmt: skip


async def test_a_statement_taken_after_a_ruling_is_read_with_it(sessions: Sessions) -> None:
    """A replica that read the older version last asks the database, not its memory."""
    used = desks()
    await cohort(sessions, used)
    await ruled(sessions, "stick work", skill="leadership")
    late = SAID.replace("2026-11-19", "2026-11-20").replace("Team working\n", "Patience\n")
    report = await ingest(sessions, used, [source(late, "late.csv")])
    assert not [note for row in report.rows for note in row.notes]
    changed = [e for e in await look.posted(sessions) if isinstance(e, LearnerChanged)]
    assert "leadership" in {e.key: e.learner.skills for e in changed}[
        str(learner_id(make.UKPRN, "A"))
    ]  # fmt: skip


async def test_an_ignored_word_waits_no_more_and_is_still_shown(sessions: Sessions) -> None:
    used = desks()
    await cohort(sessions, used)
    before = len(await look.posted(sessions))
    await ruled(sessions, "stick work")
    await reread_all(sessions, used)
    assert await waiting(sessions) == {}
    assert await news(sessions, before) == []
    (first,) = [e for e in await look.posted(sessions)
                if e.key == str(vacancy_id("dfe", "1"))]  # fmt: skip
    assert isinstance(first, VacancyPledged)
    assert first.vacancy.wanted == ("Stick work",)


@pytest.mark.parametrize(
    ("word", "said", "error"),
    [
        ("stick work", {"skill": "flying"}, UnknownSkill),
        ("Patience", {"skill": "welding"}, AlreadyKnown),
        ("stick work", {"label": "Patience"}, AlreadyKnown),
        ("stick work", {"label": "0121 496 0123"}, NotPlain),
        ("zebedee@example.org", {}, NotPlain),
    ],
)
async def test_a_ruling_that_makes_no_sense_is_refused_and_makes_no_version(
    sessions: Sessions, word: str, said: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await ruled(sessions, word, **said)
    async with sessions() as session:
        assert len(await skillstore.versions(session, 9)) == 0


async def test_what_ships_in_a_higher_edition_is_taken_in_once_and_rulings_stay(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = desks()
    await cohort(sessions, used)
    await ruled(sessions, "stick work", skill="leadership")
    await reread_all(sessions, used)
    shipped = lexicon.packaged().model_copy(update={"edition": 2, "standards": ()})
    monkeypatch.setattr(lexicon, "packaged", lambda: shipped)
    for _ in range(2):
        await Rereading(sessions=sessions, desks=desks()).step()
    async with sessions() as session:
        (newest, *_) = found = await skillstore.versions(session, 9)
    assert [row.version.split("-")[1] for row in found] == ["2", "1", "1"]
    assert newest.why == "edition 2 of the packaged skills"
    assert await waiting(sessions) == {}


async def test_an_erased_learner_leaves_the_queue(sessions: Sessions) -> None:
    used = desks()
    await cohort(sessions, used)
    body = ErasureBody(ukprn=make.UKPRN, reference="A", as_of=make.NOON)
    async with sessions.begin() as session:
        await used.take(session, [of_erasure(body, place="")])
    assert await waiting(sessions) == {"stick work": ("Stick work", 2, {"advert": 1, "learner": 1})}


async def test_texts_that_may_say_something_of_a_person_are_kept_nowhere(
    sessions: Sessions,
) -> None:
    text = "ring Zebedee 0121 496 0123"
    said = f"ukprn,reference,as_of,skills\n{make.UKPRN},A,2026-11-19,{text};Patience\n"
    posted = advert(skills=[text, "Patience"], pledge=PLEDGE)
    files = [
        source(ilr(LearnerXml(ref="A"))),
        source(said, "s.csv"),
        source(adverts(posted), "a.json"),
    ]
    report = await ingest(sessions, desks(), files)
    assert [n.rule for row in report.rows for n in row.notes] == ["skill-text", "skill-text"]
    everything = str(await look.held(sessions)) + str(await look.posted(sessions))
    assert "patience" in everything
    assert "0121" not in everything
    assert await waiting(sessions) == {}
