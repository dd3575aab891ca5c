"""Learners from returns and tables: facts, names, tasks."""

from datetime import date
from uuid import UUID

import pytest

from schemas.learner import CourseCompleted, LearnerProfile
from services.contacts.store import Reader, people
from services.contacts.vault import Vault
from services.delivery.database import Sessions
from services.intake.bodies import ErasureBody
from services.intake.identities import learner_id
from services.intake.ingest import ingest
from services.intake.report import Report, Row
from services.intake.told import of_erasure
from tests.intake import look, make
from tests.intake.make import AimXml, LearnerXml, desks, done, ilr, source

WHO = Reader(account="test", reason="test")


async def take(sessions: Sessions, *files: bytes | str, today: date = make.TODAY) -> Report:
    return await ingest(sessions, desks(today), [source(content) for content in files])


async def only(sessions: Sessions, *files: bytes | str) -> Row:
    (row,) = (await take(sessions, *files)).rows
    return row


async def profile(sessions: Sessions) -> LearnerProfile:
    (known,) = (await look.effective(sessions)).values()
    return LearnerProfile.model_validate(known["profile"]["learner"])


async def test_a_life_on_the_scheme(sessions: Sessions) -> None:
    """Each return says the next thing; each is one fact more."""
    told: list[str] = []
    for prepared, aim in (
        ("2026-06-02", AimXml()),
        ("2026-07-02", AimXml(status=6, end="2026-07-01")),
        ("2026-08-02", AimXml()),
        ("2026-11-02", done()),
        ("2026-11-03", AimXml()),
        ("2026-11-04", AimXml(status=3, end="2026-11-03", outcome=3)),
        ("2026-11-05", AimXml()),
        ("2026-11-18", done()),
    ):
        row = await only(sessions, ilr(LearnerXml(aims=[aim]), prepared=prepared))
        told.append(row.words)
    assert told == [
        "LearnerEnrolled", "LearnerPaused", "LearnerResumed", "CourseCompleted",
        "CompletionRevoked", "LearnerWithdrawn", "LearnerEnrolled", "CourseCompleted",
    ]  # fmt: skip
    assert await look.names(sessions) == told
    times = [event.occurred_at for event in await look.posted(sessions)]
    assert times == sorted(set(times))


async def test_the_profile_holds_what_matching_needs_and_nothing_else(sessions: Sessions) -> None:
    await take(sessions, ilr(LearnerXml(aims=[done()])))
    found = await profile(sessions)
    assert found == LearnerProfile(
        programme="p2a",
        ukprn=make.UKPRN,
        date_of_birth=date(2001, 5, 5),
        course={"course_id": found.course.course_id, "started_on": date(2026, 6, 1), "route": 9,
                "level": 2},
        outcode="B1",
        outcode_proves_home=True,
        prior_level=2,
        skills=("engineering-drawings", "fabrication", "hand-tools", "welding", "workshop-safety"),
    )  # fmt: skip
    (completed,) = [e for e in await look.posted(sessions) if isinstance(e, CourseCompleted)]
    assert (completed.completed_on, completed.outcome) == (date(2026, 11, 1), 1)


async def test_names_go_to_contacts_and_stay_as_the_newest_return_had_them(
    sessions: Sessions,
) -> None:
    restricted = "<ContactPreference><ContPrefType>RUI</ContPrefType></ContactPreference>"
    newer = ilr(LearnerXml(family="Renamed", extra=restricted), prepared="2026-11-19")
    await take(sessions, newer, ilr(LearnerXml(), prepared="2026-11-18"))
    identity = learner_id(make.UKPRN, "L0001")
    async with sessions.begin() as session:
        found = await people(session, Vault([make.KEY]), [identity], reader=WHO)
    person = found[identity]
    assert (person.given_name, person.family_name) == ("Zebedee", "Renamed")
    assert (person.postcode, person.reference, person.contact_restricted) == (
        "B1 1AA", "L0001", True,
    )  # fmt: skip
    assert person.address == ("1 Marker Street",)


