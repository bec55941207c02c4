"""Invitations: what calendars are asked, exactly, and libical finds nothing wrong with any of them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time

import pytest

from tests.calendars.reading import by_icalendar, by_libical, by_vobject, check_bytes
from tests.calendars.test_event import NOW, STYLE, meeting
from tests.calendars.test_readers import generated, switches, words
from tracker.calendars.invitation import Party, invitation
from tracker.calendars.zone import VTIMEZONE
from tracker.models import Meeting, MeetingStatus, Method

US = Party("Berit Kampen", "svar+7.abc@elvedal.example")
KARI = Party("Kari Øremo", "kari@elvedal.example")
CALLED = [
    "UID:meeting-a1b2@oppfolging.example",
    "DTSTAMP:20260302T080000Z",
    "LAST-MODIFIED:20260302T080000Z",
    "SEQUENCE:2",
    "DTSTART;TZID=Europe/Oslo:20260316T100000",
    "DTEND;TZID=Europe/Oslo:20260316T120000",
    "SUMMARY:Møte i Elvedalsrådet",
    "LOCATION:Elvedal rådhus",
    r"DESCRIPTION:Elvedalsrådet\nhttps://oppfolging.example/moter/7",
    "URL:https://oppfolging.example/moter/7",
    'ORGANIZER;CN="Berit Kampen":mailto:svar+7.abc@elvedal.example',
]


def made(row: Meeting, method: Method, attendee: Party = KARI, sequence: int = 2) -> str:
    return invitation(row, US, attendee, STYLE, method=method, sequence=sequence, stamp=NOW)


def lines(text: str) -> list[str]:
    """The lines as they were before folding, without the time zone."""
    return text.replace(VTIMEZONE, "").replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_a_request_asks_one_person_for_an_answer() -> None:
    assert lines(made(meeting(), Method.REQUEST)) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Oppfolging//Oppfolging 1//NO", "CALSCALE:GREGORIAN",
        "METHOD:REQUEST", "BEGIN:VEVENT", *CALLED,
        'ATTENDEE;CN="Kari Øremo";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
        ":mailto:kari@elvedal.example",
        "STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_a_cancellation_names_the_same_meeting_and_asks_nothing() -> None:
    found = lines(made(meeting(status=MeetingStatus.CANCELLED), Method.CANCEL))
    assert found[4:] == [
        "METHOD:CANCEL", "BEGIN:VEVENT", *CALLED,
        'ATTENDEE;CN="Kari Øremo";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT'
        ":mailto:kari@elvedal.example",
        "STATUS:CANCELLED", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_an_update_keeps_what_was_answered() -> None:
    text = made(meeting(), Method.REQUEST, Party("Kari", "kari@elvedal.example", "ACCEPTED"))
    assert "PARTSTAT=ACCEPTED" in text.replace("\r\n ", "")


def test_the_feed_still_names_nobody() -> None:
    from tracker.calendars.event import meeting_event

    assert not {"ORGANIZER", "ATTENDEE", "METHOD"} & set(meeting_event(meeting(), STYLE).split())


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('Jo "Jossen" Li, jr.; x:y', "CN=\"Jo 'Jossen' Li, jr.; x:y\""),
        ("Kari\r\nATTENDEE:mailto:a@b.example", 'CN="Kari ATTENDEE:mailto:a@b.example"'),
        ("Kari^n\x00Moen", "CN=KarinMoen;"),
        ("", "ATTENDEE;CUTYPE"),
    ],
)
def test_names_stay_in_their_place(name: str, written: str) -> None:
    found = lines(made(meeting(), Method.REQUEST, Party(name, "kari@elvedal.example")))
    assert sum(line.startswith("ATTENDEE") for line in found) == 1
    assert written in next(line for line in found if line.startswith("ATTENDEE"))


@pytest.mark.libical
@pytest.mark.parametrize("method", Method)
def test_libical_finds_no_fault_with_generated_invitations(method: Method) -> None:
    chance, texts, wanted = random.Random(6047), [], []
    rows = [*generated()[:600], *switches(), *odd()]
    for row in rows:
        attendee = Party(words(chance, 3), f"kari.{chance.randrange(99)}@elvedal.example", "TENTATIVE")
        text = made(row, method, attendee, row.sequence)
        assert text == made(row, method, attendee, row.sequence), "the same bytes again"
        check_bytes(text.encode())
        texts.append(text)
        wanted.append(f"meeting-{row.public_id}@oppfolging.example")
    events, errors = by_libical("".join(texts).encode())
    assert errors == []
    assert [event.uid for event in events] == wanted
    assert {event.status for event in events} == {"CANCELLED" if method is Method.CANCEL else "CONFIRMED"}


def odd() -> list[Meeting]:
    """Without an end, whole days, without a title that can be seen, in a place of nothing."""
    return [
        meeting(starts_at=time(10), ends_at=None, public_id="odd1"),
        meeting(starts_at=None, ends_at=None, ends_on=date(2026, 3, 18), public_id="odd2"),
        meeting(title="\x00 \n", place=" ", public_id="odd3"),
        meeting(remote_link="https://video.example/rom?a=1,2;b", public_id="odd5"),
        meeting(changed_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC), public_id="odd4"),
    ]


@pytest.mark.libical
def test_libical_would_find_a_fault() -> None:
    text = made(meeting(), Method.REQUEST)
    broken = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("ORGANIZER"))
    assert by_libical(broken.encode())[1]


def test_two_other_readers_see_the_same_event() -> None:
    text = made(meeting(), Method.REQUEST).encode()
    assert by_icalendar(text) == by_vobject(text)
