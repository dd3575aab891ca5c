"""Vacancies: held or pledged, released once, closed and opened again."""

import json
from datetime import date
from typing import Any

import pytest

from schemas.vacancy import Asked, VacancyPledged, VacancyProfile, WageVerdict
from services.contacts.store import Reader, employers
from services.contacts.vault import Vault
from services.delivery.database import Sessions
from services.intake import taskstore
from services.intake.cells import Stamp
from services.intake.identities import employer_id, vacancy_id
from services.intake.ingest import ingest
from services.intake.judging import JOINT_DIFFERS
from services.intake.report import Report, Row
from services.intake.statements import VacancyStatement
from tests.intake import look, make
from tests.intake.make import PLEDGE, advert, adverts, desks, source

WHO = Reader(account="test", reason="test")
PLEDGES = "vacancy,interviews,interview_by,as_of\n1000001,3,2027-01-15,2026-11-01\n"
STANDING = "employer,interviews,days_after_closing,as_of\nmarker welding LTD,2,10,2026-11-01\n"


async def take(sessions: Sessions, *files: str, **settings: Any) -> Report:
    sources = [source(content, f"file{n}.json") for n, content in enumerate(files)]
    return await ingest(sessions, desks(**settings), sources)


async def only(sessions: Sessions, **fields: Any) -> Row:
    (row,) = (await take(sessions, adverts(advert(**fields)))).rows
    return row


async def profile(sessions: Sessions) -> VacancyProfile:
    (known,) = (await look.effective(sessions)).values()
    return VacancyProfile.model_validate(known["profile"]["vacancy"])


async def test_an_advert_with_its_pledge_is_pledged(sessions: Sessions) -> None:
    row = await only(sessions, pledge=PLEDGE)
    assert (row.verdict, row.words) == ("accepted", "VacancyPledged")
    found = await profile(sessions)
    assert found.interviews == 3
    assert (found.route, found.level, found.standard) == (9, 2, "ST0349")
    assert (found.outcode, found.mode, found.hours_per_week) == ("B1", "onsite", 37.5)
    assert (found.wage.yearly_pence, found.wage.aged_21_up) == (2_500_000, WageVerdict.MEETS)
    assert (found.skills, found.skills_from_standard) == (
        ("attention-to-detail", "team-working"), False)  # fmt: skip
    assert found.employer_id == employer_id("MARKER welding ltd")
    assert (found.standard_from, found.standard_until) == (date(2024, 8, 1), None)


async def test_the_employers_contact_goes_to_contacts(sessions: Sessions) -> None:
    await only(sessions, pledge=PLEDGE)
    bare = advert(vacancyReference="2", employerContactName=None, employerContactEmail=None)
    await ingest(sessions, desks(), [source(adverts(bare), "later.json")])
    identity = employer_id("Marker Welding Ltd")
    async with sessions.begin() as session:
        found = await employers(session, Vault([make.KEY]), [identity], reader=WHO)
    # an advert without an address does not take one away
    assert found[identity].email == "quentin.markerman@example.org"
    assert found[identity].address == ("1 Anvil Way", "B1 1AA")


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1, 1)])
async def test_a_pledge_beside_the_advert_releases_it_once(
    sessions: Sessions, order: tuple[int, ...]
) -> None:
    files = [adverts(advert()), PLEDGES]
    for place in order:
        report = await take(sessions, files[place])
        if order[0] == 0 and place == 0:
            assert report.rows[0].rule in {"no-pledge", None}
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_wishes_and_adjustments_stand_beside_the_pledge(sessions: Sessions) -> None:
    """They are newer than the advert's text, and a wish whatever the advert calls it."""
    pledges = (
        "vacancy,interviews,interview_by,as_of,english,adjustments\n"
        "1000001,3,2027-01-15,2026-11-01,1,step-free-access;flexible-hours\n"
    )
    needs = [{"qualificationType": "GCSE", "subject": subject, "grade": "4", "weighting": "Desired"}
             for subject in ("English", "Maths")]  # fmt: skip
    await take(sessions, adverts(advert(qualifications=needs)), pledges)
    found = await profile(sessions)
    assert (found.english, found.maths) == (Asked(level=1), Asked(level=2))
    assert found.adjustments == ("step-free-access", "flexible-hours")


@pytest.mark.parametrize("first", [0, 1])
async def test_a_standing_pledge_holds_for_every_advert_without_its_own(
    sessions: Sessions, first: int
) -> None:
    own = advert(vacancyReference="1000002", pledge=PLEDGE)
    other = advert(vacancyReference="1000003", employerName="Somebody Else Ltd")
    files = [adverts(advert(), own, other), STANDING]
    await take(sessions, files[first])
    await take(sessions, files[1 - first])
    pledged = [e for e in await look.posted(sessions) if isinstance(e, VacancyPledged)]
    told = {e.vacancy_id: (e.vacancy.interviews, str(e.vacancy.interview_by)) for e in pledged}
    assert told == {
        vacancy_id("dfe", "1000001"): (2, "2027-01-10"),
        vacancy_id("dfe", "1000002"): (3, "2027-01-15"),
    }