async def test_the_same_return_again_changes_nothing(sessions: Sessions) -> None:
    content = ilr(LearnerXml(aims=[done()]), LearnerXml(ref="L2"))
    await take(sessions, content)
    before, sent = await look.held(sessions), await look.names(sessions)
    again = await take(sessions, content)
    assert again.counts["unchanged"] == len(again.rows) == 2
    assert (await look.held(sessions), await look.names(sessions)) == (before, sent)


async def test_an_older_return_changes_nothing(sessions: Sessions) -> None:
    await take(sessions, ilr(LearnerXml(aims=[done()]), prepared="2026-11-18"))
    before = await look.held(sessions)
    row = await only(sessions, ilr(LearnerXml(), prepared="2026-11-17"))
    assert (row.verdict, row.rule) == ("unchanged", "older")
    assert await look.held(sessions) == before


async def test_preparation_date_then_time_then_serial_order_returns(sessions: Sessions) -> None:
    """A later DateTime does not beat a later FilePreparationDate."""
    last = ilr(LearnerXml(aims=[done()]), prepared="2026-11-18", moment="2026-01-01T00:00:00")
    for older in (
        ilr(LearnerXml(), prepared="2026-11-17", moment="2026-11-19T10:00:00"),
        ilr(LearnerXml(), prepared="2026-11-18", moment="2026-01-01T00:00:00", serial="00"),
    ):
        await look.empty(sessions)
        await take(sessions, last, older)
        assert (await look.names(sessions))[-1] == "CourseCompleted"


async def test_two_returns_of_the_same_moment_end_alike_and_say_so(sessions: Sessions) -> None:
    one, other = ilr(LearnerXml(aims=[done()])), ilr(LearnerXml())
    ends = []
    for first, second in ((one, other), (other, one)):
        await look.empty(sessions)
        report = await take(sessions, first, second)
        ends.append(await look.held(sessions))
        assert report.rows[1].rule in {None, "same-time"}
    assert ends[0]["learner"] == ends[1]["learner"]


async def test_an_end_recorded_ahead_is_announced_when_its_day_comes(sessions: Sessions) -> None:
    await take(sessions, ilr(LearnerXml(aims=[done()])), today=date(2026, 10, 31))
    assert await look.names(sessions) == ["LearnerEnrolled"]
    for day, count in ((31, 0), (1, 1), (2, 0)):
        today = date(2026, 10 if day == 31 else 11, day)
        async with sessions.begin() as session:
            assert await desks(today).learners.reach_due(session) == count
    assert await look.names(sessions) == ["LearnerEnrolled", "CourseCompleted"]


EXTRAS = (
    "ukprn,reference,as_of,skills,interests,holds,max_miles,shares_with_cluster\n"
    "10099001,L0001,2026-11-10,Team working;Nonsense,9;7,driving-licence,12.5,yes\n"
)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_table_adds_to_the_return_in_either_order(
    sessions: Sessions, order: tuple[int, int]
) -> None:
    files = [ilr(LearnerXml()), EXTRAS]
    report = await take(sessions, *(files[place] for place in order))
    assert report.counts["accepted"] == 2
    found = await profile(sessions)
    assert "team-working" in found.skills
    assert "welding" in found.skills
    assert (found.interests, found.holds) == ((9, 7), ("driving-licence",))
    assert (found.max_miles, found.shares_with_cluster) == (12.5, True)
    assert any(note.rule == "unknown-skill" for row in report.rows for note in row.notes)


async def test_a_field_left_empty_says_nothing(sessions: Sessions) -> None:
    later = "ukprn,reference,as_of,skills,max_miles\n10099001,L0001,2026-11-19,,30\n"
    await take(sessions, ilr(LearnerXml()), EXTRAS, later)
    found = await profile(sessions)
    assert found.max_miles == 30
    assert "team-working" in found.skills


async def test_equal_ulns_propose_a_merge_and_only_propose(sessions: Sessions) -> None:
    twins = [LearnerXml(ref=ref, uln="1061485810") for ref in ("A", "B")]
    other = LearnerXml(ref="C", uln="9999999999")
    report = await take(sessions, ilr(*twins, other, LearnerXml(ref="D", uln="9999999999")))
    assert report.counts["accepted"] == 4
    assert [kind for kind, _ in await look.tasks(sessions)] == ["same-person"]
    twins[1].uln = "1061484016"
    await take(sessions, ilr(*twins, prepared="2026-11-19"))
    assert "same-person" not in [kind for kind, _ in await look.tasks(sessions)]


