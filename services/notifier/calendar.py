"""An interview as a calendar file, for one side at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import STATUS, Calendar, Event, vCalAddress

from services.notifier.clock import LONDON

LENGTH = timedelta(minutes=45)
REQUEST = "REQUEST"
CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What one side's calendar is told. The other side's address is not part of it."""

    match_id: UUID
    sequence: int
    starts_at: datetime
    written_at: datetime
    summary: str
    description: str
    location: str | None
    organiser: str
    attendee: str


def calendar(meeting: Meeting, method: str) -> bytes:
    """*meeting* as REQUEST or CANCEL; both sides' files have one UID, in London time."""
    attendee = vCalAddress(f"mailto:{meeting.attendee}")
    attendee.params["RSVP"] = "TRUE"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    domain = meeting.organiser.partition("@")[2]
    event = Event.new(
        uid=f"{meeting.match_id}@{domain}",
        sequence=meeting.sequence,
        stamp=meeting.written_at,
        start=meeting.starts_at.astimezone(LONDON),
        end=(meeting.starts_at + LENGTH).astimezone(LONDON),
        summary=meeting.summary,
        description=meeting.description,
        location=meeting.location,
        organizer=vCalAddress(f"mailto:{meeting.organiser}"),
        attendees=[attendee],
        status=STATUS.CANCELLED if method == CANCEL else STATUS.CONFIRMED,
    )
    whole = Calendar.new(prodid="-//Path 2 placements//EN", method=method, subcomponents=[event])
    whole.add_missing_timezones()
    content: bytes = whole.to_ical()
    return content
