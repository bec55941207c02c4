"""Answers from calendars, in the shapes that programs give them. Whatever comes, nothing raises or hangs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendars.reply import Answer, Ask, Reply, replies, said_in
from tracker.clock import OSLO

UID = "meeting-a1b2@oppfolging.example"
KARI = "ATTENDEE;PARTSTAT=ACCEPTED;CN=Kari Oremo:mailto:kari@elvedal.example"
PLAIN = Reply(
    ask=Ask.REPLY,
    uid=UID,
    sequence=1,
    stamp=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    organizer="svar@elvedal.example",
    answers=(Answer("kari@elvedal.example", "ACCEPTED"),),
    said="",
    comment="",
)


def event(*more: str, attendee: str = KARI) -> list[str]:
    given = (f"UID:{UID}", "SEQUENCE:1", "DTSTAMP:20260302T090000Z", "ORGANIZER:mailto:svar@elvedal.example")
    return ["BEGIN:VEVENT", *given, *([attendee] if attendee else []), *more, "END:VEVENT"]


def calendar(*lines: str, method: str = "METHOD:REPLY", end: str = "\r\n") -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *([method] if method else [])]
    return end.join([*head, *lines, "END:VCALENDAR", ""])


def test_a_plain_answer() -> None:
    assert replies(calendar(*event())) == [PLAIN]


@pytest.mark.parametrize(
    "text",
    [
        calendar(*event(), end="\n"),
        calendar(*event(), end="\r"),
        calendar(*event()).lower().replace("t090000z", "T090000Z"),
        calendar(*event(), method="method:Reply"),
        "\ufeff\r\n\r\n" + calendar(*event()).replace("\ufeff", ""),
        calendar(*event()).replace("PARTSTAT=ACCEPTED", "PARTSTAT=ACCE\r\n PTED"),
        calendar(*event()).replace("END:VEVENT\r\nEND:VCALENDAR\r\n", ""),
        calendar(*event("X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "nothing at all", "X-WR;A=:::;;", ":", ";")),
        calendar(*event(attendee=KARI.replace("mailto:", "MAILTO:Kari@").replace("Kari@kari", "KARI"))),
        calendar(
            *event(attendee='attendee;partstat="accepted";cn="Kari: Oremo, jr;":mailto:kari@elvedal.example')
        ),
        calendar(*event(attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:<kari@elvedal.example>")),
        calendar(*event(attendee="ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=kari@elvedal.example:urn:uuid:1-2-3")),
        calendar("BEGIN:VTIMEZONE", "TZID:X", "DTSTART:19700101T000000", "END:VTIMEZONE", *event()),
        calendar(
            *event(
                "BEGIN:VALARM", "SUMMARY:Declined: x", "UID:other", KARI.replace("ACC", "DECL"), "END:VALARM"
            )
        ),
    ],
)
def test_the_same_answer_in_other_shapes(text: str) -> None:
    assert replies(text) == [PLAIN]


def test_the_method_may_stand_in_the_mail_alone_and_the_calendars_own_counts_most() -> None:
    bare = calendar(*event(), method="")
    assert replies(bare) == []
    assert replies(bare, "REPLY") == [PLAIN]
    assert replies(calendar(*event(), method="METHOD:REQUEST"), "REPLY") == []
    assert replies(calendar(*event()), "REQUEST") == [PLAIN]


def test_what_may_be_missing() -> None:
    [found] = replies(calendar("BEGIN:VEVENT", f"UID:{UID}", "SUMMARY:Avslått: Møte", "END:VEVENT"))
    assert (found.sequence, found.stamp, found.organizer, found.answers) == (0, None, "", ())
    assert found.said == "DECLINED"


def test_a_counter_proposes_a_time() -> None:
    more = (
        "DTSTART:20260309T090000Z",
        "DTEND;TZID=W. Europe Standard Time:20260309T120000",
        r"COMMENT:Helst\nda",
    )
    [found] = replies(calendar(*event(*more), method="METHOD:COUNTER"))
    assert found.ask is Ask.COUNTER
    assert found.comment == "Helst\nda"
    assert found.proposal == (
        datetime(2026, 3, 9, 10, tzinfo=OSLO),
        datetime(2026, 3, 9, 12, tzinfo=OSLO),
    )
    [found] = replies(calendar(*event("DTSTART;VALUE=DATE:20260309"), method="METHOD:COUNTER"))
    assert found.proposal == (date(2026, 3, 9), None)


def test_somebody_else_is_sent() -> None:
    line = (
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:Nils@Elvedal.example":mailto:kari@elvedal.example'
    )
    [found] = replies(calendar(*event(attendee=line)))
    assert found.answers == (Answer("kari@elvedal.example", "DELEGATED", "nils@elvedal.example"),)


def test_of_several_about_one_meeting_the_newest_counts() -> None:
    older, newer = event(), event(attendee=KARI.replace("ACCEPTED", "DECLINED"))
    newer[3] = "DTSTAMP:20260302T100000Z"
    for order in ([*older, *newer], [*newer, *older]):
        [found] = replies(calendar(*order))
        assert found.answers[0].partstat == "DECLINED"
    other = [line.replace(UID, "other") for line in event()]
    assert [found.uid for found in replies(calendar(*older, *other))] == [UID, "other"]


@pytest.mark.parametrize(
    ("subject", "partstat"),
    [
        ("Accepted: Møte", "ACCEPTED"),
        ("Godtatt: Møte", "ACCEPTED"),
        ("AVSLÅTT: Møte", "DECLINED"),
        ("Foreløpig: Møte", "TENTATIVE"),
        ("Møte: godtatt", ""),
        ("Godtatt budsjett", ""),
        ("", ""),
    ],
)
def test_what_a_subject_says(subject: str, partstat: str) -> None:
    assert said_in(subject) == partstat


LINES = st.sampled_from(
    [
        *event(),
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "METHOD:REPLY",
        "METHOD:COUNTER",
        "BEGIN:VALARM",
        "END:",
        "SEQUENCE:999999999999999",
        "SEQUENCE:-1",
        "SEQUENCE:٣",
        "DTSTAMP:00000000T000000Z",
        "DTSTAMP:99991231T235959Z",
        "DTSTAMP:20261340T256199Z",
        "DTSTAMP:20260302T090060Z",
        'ATTENDEE;CN="',
        "ATTENDEE;=:",
        "ATTENDEE;PARTSTAT:",
        "ATTENDEE;PARTSTAT=A;PARTSTAT=B:mailto:a@b",
        "COMMENT:\\",
        "UID",
        "DTSTART;TZID=/../../etc/passwd:20260302T100000",
        "DTSTART;TZID=Europe/Oslo;TZID=x:20260302T100000",
        "DTEND:21001231T235959",
        " folded",
        "\t",
        "\x00",
        "\ud800",
    ]
)


@settings(max_examples=300, deadline=2000)
@given(st.lists(st.one_of(LINES, st.text(max_size=80)), max_size=40), st.sampled_from(["", "REPLY", "x\r\n"]))
def test_whatever_comes_is_read(lines: list[str], method: str) -> None:
    for found in replies("\r\n".join(lines), method):
        assert found.stamp is None or found.stamp.tzinfo is UTC
        assert 0 <= found.sequence < 2**31


@pytest.mark.parametrize(
    "unit",
    [
        "ATTENDEE;CN=",
        '"',
        ";",
        "\r\n ",
        "\\",
        "BEGIN:VEVENT\r\n",
        "ATTENDEE:mailto:a@b.example\r\n",
        " \t",
        ":",
    ],
)
def test_long_rows_of_the_same_take_no_time(unit: str) -> None:
    """It would take minutes if the time grew with the square."""
    assert len(replies(calendar("BEGIN:VEVENT", f"UID:{unit * 200_000}", "END:VEVENT"))) <= 20
    replies("METHOD:REPLY\r\nBEGIN:VEVENT\r\n" + unit * 200_000, "REPLY")
