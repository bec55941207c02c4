"""Mails that come in: what is said in them, and that whatever comes is opened."""

from __future__ import annotations

import quopri
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mail.test_mime import MAIL
from tracker.mail.mime import CalendarPart
from tracker.mail.received import LARGEST, Machine, opened

HEAD = (
    "From: Kari Oremo <Kari@elvedal.example>",
    "To: Elvedal <svar+7.abc@elvedal.example>, andre@elvedal.example",
    "Delivered-To: svar@elvedal.example",
    "Subject: Godtatt: =?utf-8?q?M=C3=B8te?=",
    "Date: Mon, 2 Mar 2026 10:00:00 +0100",
    "Message-ID: <1@elvedal.example>",
    "In-Reply-To: <2@elvedal.example>",
    "References: <3@elvedal.example> <2@elvedal.example>",
)
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:Møte på Øya\r\nEND:VCALENDAR\r\n"


def mail(*lines: str, body: bytes = b"Ja, jeg kommer.\r\n") -> bytes:
    return "\r\n".join([*HEAD, *lines, "", ""]).encode() + body


def calendar(content: bytes, *head: str) -> bytes:
    parts = ["--b", "Content-Type: text/plain", "", "Hei", "--b", *head, "", ""]
    body = "\r\n".join(parts).encode() + content + b"\r\n--b--\r\n"
    return mail('Content-Type: multipart/mixed; boundary="b"', body=body)


def test_what_is_in_a_mail() -> None:
    found = opened(mail())
    assert (found.from_name, found.from_address) == ("Kari Oremo", "kari@elvedal.example")
    assert found.to == ("svar+7.abc@elvedal.example", "andre@elvedal.example", "svar@elvedal.example")
    assert found.subject == "Godtatt: Møte"
    assert found.date == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert found.message_id == "1@elvedal.example"
    assert found.refers_to == ("2@elvedal.example", "3@elvedal.example")
    assert (found.words, found.calendars, found.machine) == ("Ja, jeg kommer.", (), None)
    assert (found.doubtful, found.whole) == (False, True)


@pytest.mark.parametrize(
    ("content", "head"),
    [
        (ICS.encode(), ("Content-Type: text/calendar; method=REPLY; charset=utf-8",)),
        (
            b64encode(ICS.encode()),
            ("Content-Type: Text/Calendar; METHOD=reply", "Content-Transfer-Encoding: BASE64"),
        ),
        (
            quopri.encodestring(ICS.encode()),
            ("Content-Type: text/calendar; method=reply", "Content-Transfer-Encoding: quoted-printable"),
        ),
        (ICS.encode("latin-1"), ("Content-Type: text/calendar; method=REPLY; charset=utf-8",)),
        (ICS.encode("latin-1"), ("Content-Type: text/calendar; method=REPLY; charset=us-ascii",)),
        (ICS.encode(), ('Content-Type: text/calendar; method=REPLY; charset="iso-8859-1"',)),
        (ICS.encode(), ("Content-Type: text/calendar; method=REPLY; charset=no-such",)),
        (
            b64encode(ICS.encode("utf-16")),
            ("Content-Type: text/calendar; method=REPLY", "Content-Transfer-Encoding: base64"),
        ),
    ],
)
def test_a_calendar_in_any_code(content: bytes, head: tuple[str, ...]) -> None:
    [found] = opened(calendar(content, *head)).calendars
    assert found.content.replace("\r\n", "\n").strip() == ICS.replace("\r\n", "\n").strip()
    assert found.method == "REPLY"


@pytest.mark.parametrize(
    "head",
    [
        ("Content-Type: application/ics; name=invite.ics",),
        ("Content-Type: application/octet-stream", 'Content-Disposition: attachment; filename="Svar.ICS"'),
        ("Content-Type: text/x-vcalendar",),
    ],
)
def test_a_calendar_that_is_only_a_file(head: tuple[str, ...]) -> None:
    [found] = opened(calendar(ICS.encode(), *head)).calendars
    assert found.method == ""


def test_our_own_mail_is_opened_and_its_calendar_counts_once() -> None:
    from dataclasses import replace

    found = opened(replace(MAIL, calendar=CalendarPart(ICS, "REQUEST")).as_bytes())
    assert found.calendars == (CalendarPart(ICS, "REQUEST"),)
    assert found.machine is Machine.AUTO_REPLY


def test_a_mail_within_the_mail_is_not_the_senders() -> None:
    inner = mail("Content-Type: text/calendar; method=REPLY", body=ICS.encode())
    found = opened(calendar(inner, "Content-Type: message/rfc822"))
    assert (found.calendars, found.words) == ((), "Hei")


@pytest.mark.parametrize(
    ("lines", "machine"),
    [
        (("Auto-Submitted: auto-replied",), Machine.AUTO_REPLY),
        (("Auto-Submitted: auto-generated (by a calendar)",), Machine.AUTO_REPLY),
        (("Auto-Submitted: no",), None),
        (("X-Autoreply: yes",), Machine.AUTO_REPLY),
        (("Precedence: bulk",), Machine.AUTO_REPLY),
        (("Precedence: list",), Machine.LIST),
        (("List-Id: <alle.elvedal.example>",), Machine.LIST),
        (("Return-Path: <>",), Machine.BOUNCE),
        (("Return-Path: <kari@elvedal.example>",), None),
        (("X-Failed-Recipients: kari@elvedal.example",), Machine.BOUNCE),
        (("Content-Type: multipart/report; report-type=delivery-status; boundary=b",), Machine.BOUNCE),
    ],
)
def test_what_machines_write(lines: tuple[str, ...], machine: Machine | None) -> None:
    assert opened(mail(*lines)).machine is machine


