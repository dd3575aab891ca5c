"""A mailer's four outcomes: the fake one of the tests and the real one mean the same by them."""

from email.message import EmailMessage
from typing import Protocol
from uuid import uuid4

import pytest

from services.embedded.mail import Mail
from services.notifier.mailer import (
    AddressRefused,
    Mailer,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
)
from services.notifier.smtp import SmtpMailer
from tests.notifier.fakes import FakeMailer

SENDER = "placements@example.org"


class Carrier(Protocol):
    """A mailer with the server behind it."""

    mailer: Mailer

    def fail(self, address: str, reply: str) -> None: ...
    def taken(self, address: str) -> list[str]: ...


class ByFake:
    """The fake one is its own server."""

    def __init__(self, _: Mail) -> None:
        self.mailer = FakeMailer()

    def fail(self, address: str, reply: str) -> None:
        self.mailer.fail(address, reply)

    def taken(self, address: str) -> list[str]:
        return [str(one.message["subject"]) for one in self.mailer.to(address)]


class BySmtp:
    """SMTP to the sink."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.mailer = SmtpMailer(host="127.0.0.1", port=mail.smtp_port, timeout=10)

    def fail(self, address: str, reply: str) -> None:
        self.mail.fail(address, reply)

    def taken(self, address: str) -> list[str]:
        return [one["subject"] for one in self.mail.messages() if address in one["to"]]


@pytest.fixture(params=[ByFake, BySmtp])
def carrier(request: pytest.FixtureRequest, mail: Mail) -> Carrier:
    made: Carrier = request.param(mail)
    return made


def letter(to: str, subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, to, subject
    message.set_content("A line.\n.\n..dots\nÉnd.\n")
    return message


def address() -> str:
    return f"{uuid4().hex[:12]}@example.org"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("451 4.3.0 Try later", MailerUnavailable),
        ("452 4.2.2 Mailbox full", MailerUnavailable),
        ("552 5.2.2 Mailbox full", MailerUnavailable),
        ("550 5.1.1 No such user", AddressRefused),
        ("550 Unknown", AddressRefused),
        ("550 5.7.1 Not allowed", SenderRefused),
        ("drop", OutcomeUnknown),
    ],
)
async def test_what_the_server_says_decides_the_outcome(
    carrier: Carrier, reply: str, outcome: type[Exception]
) -> None:
    to = address()
    carrier.fail(to, reply)
    with pytest.raises(outcome) as raised:
        await carrier.mailer.send(letter(to), sender=SENDER, to=to)
    assert to not in str(raised.value)
    # only an unknown outcome may have left a letter behind
    assert carrier.taken(to) == (["Hello"] if outcome is OutcomeUnknown else [])


async def test_a_letter_taken_is_there_once(carrier: Carrier) -> None:
    to = address()
    await carrier.mailer.send(letter(to, "Grüße"), sender=SENDER, to=to)
    assert carrier.taken(to) == ["Grüße"]


async def test_a_fault_is_over_after_its_time(carrier: Carrier) -> None:
    to = address()
    carrier.fail(to, "451 4.3.0 Try later")
    with pytest.raises(MailerUnavailable):
        await carrier.mailer.send(letter(to), sender=SENDER, to=to)
    await carrier.mailer.send(letter(to), sender=SENDER, to=to)
    assert carrier.taken(to) == ["Hello"]


async def test_a_letter_held_back_at_the_last_moment_is_not_taken(carrier: Carrier) -> None:
    to = address()

    async def leaving() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await carrier.mailer.send(letter(to), sender=SENDER, to=to, leaving=leaving)
    assert carrier.taken(to) == []


async def test_nothing_is_asked_before_a_refusal_and_once_before_a_letter_leaves(
    carrier: Carrier,
) -> None:
    to, asked = address(), []

    async def leaving() -> None:
        asked.append(len(carrier.taken(to)))

    carrier.fail(to, "550 5.1.1 No such user")
    with pytest.raises(AddressRefused):
        await carrier.mailer.send(letter(to), sender=SENDER, to=to, leaving=leaving)
    assert asked == []
    await carrier.mailer.send(letter(to), sender=SENDER, to=to, leaving=leaving)
    assert asked == [0]
    assert carrier.taken(to) == ["Hello"]


async def test_a_letter_may_have_been_taken_though_no_answer_came(carrier: Carrier) -> None:
    """Sending it again would be a second one: that is what an unknown outcome means."""
    to = address()
    carrier.fail(to, "drop")
    with pytest.raises(OutcomeUnknown):
        await carrier.mailer.send(letter(to), sender=SENDER, to=to)
    await carrier.mailer.send(letter(to), sender=SENDER, to=to)
    assert carrier.taken(to) == ["Hello", "Hello"]
