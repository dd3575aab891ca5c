"""The mail sink: what it takes it shows, safely, and keeps over a crash."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from services.embedded.mail import Mail
from services.embedded.mailbox import Mailbox
from services.embedded.mailpage import build_page


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mail]:
    server = Mail(tmp_path_factory.mktemp("sink"))
    server.start()
    yield server
    server.stop()


def send(sink: Mail, to: str = "a@example.org") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "us@example.org", to, "<i>Hello</i>"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Answer here:\nhttp://replies.example.org/reply/abc\n")
    message.add_alternative(
        "<script>alert(1)</script><a href='http://replies.example.org/reply/abc'>x</a>",
        subtype="html",
    )
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar",
                           filename="interview.ics")  # fmt: skip
    with smtplib.SMTP("127.0.0.1", sink.smtp_port) as smtp:
        smtp.send_message(message)


def test_a_letter_is_in_the_json_and_on_its_page(sink: Mail) -> None:
    send(sink)
    found = sink.messages()[-1]
    assert (found["to"], found["from"]) == (["a@example.org"], "us@example.org")
    assert found["subject"] == "<i>Hello</i>"
    assert found["links"] == ["http://replies.example.org/reply/abc"]
    assert found["headers"]["message-id"] == found["message_id"] == "<1@example.org>"
    assert not [name for name in found["headers"] if name.startswith("x-sink")]
    (file,) = found["attachments"]
    page = httpx.get(f"{sink.url}/messages/{found['number']}").text
    assert "<i>Hello" not in page
    assert 'href="http://replies.example.org/reply/abc"' in page
    assert file["url"] in page
    # what is to be done stands before what only a mail program reads
    assert page.index("/reply/abc") < page.index("message-id")
    assert f"/messages/{found['number']}" in httpx.get(sink.url).text
    calendar = httpx.get(sink.url + file["url"])
    assert calendar.text.strip() == "BEGIN:VCALENDAR"
    assert "interview.ics" in calendar.headers["content-disposition"]


def test_only_the_letters_since_can_be_asked_for(sink: Mail) -> None:
    """Who has read thousands need not be told of them again."""
    send(sink)
    known = len(sink.messages())
    send(sink)
    assert [letter["number"] for letter in sink.messages(after=known)] == [known + 1]


async def test_before_the_first_letter_the_page_says_when_there_will_be_one(
    tmp_path: Path,
) -> None:
    transport = httpx.ASGITransport(app=build_page(Mailbox(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://sink") as client:
        assert "None yet. They come when a coordinator has approved" in (await client.get("/")).text


def test_html_runs_nothing_even_when_opened_by_itself(sink: Mail) -> None:
    send(sink)
    number = sink.messages()[-1]["number"]
    policy = httpx.get(f"{sink.url}/messages/{number}/html").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/messages/0", "/messages/9999", "/messages/9999/html"])
def test_a_letter_that_is_not_there_is_not_found(sink: Mail, path: str) -> None:
    assert httpx.get(sink.url + path).status_code == 404


def test_a_fault_that_is_none_is_refused(sink: Mail) -> None:
    answer = httpx.post(f"{sink.url}/faults", json={"address": "*", "reply": "200 fine"})
    assert answer.status_code == 422


def test_what_was_taken_survives_a_crash(tmp_path: Path) -> None:
    sink = Mail(tmp_path)
    sink.start()
    send(sink)
    sink.kill()
    sink.start()
    send(sink, "b@example.org")
    assert [one["to"] for one in sink.messages()] == [["a@example.org"], ["b@example.org"]]
    assert [one["number"] for one in sink.messages()] == [1, 2]
    sink.stop()
