"""The notifier: what it listens to, what it sends, what people see behind its links."""

from datetime import timedelta

from fastapi import FastAPI

from schemas.decision import ShortlistSent
from schemas.match import MatchWithdrawn
from services.contacts.vault import Vault
from services.delivery.broker import open_broker
from services.delivery.consume import consume
from services.delivery.database import open_database
from services.delivery.loop import Loop
from services.delivery.relay import Relay
from services.delivery.service import open_service
from services.notifier import clock
from services.notifier.answering import Answering
from services.notifier.handlers import Invitations
from services.notifier.links import Links
from services.notifier.message import Sender
from services.notifier.replies import Desk
from services.notifier.reply_pages import TEMPLATES, ReplyPages
from services.notifier.routes_log import RoutesLog
from services.notifier.sending import Sending
from services.notifier.settings import Settings
from services.notifier.smtp import SmtpMailer
from services.notifier.writing import Writer
from services.pages.frame import SecurityHeaders, add_assets, open_pages


def build_app(settings: Settings) -> FastAPI:
    """The whole service, not started."""
    sessions = open_database(str(settings.database_url), schema="notifier")
    vault = Vault(settings.vault_keys)
    links = Links(settings.link_secret.get_secret_value(), settings.public_url)
    desk = Desk(links=links)
    invitations = Invitations(desk=desk, now=clock.now)
    writer = Writer(
        vault=vault,
        links=links,
        sender=Sender(settings.mail_from),
        organisation=settings.organisation,
        phone=settings.help_phone,
    )
    mailer = _mailer(settings)
    sending = Sending(
        sessions=sessions,
        mailer=mailer,
        writer=writer,
        now=clock.now,
        at_once=settings.letters_at_once,
        lease=settings.lease,
        unit=settings.retry_unit,
    )
    loop = Loop("letters", sending.tick, every=timedelta(seconds=1), waiting=sending.waiting,
                hurry=mailer.hurry)  # fmt: skip
    consumer = consume(
        open_broker(settings),
        {
            ShortlistSent: invitations.on_shortlist_sent,
            MatchWithdrawn: invitations.on_match_withdrawn,
        },
        group="notifier",
        sessions=sessions,
    )
    relay = Relay(settings, sessions, service="notifier")
    app = open_service("notifier", parts=[relay, loop, consumer], sessions=sessions, docs_url=None,
                       openapi_url=None, redoc_url=None)  # fmt: skip
    replies = ReplyPages(
        sessions=sessions,
        answering=Answering(desk=desk, vault=vault),
        pages=open_pages(
            TEMPLATES,
            service_name=settings.organisation,
            service_url="#main-content",
            help_text=f"Questions? Ring {settings.help_phone}. A person answers.",
        ),
        phone=settings.help_phone,
        now=clock.now,
        woken=loop.wake,
    )
    app.include_router(replies.router())
    add_assets(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RoutesLog)
    return app


def _mailer(settings: Settings) -> SmtpMailer:
    password = settings.smtp_password
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        timeout=settings.smtp_timeout.total_seconds(),
        limit=settings.lease.total_seconds() / 2,
    )
