"""SMTP at the edges that the sink does not show: the cut line, the silent server."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage

import pytest

from services.embedded.mail import Mail
from services.embedded.processes import free_port
from services.notifier.mailer import (
    AddressRefused,
    MailerUnavailable,
    OutcomeUnknown,
    SenderRefused,
)
from services.notifier.smtp import SmtpMailer

TO = "learner@example.org"
SENDER = "placements@example.org"
GREETING, EHLO, MAIL, RCPT, DATA = "220 hi", "250 hi", "250 ok", "250 ok", "354 go"
HANG_UP = "hang up"
RESET = "reset"
SILENCE = "silence"
SLOWLY = "250 taken, after a while"
PHASES = ("connecting", "EHLO", "MAIL", "RCPT", "DATA")


def letter(size: int = 10) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, TO, "Hello"
    message.set_content("a line\n" * size)
    return message


@asynccontextmanager
async def server(script: Sequence[str], *, slow: float = 0) -> AsyncIterator[tuple[int, bytearray]]:
    """A server that says each line of *script* after each thing it hears; and what it heard."""
    heard = bytearray()
    talks: list[asyncio.Task[None]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())  # type: ignore[arg-type] # we are in one
        try:
            for place, line in enumerate(script):
                if place:
                    end = b"\r\n.\r\n" if script[place - 1].startswith("354") else b"\r\n"
                    if line == HANG_UP and end != b"\r\n":
                        # some of the letter, then nothing more
                        heard.extend(await reader.read(100))
                        break
                    heard.extend(await reader.readuntil(end))
                if line == SILENCE:
                    await reader.read()
                    break
                if line in (HANG_UP, RESET):
                    break
                # being slow is the subject of two tests
                await asyncio.sleep(0.3 if line == SLOWLY else slow)
                writer.write(f"{line}\r\n".encode())
                await writer.drain()
        except asyncio.IncompleteReadError as cut:
            heard.extend(cut.partial)
        except ConnectionError:
            pass
        finally:
            if RESET in script:
                reset(writer)
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**26)
    async with listening:
        yield listening.sockets[0].getsockname()[1], heard
        await asyncio.gather(*talks)


def reset(writer: asyncio.StreamWriter) -> None:
    """Closing is now RST, not FIN: what a dead machine's neighbour sends."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def outcome_of(script: Sequence[str], size: int = 10) -> type[Exception] | None:
    async with server(script) as (port, _):
        mailer = SmtpMailer(host="127.0.0.1", port=port, timeout=0.5)
        try:
            await mailer.send(letter(size), sender=SENDER, to=TO)
        except Exception as error:  # noqa: BLE001 - which one is the question
            return type(error)
    return None


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (["421 busy"], MailerUnavailable),
        (["554 5.7.1 go away"], SenderRefused),
        ([HANG_UP], MailerUnavailable),
        ([GREETING, EHLO, "451 4.3.0 later"], MailerUnavailable),
        ([GREETING, EHLO, "550 5.7.1 not you"], SenderRefused),
        ([GREETING, EHLO, "550 5.1.8 bad sender"], SenderRefused),
        ([GREETING, EHLO, HANG_UP], MailerUnavailable),
        ([GREETING, EHLO, MAIL, "553 bad mailbox"], AddressRefused),
        ([GREETING, EHLO, MAIL, "550 5.4.1 access denied"], AddressRefused),
        ([GREETING, EHLO, MAIL, "503 5.5.1 bad order"], SenderRefused),
        ([GREETING, EHLO, MAIL, RCPT, "451 4.3.0 later"], MailerUnavailable),
        ([GREETING, EHLO, MAIL, RCPT, HANG_UP], MailerUnavailable),
        ([GREETING, EHLO, MAIL, RCPT, DATA, "451 4.7.1 greylisted"], MailerUnavailable),
        ([GREETING, EHLO, MAIL, RCPT, DATA, "554 5.7.1 looks like spam"], SenderRefused),
        ([GREETING, EHLO, MAIL, RCPT, DATA, "550 5.1.1 no such user"], AddressRefused),
        ([GREETING, EHLO, MAIL, RCPT, DATA, "552 5.3.4 too big"], SenderRefused),
        ([GREETING, EHLO, MAIL, RCPT, DATA, "250 taken"], None),
    ],
)
async def test_every_answer_has_one_meaning(
    script: list[str], outcome: type[Exception] | None
) -> None:
    assert await outcome_of(script) is outcome


async def test_a_line_cut_before_the_final_dot_took_nothing() -> None:
    """A letter larger than all buffers: the line goes while most of it is still with us."""
    script = [GREETING, EHLO, MAIL, RCPT, DATA, HANG_UP]
    assert await outcome_of(script, size=2_000_000) is MailerUnavailable


async def test_a_line_cut_after_the_final_dot_leaves_it_unknown() -> None:
    script = [GREETING, EHLO, MAIL, RCPT, DATA, HANG_UP]
    assert await outcome_of(script) is OutcomeUnknown


