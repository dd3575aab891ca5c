"""A word that somebody maps moves, through intake and the matcher, exactly those who say it."""

from datetime import UTC, datetime

from schemas.match import ShortlistProposed
from services.delivery.database import open_database
from services.intake.identities import learner_id
from services.intake.ingest import ingest
from services.intake.rereading import reread_all
from services.intake.rulings import rule
from tests.intake import look, make
from tests.intake.make import PLEDGE, LearnerXml, advert, adverts, desks, done, ilr, source
from tests.matcher.scene import Scene

# where nothing else tells two learners apart, the lower id comes first
FIRST, SECOND = sorted(("A", "B"), key=lambda reference: learner_id(make.UKPRN, reference))


async def test_who_says_a_word_is_matched_anew_once_it_is_mapped(database: str) -> None:
    """Before: two alike. After: the second says what the advert asks for, and comes first."""
    taken, matched = (open_database(database, schema=name) for name in ("intake", "matcher"))
    scene = Scene(sessions=matched, now=datetime(2026, 11, 21, 9, tzinfo=UTC))
    people = [LearnerXml(ref=reference, aims=[done()]) for reference in (FIRST, SECOND)]
    said = f"ukprn,reference,as_of,skills\n{make.UKPRN},{SECOND},2026-11-19,Stick work\n"
    posted = adverts(advert(skills=["stick work", "Welding"], pledge=PLEDGE))
    used = desks()
    files = [source(ilr(*people)), source(said, "s.csv"), source(posted, "a.json")]
    try:
        await ingest(taken, used, files)
        told = await look.posted(taken)
        await scene.tell(*told)
        await scene.round()
        assert await shortlist(scene) == [(FIRST, ("welding",)), (SECOND, ("welding",))]
        async with taken.begin() as session:
            await rule(session, "stick work", label="Stick work", account="coordinator")
        assert await reread_all(taken, used) == {"learners": 1, "vacancies": 1}
        await scene.tell(*(await look.posted(taken))[len(told) :])
        await scene.round()
        assert await shortlist(scene) == [
            (SECOND, ("stick-work", "welding")), (FIRST, ("welding",)),
        ]  # fmt: skip
    finally:
        for sessions in (taken, matched):
            await sessions.kw["bind"].dispose()


async def shortlist(scene: Scene) -> list[tuple[str, tuple[str, ...]]]:
    """The learners of the newest shortlist in order, with the skills each shows."""
    named = {learner_id(make.UKPRN, reference): reference for reference in (FIRST, SECOND)}
    *_, last = [event for event in await scene.said() if isinstance(event, ShortlistProposed)]
    return [(named[match.learner_id], match.met_skills) for match in last.matches]
