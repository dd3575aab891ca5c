"""What learners told their tutors for matching: levels, choices, adjustments."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from schemas.learner import Attainment, Course, LearnerProfile
from services.delivery.database import Sessions
from services.intake.facts import Times
from services.intake.identities import employer_id
from services.intake.ingest import ingest
from services.intake.learners import LearnerView, facts
from services.intake.report import Report
from services.intake.tables import LearnerRow
from tests.intake import look
from tests.intake.make import LearnerXml, desks, ilr, source


async def take(sessions: Sessions, *files: bytes | str) -> Report:
    sources = [source(content, f"file{n}") for n, content in enumerate(files)]
    return await ingest(sessions, desks(), sources)


async def profile(sessions: Sessions) -> LearnerProfile:
    (known,) = (await look.effective(sessions)).values()
    return LearnerProfile.model_validate(known["profile"]["learner"])


WISHES = (
    "ukprn,reference,as_of,english,english_towards,english_due,maths,unwanted_employers,"
    "unwanted_routes,adjustments,shares_adjustments\n"
    "10099001,L0001,2026-11-19,1,2,2027-01-15,2,Acme Ltd;ACME  ltd;k7,4,bsl-interpreter;"
    "step-free-access,{}\n"
)


async def test_what_a_learner_works_towards_and_does_not_want_arrives(sessions: Sessions) -> None:
    await take(sessions, ilr(LearnerXml()), WISHES.format("yes"))
    found = await profile(sessions)
    assert found.english == Attainment(held=1, towards=2, due=date(2027, 1, 15))
    assert found.maths == Attainment(held=2)
    assert set(found.unwanted_employers) == {employer_id("acme ltd"), employer_id("k7")}
    assert found.unwanted_routes == (4,)
    assert found.adjustments == ("bsl-interpreter", "step-free-access")


@pytest.mark.parametrize("says", ["", "no"])
async def test_adjustments_are_kept_only_where_the_learner_shares_them(
    sessions: Sessions, says: str
) -> None:
    """Not beside the others, not for later: who does not share them has told nobody."""
    report = await take(sessions, ilr(LearnerXml()), WISHES.format(says))
    assert (await profile(sessions)).adjustments == ()
    assert "adjustments-not-shared" in {note.rule for row in report.rows for note in row.notes}
    async with sessions() as session:
        kept = await session.scalars(select(LearnerRow.cells))
        assert "step-free" not in str([*kept])


async def test_a_learner_may_stop_sharing_adjustments(sessions: Sessions) -> None:
    later = "ukprn,reference,as_of,shares_adjustments\n10099001,L0001,2026-11-20,no\n"
    await take(sessions, ilr(LearnerXml()), WISHES.format("yes"))
    await take(sessions, later)
    assert (await profile(sessions)).adjustments == ()


async def test_a_level_worked_towards_needs_its_day(sessions: Sessions) -> None:
    bad = "ukprn,reference,as_of,maths_towards\n10099001,L0001,2026-11-19,2\n"
    (row,) = (await take(sessions, bad)).rows
    assert row.verdict == "refused"
    assert "maths_towards and maths_due go together" in row.words


def test_a_profile_kept_before_a_field_came_is_no_news() -> None:
    """After an update nobody is told again of everybody."""
    course = Course(course_id=uuid4(), started_on=date(2026, 6, 1))
    whole = LearnerProfile(
        programme="p2a", ukprn="10099001", date_of_birth=date(2001, 5, 5), course=course
    )
    after = LearnerView(profile=whole.model_dump(mode="json"))
    gained = {"english", "maths", "unwanted_employers", "unwanted_routes", "adjustments"}
    kept = {"profile": whole.model_dump(mode="json", exclude=gained)}
    times = Times(datetime(2026, 11, 20, tzinfo=UTC), None)
    assert facts(uuid4(), LearnerView.of(kept), after, times) == []