@pytest.mark.parametrize(
    ("lines", "doubtful"),
    [
        (("Authentication-Results: mx.elvedal.example; spf=pass; dmarc=fail (p=reject)",), True),
        (("Authentication-Results: mx.elvedal.example; dmarc=pass",), False),
        (("From: Nils Arne <nils@elvedal.example>",), True),
    ],
)
def test_who_may_not_be_who_they_say(lines: tuple[str, ...], doubtful: bool) -> None:
    assert opened(mail(*lines)).doubtful is doubtful


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Ja.\r\n\r\nMandag 2. mars skrev Berit Kampen:\r\n> Kommer du?\r\n", "Ja."),
        ("Nei, kan ikke.\n\nFra: Berit\nSendt: i dag\n", "Nei, kan ikke."),
        ("Ja\n________________________________\nFrom: x\n", "Ja"),
        ("On Mon, Berit wrote:\n> x", ""),
        ("  Æ  ø å \n\n\n\n to", "Æ ø å\n\nto"),
    ],
)
def test_what_the_sender_wrote_themselves(body: str, words: str) -> None:
    assert opened(mail("Content-Type: text/plain; charset=utf-8", body=body.encode())).words == words


def test_words_of_a_page() -> None:
    page = (
        "<html><head><style>p{color:red}</style></head><body><p>Nei &amp; takk</p><p>Hilsen</p></body></html>"
    )
    assert opened(mail("Content-Type: text/html", body=page.encode())).words == "Nei & takk\nHilsen"


def test_an_address_in_a_name_is_not_the_address() -> None:
    raw = mail().replace(b"Kari Oremo <Kari@", b'"kari@elvedal.example" <other@')
    assert opened(raw).from_address == "other@elvedal.example"


@pytest.mark.parametrize(
    "raw",
    [
        mail(body=b"x" * LARGEST),
        mail(*["X: y"] * 20_000),
        mail(
            "Content-Type: multipart/mixed; boundary=b",
            body=b"--b\r\nContent-Type: text/plain\r\n\r\n" * 5000,
        ),
    ],
)
def test_of_what_is_too_heavy_only_the_head_is_read(raw: bytes) -> None:
    found = opened(raw)
    assert not found.whole
    assert found.from_address == "kari@elvedal.example"
    assert found.calendars == ()


def test_parts_within_parts_without_end() -> None:
    body = b"".join(
        f"--{n}\r\nContent-Type: multipart/mixed; boundary={n + 1}\r\n\r\n".encode() for n in range(90)
    )
    assert opened(mail("Content-Type: multipart/mixed; boundary=0", body=body)).from_address


ODD = st.sampled_from(
    [
        b"From: ",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"--b--",
        b"\r\n\r\n",
        b"\x00",
        b"\xff\xfe",
        b"Content-Type: text/calendar; charset*=utf-8''%ff; method*0=RE\r\n",
        b"=?utf-8?b?!!!?=",
        b"=?x?q?=ff?=",
        b"Content-Transfer-Encoding: base64\r\n\r\n!",
        b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin\r\n",
        b"Date: 99 Foo 0000\r\n",
        b"Date: Mon, 2 Mar 9999999 10:00:00 +9999\r\n",
        b"To: <<<,,,(((\r\n",
        b"Content-Disposition: attachment; filename*=x\r\n",
        b"Message-ID: <\r\n",
        *mail().splitlines(keepends=True),
    ]
)


@settings(max_examples=300, deadline=2000)
@given(st.lists(st.one_of(ODD, st.binary(max_size=60)), max_size=30))
def test_whatever_comes_is_opened(pieces: list[bytes]) -> None:
    found = opened(b"".join(pieces))
    "".join((found.words, found.subject, found.from_name, found.from_address)).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"From: @\x80\r\n\r\n",
        b"From: a\x00b@\xe6.example\r\n\r\n",
        b"Subject: =?utf-7?q?+2AA-?=\r\n\r\n",
        b"Subject: =?unicode_escape?b?XHVkODAw?=\r\n\r\n",
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA- hei\r\n",
        b"Content-Type: text/html\r\n\r\n<p>&#xD800;&#0;hei\r\n",
        b"To: <x\xff@b.example>\r\nReferences: <\x80@c.example>\r\nMessage-ID: <\xfe@c.example>\r\n\r\n",
    ],
)
def test_what_no_database_takes_is_left_out(raw: bytes) -> None:
    found = opened(raw)
    texts = (found.words, found.subject, found.from_name, found.from_address, found.message_id)
    for text in (*texts, *found.to, *found.refers_to, *(part.content for part in found.calendars)):
        text.encode()
        assert "\x00" not in text


def test_headers_in_plain_utf8_are_read() -> None:
    """RFC 6532; some programs have always sent them so."""
    found = opened("Subject: Blåbær på Øya\r\nFrom: Bjørn Ås <a@b.example>\r\n\r\n".encode())
    assert (found.subject, found.from_name) == ("Blåbær på Øya", "Bjørn Ås")


@pytest.mark.parametrize("unit", [b"<", b"(", b",", b'"', b"=?utf-8?q?a?=", b"a@b, ", b"\\", b" ", b"\r\n "])
@pytest.mark.parametrize("name", [b"From", b"To", b"Subject", b"References", b"Content-Type", b"Date"])
def test_long_headers_take_no_time(name: bytes, unit: bytes) -> None:
    opened(name + b": " + unit * 30_000 + b"\r\n\r\nx")