@pytest.mark.parametrize("breaks", [HANG_UP, RESET, SILENCE])
@pytest.mark.parametrize("phase", range(5), ids=PHASES)
async def test_whatever_breaks_before_the_letter_took_nothing(phase: int, breaks: str) -> None:
    script = [*[GREETING, EHLO, MAIL, RCPT, DATA][:phase], breaks]
    assert await outcome_of(script) is MailerUnavailable


@pytest.mark.parametrize("answer", [RESET, SILENCE, "what?", "354 go on", "9999"])
async def test_no_answer_to_the_final_dot_leaves_it_unknown(answer: str) -> None:
    assert await outcome_of([GREETING, EHLO, MAIL, RCPT, DATA, answer]) is OutcomeUnknown


async def test_a_server_that_answers_slowly_each_time_is_given_up_before_the_letter() -> None:
    """No answer takes too long, all of them do: the lease would end before the letter leaves."""
    async with server([GREETING, EHLO, MAIL, RCPT, SILENCE], slow=0.2) as (port, _):
        mailer = SmtpMailer(host="127.0.0.1", port=port, timeout=5, limit=0.5)
        with pytest.raises(MailerUnavailable, match="too slow"):
            await mailer.send(letter(), sender=SENDER, to=TO)


@pytest.mark.parametrize("phase", range(5), ids=PHASES)
async def test_told_to_hurry_it_gives_up_what_has_not_come_to_the_dot(phase: int) -> None:
    """A service that must stop does not wait for a mail server that says nothing."""
    script = [*[GREETING, EHLO, MAIL, RCPT, DATA][:phase], SILENCE]
    async with server(script) as (port, _):
        mailer = SmtpMailer(host="127.0.0.1", port=port, timeout=300, limit=600)
        sending = asyncio.create_task(mailer.send(letter(), sender=SENDER, to=TO))
        while not (await asyncio.wait([sending], timeout=0.05))[0]:
            mailer.hurry()
        assert isinstance(sending.exception(), MailerUnavailable)


async def test_told_to_hurry_it_still_waits_for_the_answer_to_the_dot() -> None:
    async with server([GREETING, EHLO, MAIL, RCPT, DATA, SLOWLY]) as (port, _):
        mailer = SmtpMailer(host="127.0.0.1", port=port, timeout=20)
        left = asyncio.Event()

        async def leaving() -> None:
            left.set()

        sending = asyncio.create_task(mailer.send(letter(), sender=SENDER, to=TO, leaving=leaving))
        await left.wait()
        while not (await asyncio.wait([sending], timeout=0.05))[0]:
            mailer.hurry()
        assert sending.exception() is None


async def test_the_last_look_comes_after_the_letter_and_before_its_final_dot() -> None:
    """Held back there, a server has all of the letter and has taken nothing."""
    async with server([GREETING, EHLO, MAIL, RCPT, DATA, "250 taken"]) as (port, heard):
        mailer = SmtpMailer(host="127.0.0.1", port=port, timeout=5)

        async def leaving() -> None:
            raise RuntimeError("held back")

        with pytest.raises(RuntimeError, match="held back"):
            await mailer.send(letter(), sender=SENDER, to=TO, leaving=leaving)
    assert heard.endswith(b"a line\r\n")


async def test_nobody_listening_is_unavailable() -> None:
    mailer = SmtpMailer(host="127.0.0.1", port=free_port(), timeout=1)
    with pytest.raises(MailerUnavailable):
        await mailer.send(letter(), sender=SENDER, to=TO)


async def test_a_login_that_fails_is_our_own_fault(mail: Mail) -> None:
    """The sink offers no authentication at all."""
    mailer = SmtpMailer(
        host="127.0.0.1", port=mail.smtp_port, username="us", password="wrong", timeout=2
    )
    with pytest.raises(SenderRefused):
        await mailer.send(letter(), sender=SENDER, to=TO)


async def test_encryption_that_is_required_and_not_there_is_our_own_fault(mail: Mail) -> None:
    mailer = SmtpMailer(host="127.0.0.1", port=mail.smtp_port, tls="required", timeout=2)
    with pytest.raises(SenderRefused):
        await mailer.send(letter(), sender=SENDER, to=TO)


async def test_lines_of_dots_arrive_as_they_were(mail: Mail) -> None:
    message = EmailMessage()
    to = "dots@example.org"
    message["From"], message["To"], message["Subject"] = SENDER, to, "Dots"
    message.set_content(".\n..\nend\n", cte="7bit")
    mailer = SmtpMailer(host="127.0.0.1", port=mail.smtp_port, timeout=5)
    await mailer.send(message, sender=SENDER, to=to)
    (taken,) = [one for one in mail.messages() if one["to"] == [to]]
    assert taken["text"].splitlines() == [".", "..", "end"]
