"""What a person decides about letters that do not go by themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.delivery.outbox import post
from services.notifier import letter_store
from services.notifier.outcomes import sent_event


class NotUnsettled(Exception):
    """No letter of this id has failed or is unknown."""


async def it_went(session: AsyncSession, letter_id: UUID, now: datetime) -> None:
    """Somebody saw that the letter arrived; raises NotUnsettled."""
    letter = await letter_store.decide(session, letter_id, "sent", now)
    if letter is None:
        raise NotUnsettled(str(letter_id))
    await post(session, sent_event(letter, now))


async def send_again(session: AsyncSession, letter_id: UUID, now: datetime) -> None:
    """Send it once more, with the same Message-ID; raises NotUnsettled."""
    if await letter_store.decide(session, letter_id, "pending", now) is None:
        raise NotUnsettled(str(letter_id))
