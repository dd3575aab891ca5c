"""Names stay in contacts: nowhere else, in no table of intake, event, log, report or answer."""

import json

import pytest
from sqlalchemy import text

from services.delivery.database import Sessions
from services.intake.ingest import ingest
from tests.intake import look
from tests.intake.calling import LEARNER, app_on, client_of
from tests.intake.make import PLEDGE, AimXml, LearnerXml, advert, adverts, desks, done, ilr, source

MARKERS = (
    *("Zebedee", "Markerson", "zebedee", "markerson", "07700900999", "Marker Street"),
    *("Quentin", "Markerman", "QQ123456C", "B99", "1061485810", "Anvil Way", "1AA"),
)
DROPPED = ("Ethnicity", "NINumber", "LLDD", "QQ123456C")


def found(said: str) -> list[str]:
    return [marker for marker in (*MARKERS, *DROPPED) if marker in said]


async def test_names_are_in_no_event_table_report_answer_or_log(
    sessions: Sessions, intake_database: str, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    people = [
        LearnerXml(aims=[done()], uln="1061485810"),
        LearnerXml(ref="B", uln="1061485810"),
        LearnerXml(ref="C", born="Markerson"),
        LearnerXml(ref="D", aims=[AimXml(start="x")]),
    ]
    files = [
        source(ilr(*people)),
        source(adverts(advert(pledge=PLEDGE), advert(startDate="Zebedee"))),
    ]
    report = await ingest(sessions, desks(), files)
    assert report.counts["accepted"] == 3
    async with client_of(app_on(intake_database)) as client:
        answers = [
            await client.post("/v1/learners", json=LEARNER),
            await client.post("/v1/learners", json=LEARNER | {"date_of_birth": "Markerson"}),
            await client.post("/v1/vacancies", json=advert(pledge=PLEDGE, positions="Zebedee")),
            await client.get("/v1/tasks"),
        ]
    dump = ""
    async with sessions() as session:
        for table in ("learner", "vacancy", "employer", "task", "provider_return", "inbox"):
            rows = await session.execute(text(f"select t::text from intake.{table} t"))
            dump += "".join(row[0] for row in rows)
    said = "".join(event.value().decode() for event in await look.posted(sessions))
    out, err = capfd.readouterr()
    for where in (dump, said, json.dumps(report.as_json()), out, err, caplog.text,
                  *(answer.text for answer in answers)):  # fmt: skip
        assert found(where) == []
    async with sessions() as session:
        kept = await session.scalar(text("select count(*) from contacts.person"))
    assert kept == 2