@pytest.mark.parametrize(
    ("fields", "rule", "words"),
    [
        ({"wage": {"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 15_000}},
         "wage-below", "15,600.00"),
        ({"wage": {"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 16_000}},
         "wage-legal-only", "16,000.00"),
        ({"wage": {"wageType": "ApprenticeshipMinimum"}}, "wage-legal-only", "apprentice"),
        ({"wage": {"wageType": "CompetitiveSalary"}}, "wage-cannot-tell", "competitive"),
        ({"startDate": "2027-05-01T00:00:00Z"}, "wage-cannot-tell", "2027-05-01"),
        ({"course": {"larsCode": 4711}}, "unknown-standard", "4711"),
        ({"course": {"larsCode": 0}}, "unknown-standard", "no standard"),
        ({"course": {"larsCode": 9103}}, "standard-not-open", "2024-07-31"),
        ({"course": {"larsCode": 9101, "type": "foundationApprenticeship"}},
         "foundation-apprenticeship", "16-21"),
        ({"closingDate": "2027-03-01T23:59:59Z"}, "starts-before-closing", "2027-03-01"),
        ({"description": "Applicants must be able-bodied."}, "discriminatory-words",
         "Applicants must be able-bodied."),
    ],
)  # fmt: skip
async def test_a_rule_holds_an_advert_and_is_quoted(
    sessions: Sessions, fields: dict[str, Any], rule: str, words: str
) -> None:
    row = await only(sessions, **fields, pledge=PLEDGE)
    assert (row.verdict, row.rule, row.also) == ("quarantined", rule, ())
    assert words in row.words
    assert row.wage is not None
    assert await look.names(sessions) == []


async def test_a_draft_tells_every_rule_and_the_wage(sessions: Sessions) -> None:
    row = await only(sessions, course={"larsCode": 4711}, wage={"wageType": "CompetitiveSalary"})
    assert row.rule == "no-pledge"
    assert [note.rule for note in row.also] == ["unknown-standard", "wage-cannot-tell"]
    assert row.wage is not None
    assert row.wage["aged_21_up"] == "cannot-tell"
    # a draft's wage is nobody's work yet
    assert await look.tasks(sessions) == []


async def test_a_correction_releases_what_a_wage_held(sessions: Sessions) -> None:
    low = {"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 15_000}
    assert (await only(sessions, wage=low, pledge=PLEDGE)).rule == "wage-below"
    at = make.NOON.replace(hour=13)
    better = source(adverts(advert(pledge=PLEDGE)), at=at)
    for expected in ("accepted", "unchanged"):
        report = await ingest(sessions, desks(), [better])
        assert report.rows[0].verdict == expected
    assert await look.names(sessions) == ["VacancyPledged"]


async def test_a_pledged_vacancy_that_breaks_a_rule_closes_and_opens_again(
    sessions: Sessions,
) -> None:
    low = advert(wage={"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 15_000})
    for hour, body in ((12, advert(pledge=PLEDGE)), (13, low), (14, advert())):
        at = make.NOON.replace(hour=hour)
        await ingest(sessions, desks(), [source(adverts(body), at=at)])
    assert await look.names(sessions) == ["VacancyPledged", "VacancyClosed", "VacancyPledged"]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_closed_advert_ends_closed_in_either_order(sessions: Sessions, first: int) -> None:
    bodies = [advert(pledge=PLEDGE), advert(status="Closed", closureReason="WithdrawnByQa")]
    for place in (first, 1 - first):
        at = make.NOON.replace(hour=12 + place)
        await ingest(sessions, desks(), [source(adverts(bodies[place]), at=at)])
    (known,) = (await look.effective(sessions)).values()
    assert known["ended"]["reason"] == "withdrawnbyqa"
    assert known["profile"]["vacancy"]["title"] == "Welding apprentice"


async def test_what_only_a_person_may_let_pass_is_a_task_until_they_do(
    sessions: Sessions,
) -> None:
    body = advert(description="Applicants must be able-bodied.", pledge=PLEDGE)
    await take(sessions, adverts(body))
    ((kind, words),) = await look.tasks(sessions)
    assert kind == "discriminatory-words"
    assert '"Applicants must be able-bodied."' in words
    await passed(sessions, kind, words)
    assert await look.names(sessions) == ["VacancyPledged"]
    assert await look.tasks(sessions) == []
    await take(sessions, adverts(body))
    assert await look.names(sessions) == ["VacancyPledged"]
    # other words need another look
    worse = body | {"description": "Young people only, able-bodied."}
    at = make.NOON.replace(hour=15)
    report = await ingest(sessions, desks(), [source(adverts(worse), at=at)])
    assert report.rows[0].rule == "discriminatory-words"
    assert len(await look.tasks(sessions)) == 1


async def passed(sessions: Sessions, kind: str, words: str) -> None:
    about = vacancy_id("dfe", "1000001")
    waiver = VacancyStatement(
        place="", vacancy_id=about, stamp=Stamp(make.NOON, "ana"), given={f"waived:{kind}": words}
    )
    async with sessions.begin() as session:
        key = taskstore.Need(kind, about, words).task_id
        assert await taskstore.close(session, key, "ana") is not None
        await desks().take(session, [waiver])


@pytest.mark.parametrize("rule", ["wage-legal-only", "foundation-apprenticeship"])
async def test_a_setting_lets_some_rules_pass_for_all(sessions: Sessions, rule: str) -> None:
    fields: dict[str, Any] = {
        "wage-legal-only": {"wage": {"wageType": "ApprenticeshipMinimum"}},
        "foundation-apprenticeship": {"course": {"larsCode": 9101}},
    }[rule]
    body = adverts(advert(**fields, pledge=PLEDGE))
    report = await take(sessions, body, intake_passes=rule)
    assert report.counts["accepted"] == 1
    found = await profile(sessions)
    assert found.foundation is (rule == "foundation-apprenticeship")


async def test_a_wage_that_meets_one_band_is_left_to_the_learners_age(sessions: Sessions) -> None:
    wage = {"wageType": "Custom", "wageUnit": "Annually", "wageAmount": 22_000}
    row = await only(sessions, wage=wage, pledge=PLEDGE)
    assert row.verdict == "accepted"
    found = await profile(sessions)
    assert (found.wage.aged_18_to_20, found.wage.aged_21_up) == (
        WageVerdict.MEETS, WageVerdict.LEGAL_ONLY,
    )  # fmt: skip


async def test_a_bad_advert_does_not_harm_the_next(sessions: Sessions) -> None:
    bodies = [advert(pledge=PLEDGE), {"title": "x"}, advert(startDate="soon"),
              advert(vacancyReference="7", pledge={"interviews": 0}),
              advert(vacancyReference="8", pledge=PLEDGE)]  # fmt: skip
    report = await take(sessions, json.dumps({"vacancies": bodies}))
    assert [row.verdict for row in report.rows] == [
        "accepted", "refused", "refused", "refused", "accepted",
    ]  # fmt: skip
    assert "/startDate is not a date" in report.rows[2].words
    assert [row.place for row in report.rows] == [f"file0.json /vacancies/{n}" for n in range(5)]


async def test_national_adverts_have_no_distance_and_needs_are_keys(sessions: Sessions) -> None:
    needs = [{"qualificationType": "Other", "otherQualificationName": "Full UK driving licence",
              "weighting": "Essential"},
             {"qualificationType": "GCSE", "subject": "Maths", "grade": "4",
              "weighting": "Essential"}]  # fmt: skip
    await only(
        sessions, isNationalVacancy=True, addresses=[], qualifications=needs,
        skills=["Physical fitness", "Customer service skills"], pledge=PLEDGE,
    )  # fmt: skip
    found = await profile(sessions)
    assert (found.mode, found.outcode) == ("national", None)
    assert found.essential == ("driving-licence",)
    assert found.wanted == ("GCSE Maths, grade 4 (essential to the employer)", "Physical fitness")
    assert (found.english, found.maths) == (None, Asked(level=2, essential=True))
    assert "customer-care" in found.skills
    assert not any("fitness" in skill for skill in found.skills)


JOINT = "vacancy,interviews,interview_by,as_of,joint_pledge\n"


async def test_members_of_a_joint_pledge_that_disagree_become_tasks(sessions: Sessions) -> None:
    """In whichever order they come; the tasks go when the members agree, or one has left."""
    both = adverts(advert(), advert(vacancyReference="1000002"))
    ten = JOINT + "1000001,10,2027-01-15,2026-11-01,hub\n"
    four = JOINT + "1000002,4,2027-01-15,2026-11-01,hub\n"
    for files in ((both, ten, four), (four, ten, both)):
        await look.empty(sessions)
        await take(sessions, *files)
        assert await look.names(sessions) == ["VacancyPledged", "VacancyPledged"]
        words = [words for kind, words in await look.tasks(sessions) if kind == JOINT_DIFFERS]
        assert len(words) == 2
        assert "state 4, 10 interviews" in words[0]
    for later in ("4,2027-01-15,2026-11-02,hub", "9,2027-01-15,2026-11-03,"):
        await take(sessions, JOINT + f"1000001,{later}\n")
        assert await look.tasks(sessions) == []
    await take(sessions, JOINT + "1000001,9,2027-01-15,2026-11-04,hub\n")
    assert len(await look.tasks(sessions)) == 2