async def test_a_new_reference_for_a_known_learner_proposes_a_merge(sessions: Sessions) -> None:
    moved = LearnerXml(ref="NEW", extra="<PrevLearnRefNumber>L0001</PrevLearnRefNumber>")
    for files in ((ilr(LearnerXml()), ilr(moved, prepared="2026-11-19")),
                  (ilr(moved, prepared="2026-11-19"), ilr(LearnerXml()))):  # fmt: skip
        await look.empty(sessions)
        await take(sessions, *files)
        assert "same-person" in [kind for kind, _ in await look.tasks(sessions)]


async def test_a_learner_missing_from_a_later_return_is_a_task_and_no_event(
    sessions: Sessions,
) -> None:
    both, one = [LearnerXml(ref="A"), LearnerXml(ref="B")], [LearnerXml(ref="A")]
    returns = [ilr(*both, prepared="2026-11-01"), ilr(*one, prepared="2026-11-02")]
    for files in (returns, returns[::-1]):
        await look.empty(sessions)
        await take(sessions, *files)
        assert [kind for kind, _ in await look.tasks(sessions)] == ["missing-from-return"]
        assert sorted(await look.names(sessions)) == ["LearnerEnrolled", "LearnerEnrolled"]
    await take(sessions, ilr(*both, prepared="2026-11-03"))
    assert await look.tasks(sessions) == []
    await take(sessions, ilr(prepared="2026-11-04"))
    assert len(await look.tasks(sessions)) == 2


async def test_the_forgotten_stay_forgotten(sessions: Sessions) -> None:
    await take(sessions, ilr(LearnerXml(aims=[done()])))
    wish = ErasureBody(ukprn=make.UKPRN, reference="L0001", as_of=make.NOON)
    for expected in ("accepted", "unchanged"):
        async with sessions.begin() as session:
            (row,) = await desks().take(session, [of_erasure(wish, place="")])
        assert row.verdict == expected
    assert await look.names(sessions) == ["LearnerErased"]
    row = await only(sessions, ilr(LearnerXml(), prepared="2026-12-24"))
    assert (row.verdict, row.rule) == ("ignored", "erased")
    identity: UUID = learner_id(make.UKPRN, "L0001")
    async with sessions.begin() as session:
        assert await people(session, Vault([make.KEY]), [identity], reader=WHO) == {}
    assert "2001-05-05" not in str(await look.held(sessions))


async def test_a_bad_learner_does_not_harm_the_next(sessions: Sessions) -> None:
    report = await take(
        sessions,
        ilr(
            LearnerXml(ref="A"),
            LearnerXml(ref="B", born=None),
            LearnerXml(ref="C", aims=[AimXml(start="soon")]),
            LearnerXml(ref="D", aims=[AimXml(status=4)]),
            LearnerXml(ref="E"),
        ),
    )
    assert [row.verdict for row in report.rows] == [
        "accepted", "refused", "refused", "refused", "accepted",
    ]  # fmt: skip
    places = [row.place.partition(" ")[2] for row in report.rows]
    assert places[1:4] == [
        "/Message/Learner[2]/DateOfBirth",
        "/Message/Learner[3]/LearningDelivery[1]/LearnStartDate",
        "/Message/Learner[4]/LearningDelivery[1]/CompStatus",
    ]
    assert len(await look.names(sessions)) == 2


async def test_a_dry_run_reports_the_same_and_keeps_nothing(sessions: Sessions) -> None:
    content = ilr(LearnerXml(aims=[done()]), LearnerXml(ref="B", born=None))
    tried = await ingest(sessions, desks(), [source(content)], dry_run=True)
    assert not any((await look.held(sessions)).values())
    assert await look.posted(sessions) == []
    real = await ingest(sessions, desks(), [source(content)])
    assert [row.as_json() for row in tried.rows] == [row.as_json() for row in real.rows]
