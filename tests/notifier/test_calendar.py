"""The calendar file."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from services.notifier import calendar
from services.notifier.calendar import Meeting

LONDON = ZoneInfo("Europe/London")


def meeting(starts_at: datetime) -> Meeting:
    return Meeting(
        match_id=UUID(int=7),
        sequence=3,
        starts_at=starts_at,
        written_at=datetime(2026, 10, 1, tzinfo=UTC),
        summary="Interview: Welder",
        description="To change it: http://replies.example.org/reply/x",
        location="2 Canal Yard, Birmingham",
        organiser="placements@example.org",
        attendee="learner@example.org",
    )


@pytest.mark.parametrize(
    ("starts_at", "wall", "offset"),
    [
        (datetime(2026, 10, 23, 9, tzinfo=UTC), "20261023T100000", timedelta(hours=1)),
        (datetime(2026, 10, 26, 10, tzinfo=UTC), "20261026T100000", timedelta(0)),
        (datetime(2027, 3, 27, 10, tzinfo=UTC), "20270327T100000", timedelta(0)),
        (datetime(2027, 3, 29, 9, tzinfo=UTC), "20270329T100000", timedelta(hours=1)),
    ],
)
def test_ten_o_clock_is_ten_o_clock_on_both_sides_of_a_clock_change(
    starts_at: datetime, wall: str, offset: timedelta
) -> None:
    """The file says London's wall clock and carries the zone that explains it."""
    written = calendar.calendar(meeting(starts_at), calendar.REQUEST)
    assert f"DTSTART;TZID=Europe/London:{wall}\r\n".encode() in written
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert event["dtstart"].dt == starts_at
    assert event["dtstart"].dt.utcoffset() == offset
    (zone,) = Calendar.from_ical(written).walk("VTIMEZONE")
    own = zone.to_tz(lookup_tzid=False)
    assert starts_at.astimezone(own).utcoffset() == offset


def test_a_request_names_one_attendee_who_is_asked_to_answer() -> None:
    whole = Calendar.from_ical(
        calendar.calendar(meeting(datetime(2026, 10, 23, 9, tzinfo=UTC)), calendar.REQUEST)
    )
    (event,) = whole.walk("VEVENT")
    assert str(whole["method"]) == "REQUEST"
    assert str(event["attendee"]) == "mailto:learner@example.org"
    assert event["attendee"].params["RSVP"] == "TRUE"
    assert str(event["organizer"]) == "mailto:placements@example.org"
    assert (str(event["uid"]), int(event["sequence"])) == (f"{UUID(int=7)}@example.org", 3)
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=45)


def test_a_cancellation_says_so_twice() -> None:
    whole = Calendar.from_ical(
        calendar.calendar(meeting(datetime(2026, 10, 23, 9, tzinfo=UTC)), calendar.CANCEL)
    )
    assert str(whole["method"]) == "CANCEL"
    assert str(whole.walk("VEVENT")[0]["status"]) == "CANCELLED"
