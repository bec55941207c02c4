"""A mail's bytes, read back with the email package."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest

from tests.mail.letters_to_see import letters
from tracker.mail.mime import CalendarPart, Outgoing

ALL = letters()
MAIL = Outgoing(
    letter=ALL["reminder"],
    to_name="Nils Arne Holmen",
    to_address="nils.arne.holmen@elvedal.example",
    from_name="Berit Kampen via Oppfølging",
    from_address="oppfolging@elvedal.example",
    reply_to="berit@elvedal.example",
    message_id="0123456789abcdef01234567@elvedal.example",
    date=datetime(2022, 1, 25, 6, 0, tzinfo=UTC),
    thread="task-7@elvedal.example",
)


def read(mail: Outgoing) -> EmailMessage:
    found = email.message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert [part.defects for part in found.walk()] == [[], [], []]
    return found


def test_each_header() -> None:
    mail = read(MAIL)
    assert dict(mail.items()) == {
        "From": "Berit Kampen via Oppfølging <oppfolging@elvedal.example>",
        "Reply-To": "berit@elvedal.example",
        "To": "Nils Arne Holmen <nils.arne.holmen@elvedal.example>",
        "Subject": "Frist tirsdag 1. februar: Finne egnet sted på Nordfjellet til…",
        "Date": "Tue, 25 Jan 2022 06:00:00 +0000",
        "Message-ID": "<0123456789abcdef01234567@elvedal.example>",
        "References": "<task-7@elvedal.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "List-Unsubscribe": "<https://oppfolging.example/o/varsler/4Hj6sW0y>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_0123456789abcdef01234567"',
    }
    assert mail["From"].addresses[0].addr_spec == "oppfolging@elvedal.example"


@pytest.mark.parametrize("name", ALL)
def test_both_parts_come_out_as_they_went_in(name: str) -> None:
    mail = read(replace(MAIL, letter=ALL[name]))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert (text, page) == (ALL[name].text, ALL[name].html)
    assert mail["Subject"] == ALL[name].subject


def test_the_bytes_keep_to_the_rules_of_lines() -> None:
    """CRLF, seven bits, no line above 78 but addresses that can't be broken; no "=?" where ids are."""
    long = replace(
        MAIL,
        letter=replace(
            MAIL.letter,
            subject="Frist æøå " * 30,
            headers={"List-Unsubscribe": f"<https://oppfolging.example/o/varsler/{'x' * 400}>"},
        ),
        to_name="Nils Ærlig Øygård-Åsen " * 5,
    )
    raw = long.as_bytes()
    assert raw.isascii()
    assert re.sub(rb"\r\n", b"", raw).count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert [line for line in raw.split(b"\r\n") if len(line) > 78 and b"List-Unsubscribe" not in line] == []
    assert max(map(len, raw.split(b"\r\n"))) < 998
    for name in (b"Message-ID", b"References", b"List-Unsubscribe"):
        line = next(line for line in raw.split(b"\r\n") if line.startswith(name + b":"))
        assert line.endswith(b">")
        assert b"=?" not in line
    assert read(long)["Subject"] == ("Frist æøå " * 30).strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kari Oremo", "Kari Oremo"),
        ("Bjørn Åse", "Bjørn Åse"),
        ('Jo "Jossen" Li, jr.', 'Jo "Jossen" Li, jr.'),
        (r"Back\slash", r"Back\slash"),
        ("", ""),
        ("Kari\r\nBcc: alle@elvedal.example", "Kari Bcc: alle@elvedal.example"),
    ],
)
def test_names_are_quoted_or_encoded_where_they_must_be(name: str, shown: str) -> None:
    mail = read(replace(MAIL, to_name=name))
    assert [address.addr_spec for address in mail["To"].addresses] == [MAIL.to_address]
    assert mail["To"].addresses[0].display_name == shown
    assert mail["Bcc"] is None


@pytest.mark.parametrize("field", ["to_address", "reply_to", "message_id", "thread"])
@pytest.mark.parametrize("value", ["a@b.example\r\nBcc: c@d.example", "a@b.example\r\n", "\n a@b.example\r"])
def test_a_line_break_never_becomes_a_header(field: str, value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        replace(MAIL, **{field: value}).as_bytes()


def test_a_secretary_whose_address_no_header_can_hold_hinders_no_mail() -> None:
    assert read(replace(MAIL, reply_to="bjørn@elvedal.example"))["Reply-To"] is None


def test_a_mail_that_is_sent_again_is_the_same_mail() -> None:
    assert MAIL.as_bytes() == replace(MAIL).as_bytes()


def test_an_invitation_is_a_third_form_of_the_letter_and_a_file_beside_it() -> None:
    """As RFC 6047 §2.4 and the calendars of Microsoft and Google want it."""
    content = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Møte på Øya 🎉\r\nEND:VCALENDAR\r\n"
    raw = replace(MAIL, calendar=CalendarPart(content, "REQUEST")).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert [part.defects for part in mail.walk()] == [[]] * 6
    shape = [part.get_content_type() for part in mail.walk()]
    alternative = ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert shape == ["multipart/mixed", *alternative, "application/ics"]

    *_, page, third, file = mail.walk()
    assert page.get_content_type() == "text/html"
    assert dict(third["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert third["Content-Disposition"] is None
    assert file.get_filename() == "invite.ics"
    for part in (third, file):
        assert part.get_payload(decode=True) == content.encode()
