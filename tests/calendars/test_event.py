"""One row → its text: the same for every reader, right over each switch of the clocks, and nothing said that
must not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars.reading import Read, check_bytes, read
from tracker.calendars.event import Style, changed_at, cleaned, deadline_event, meeting_event, one_line
from tracker.calendars.feed import one_meeting
from tracker.clock import OSLO
from tracker.models import (
    Action,
    AgendaItem,
    Body,
    History,
    Meeting,
    MeetingStatus,
    Task,
    TaskStatus,
)

HOST = "oppfolging.example"
URL = f"https://{HOST}"
STYLE = Style(URL, HOST)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NILS = 3  # a person's id


def meeting(**values: object) -> Meeting:
    usual: dict[str, object] = {
        "id": 7,
        "public_id": "a1b2",
        "body": Body(name="Elvedalsrådet"),
        "title": "Møte i Elvedalsrådet",
        "status": MeetingStatus.CALLED,
        "starts_on": date(2026, 3, 16),
        "starts_at": time(10),
        "ends_on": date(2026, 3, 16),
        "ends_at": time(12),
        "zone": "Europe/Oslo",
        "place": "Elvedal rådhus",
        "sequence": 0,
        "changed_at": NOW,
    }
    return Meeting(**{**usual, **values})


def task(*, restricted: str | None = None, number: str | None = "4/26", **values: object) -> Task:
    usual: dict[str, object] = {
        "id": 9,
        "body": Body(name="Elvedalsrådet"),
        "what": "Finne egnet sted til samlingen",
        "status": TaskStatus.OPEN,
        "due_on": date(2026, 3, 20),
        "created_at": NOW,
        "agenda_item": AgendaItem(number=number, restricted=restricted),
    }
    return Task(**{**usual, **values})


def shown(row: Meeting) -> Read:
    body = one_meeting(row, URL)
    check_bytes(body)
    return next(iter(read(body).values()))


def test_a_meeting_reads_as_it_was_written() -> None:
    event = shown(meeting())
    assert event == Read(
        uid="meeting-a1b2@oppfolging.example",
        start=datetime(2026, 3, 16, 9, tzinfo=UTC),
        end=datetime(2026, 3, 16, 11, tzinfo=UTC),
        summary="Møte i Elvedalsrådet",
        description="Elvedalsrådet\nhttps://oppfolging.example/moter/7",
        location="Elvedal rådhus",
        status="CONFIRMED",
        sequence=0,
    )
    assert "\r\nDTSTART;TZID=Europe/Oslo:20260316T100000\r\n" in meeting_event(meeting(), STYLE)


@pytest.mark.parametrize(
    ("day", "starts", "ends", "utc"),
    [
        (date(2026, 1, 12), time(10), time(12), ("2026-01-12T09:00", "2026-01-12T11:00")),
        (date(2026, 6, 15), time(10), time(12), ("2026-06-15T08:00", "2026-06-15T10:00")),
        (date(2026, 3, 29), time(1, 30), time(3, 30), ("2026-03-29T00:30", "2026-03-29T01:30")),
        (date(2026, 3, 29), time(2, 30), time(4), ("2026-03-29T01:30", "2026-03-29T02:00")),  # no 02.30
        (date(2026, 10, 25), time(1, 30), time(3, 30), ("2026-10-24T23:30", "2026-10-25T02:30")),
    ],
    ids=["winter", "summer", "over the switch in March", "in the hour that is skipped", "over October's"],
)
def test_civil_times_are_those_of_oslo(day: date, starts: time, ends: time, utc: tuple[str, str]) -> None:
    event = shown(meeting(starts_on=day, ends_on=day, starts_at=starts, ends_at=ends))
    assert (event.start, event.end) == tuple(datetime.fromisoformat(at).replace(tzinfo=UTC) for at in utc)


def test_the_time_zone_is_right_around_every_switch_from_2020_to_2060() -> None:
    for year in range(2020, 2061):
        for month in (3, 10):
            switch = max(d for n in range(25, 32) if (d := date(year, month, n)).weekday() == 6)
            for day in (switch - timedelta(days=1), switch, switch + timedelta(days=1)):
                event = shown(meeting(starts_on=day, ends_on=day, starts_at=time(9), ends_at=time(10)))
                assert event.start == datetime.combine(day, time(9), OSLO).astimezone(UTC)


def test_a_meeting_in_another_zone_is_shown_at_the_same_moment() -> None:
    event = shown(meeting(zone="America/New_York"))
    assert event.start == datetime(2026, 3, 16, 14, tzinfo=UTC)


def test_lunch_to_lunch_is_one_event_over_two_days() -> None:
    event = shown(
        meeting(starts_on=date(2026, 4, 20), starts_at=time(12), ends_on=date(2026, 4, 21), ends_at=time(13))
    )
    assert event.start == datetime(2026, 4, 20, 10, tzinfo=UTC)
    assert event.end == datetime(2026, 4, 21, 11, tzinfo=UTC)


def test_without_clock_times_whole_days_with_an_exclusive_end() -> None:
    row = meeting(starts_on=date(2026, 4, 20), ends_on=date(2026, 4, 21), starts_at=None, ends_at=None)
    assert (shown(row).start, shown(row).end) == (date(2026, 4, 20), date(2026, 4, 22))
    text = meeting_event(row, STYLE)
    assert "\r\nDTSTART;VALUE=DATE:20260420\r\nDTEND;VALUE=DATE:20260422\r\n" in text


@pytest.mark.parametrize("ends_at", [None, time(9)], ids=["unknown", "before the start"])
def test_an_end_that_is_not_known_is_not_invented(ends_at: time | None) -> None:
    text = meeting_event(meeting(ends_at=ends_at), STYLE)
    assert "DTSTART" in text
    assert "DTEND" not in text


def test_several_days_without_end_last_the_last_day_out() -> None:
    event = shown(meeting(ends_on=date(2026, 3, 17), ends_at=None))
    assert event.end == datetime(2026, 3, 17, 23, tzinfo=UTC)


def test_a_cancelled_meeting_says_so_and_takes_no_time() -> None:
    row = meeting(status=MeetingStatus.CANCELLED, sequence=2)
    event = shown(row)
    assert event.summary == "AVLYST: Møte i Elvedalsrådet"
    assert (event.status, event.sequence) == ("CANCELLED", 2)
    assert "TRANSP:TRANSPARENT" in meeting_event(row, STYLE)


def test_that_one_must_register_is_said_in_words() -> None:
    for kept, said in (("required", "nødvendig"), ("Hos Berit", "Hos Berit")):
        assert f"Påmelding: {said}" in shown(meeting(registration=kept)).description.split("\n")


def test_where_to_meet_on_the_net_is_for_those_who_are_in_it() -> None:
    row = meeting(remote_link="https://mote.example/l/19%3a?a=b;c,d&e")
    assert "På nettet: https://mote.example/l/19%3a?a=b;c,d&e" in shown(row).description.split("\n")
    text = meeting_event(row, STYLE).replace("\r\n ", "")
    assert "\r\nCONFERENCE;FEATURE=VIDEO;VALUE=URI:https://mote.example/l/19%3a?a=b;c,d&e\r\n" in text
    assert "mote.example" not in meeting_event(row, replace(STYLE, public="https://x.example/r/1"))


def test_whose_meeting_and_until_when_to_register_stand_in_the_description() -> None:
    event = shown(
        meeting(title="Samling", place=None, register_by=date(2026, 4, 1), registration="Hos Berit")
    )
    assert event.location == ""
    assert event.description.split("\n") == [
        "Elvedalsrådet",
        "Påmelding: innen onsdag 1.\u00a0april 2026",
        "https://oppfolging.example/moter/7",
    ]


def test_two_renderings_are_the_same_bytes() -> None:
    assert one_meeting(meeting(), URL) == one_meeting(meeting(), URL)
    assert deadline_event(task(), NILS, STYLE) == deadline_event(task(), NILS, STYLE)
    assert "DTSTAMP:20260302T080000Z" in meeting_event(meeting(), STYLE)


def test_nothing_that_makes_clients_answer_ring_or_refuse() -> None:
    text = (
        meeting_event(meeting(), STYLE)
        + deadline_event(task(), NILS, STYLE)
        + one_meeting(meeting(), URL).decode()
    )
    for unwanted in ("METHOD", "ORGANIZER", "ATTENDEE", "VALARM", "RDATE", "VTODO"):
        assert unwanted not in text


def test_a_deadline_is_a_whole_day_that_takes_no_time() -> None:
    text = deadline_event(task(), NILS, STYLE)
    assert text.split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:task-9-3@oppfolging.example",
        "DTSTAMP:20260302T080000Z",
        "LAST-MODIFIED:20260302T080000Z",
        "SEQUENCE:0",
        "DTSTART;VALUE=DATE:20260320",
        "DTEND;VALUE=DATE:20260321",
        "SUMMARY:Frist: Finne egnet sted til samlingen",
        "DESCRIPTION:Elvedalsrådet\\nSak 4/26\\nhttps://oppfolging.example/oppgaver/",
        " 9",
        "URL:https://oppfolging.example/oppgaver/9",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "",
    ]


@pytest.mark.parametrize(
    ("number", "summary"),
    [
        ("3/22", "Frist: sak 3/22 (unntatt offentlighet)"),
        (None, "Frist: sak unntatt offentlighet"),
    ],
)
def test_of_a_restricted_case_only_the_number_is_told(number: str | None, summary: str) -> None:
    text = deadline_event(task(restricted="offentleglova § 13", number=number), NILS, STYLE)
    assert f"SUMMARY:{summary}\r\n" in text
    for secret in ("Finne", "sted", "Nils", "§"):
        assert secret not in text


def test_the_last_change_of_a_task_is_the_newest_in_its_history() -> None:
    row = task()
    assert changed_at(row) == NOW
    row.history.append(History(at=NOW + timedelta(days=2), action=Action.DUE_CHANGED))
    row.history.append(History(at=NOW + timedelta(days=1), action=Action.CHANGED))
    assert changed_at(row) == NOW + timedelta(days=2)
    text = deadline_event(row, NILS, STYLE)
    assert "LAST-MODIFIED:20260304T080000Z" in text
    assert "SEQUENCE:1\r\n" in text


def test_a_task_without_deadline_has_no_event() -> None:
    with pytest.raises(ValueError, match="deadline"):
        deadline_event(task(due_on=None), NILS, STYLE)


HARD = [
    "Blåbærsyltetøy på Ærøskøbing",
    "🎉👩‍👩‍👧‍👦" * 40,
    "komma, semikolon; kolon: «sitat» \"hermetegn\"",
    "C:\\Notater\\nytt \\; \\, \\\\",
    "linje 1\nlinje 2\r\nlinje 3\rlinje 4\u2028linje 5",
    "\x00null \x07pling \x1bflukt \x7fslett \x85neste",
    "æ" * 10_000,
    "a" + " " * 500 + "b",
    "\u00a0" * 200 + "mellom" + "\u2003" * 200,
    "BEGIN:VEVENT\r\nATTENDEE:mailto:a@b.example\r\nEND:VEVENT",
    "\ufeffmerke \ud800halv",
]  # fmt: skip


@pytest.mark.parametrize("words", HARD, ids=range(len(HARD)))
def test_hard_texts_reach_every_reader_whole(words: str) -> None:
    _survives(words)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=400) | st.text("\\nN,;: \"'«æ🎉\n^", min_size=1, max_size=200))
def test_any_text_reaches_every_reader_whole(words: str) -> None:
    _survives(words)


def _survives(words: str) -> None:
    event = shown(meeting(title="Møte " + words, place="Sal " + words, registration=words))
    line = one_line("Møte " + words)
    assert event.summary == line
    assert event.location == line.replace("Møte", "Sal", 1)
    assert " ".join(event.description.split()).startswith(f"Elvedalsrådet Påmelding: {line[5:]}".strip())
    assert event.description.endswith("/moter/7")


def test_cleaning_keeps_words_and_breaks() -> None:
    assert cleaned("  To  ord\t her\r\nog\x07 der\u2028slutt ") == "To ord her\nog der\nslutt"
