"""Mails."""

from __future__ import annotations

import re

import pytest

from tests.minutes.made_files import brief, check, mail, minutes_docx, pdf_with, png
from tracker.errors import UnreadableDocument
from tracker.minutes.document import Document, open_document

HEAD = (
    "Fra: Bente Stavnes <bente@granlia.example>\n"
    "Sendt: tirsdag 1. desember 2026 16:42\n"
    "Til: Ordførerne <alle@granlia.example>, Kåre Ås <kaare@granlia.example>\n"
    "Emne: Referat fra møtet på Ås\n"
)
WORD_TYPE = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")


def opened(content: bytes) -> Document:
    return check(open_document(content, "x.eml"))


def test_a_mail_begins_with_its_head_in_norwegian() -> None:
    document = opened(mail().as_bytes())
    assert document.text.startswith(HEAD + "\nHei!\n\n- Kari finner sted")
    assert (document.format, document.sent, document.title) == (
        "eml",
        "2026-12-01",
        "Referat fra møtet på Ås",
    )


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Tue, 1 Dec 2026 23:30:00 +0000", "2026-12-02"),
        ("Tue, 1 Dec 2026 23:30:00 -0000", "2026-12-01"),
        ("i går", None),
        ("Tue, 1 Dec 99999 23:30:00 +9999", None),
    ],
)
def test_sent_is_a_date_in_norway(date: str, sent: str | None) -> None:
    content = re.sub(b"\nDate: .*", b"\nDate: " + date.encode(), mail().as_bytes())
    assert opened(content).sent == sent


def test_plain_text_is_preferred_and_html_read_when_it_is_all_there_is() -> None:
    both = mail("rent")
    both.add_alternative("<p>pynt</p>", subtype="html")
    assert opened(both.as_bytes()).lines[-1].text == "rent"
    only = mail()
    only.set_content("<html><ul><li>Kari finner sted</ul><blockquote>før</blockquote>", subtype="html")
    assert brief(opened(only.as_bytes()))[-2:] == [
        ("item", "-", 0, "Kari finner sted"),
        ("quoted", "", 0, "før"),
    ]


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252", "utf-16", "no-such-charset"])
def test_charsets(charset: str) -> None:
    raw = "på Ås".encode("utf-8" if charset.startswith("no") else charset)
    content = (
        b"MIME-Version: 1.0\nFrom: a\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n" + raw
    )
    if charset != "utf-16":  # raw UTF-16 can't stand in a mail
        assert opened(content).lines[-1].text == "på Ås"


def test_flowed_text_is_unfolded() -> None:
    head = b"MIME-Version: 1.0\nFrom: a\nContent-Type: text/plain; format=flowed\n\n"
    content = head + b"en linje \nsom fortsetter\nny\n-- \nmvh"
    assert [line.text for line in opened(content).lines[1:]] == ["en linje som fortsetter", "ny", "--", "mvh"]


def test_attached_minutes_are_read_instead_of_a_short_letter() -> None:
    message = mail("Hei, her er referatet.")
    message.add_attachment(
        pdf_with([(20, 20, "Program")]), maintype="application", subtype="pdf", filename="program.pdf"
    )
    message.add_attachment(
        minutes_docx(), maintype=WORD_TYPE[0], subtype=WORD_TYPE[1], filename="Møtereferat.docx"
    )
    document = opened(message.as_bytes())
    assert (document.format, document.sent, document.title) == ("docx", "2026-12-01", "Referat fra rådet")


@pytest.mark.parametrize(
    ("body", "attached", "name"),
    [
        ("Dette er et langt referat. " * 40, minutes_docx(), "referat.docx"),
        ("Hei, her er bildet.", png(), "referat.png"),
        ("Hei, her er referatet.", b"PK\x03\x04 rubbish", "referat.docx"),
    ],
)
def test_the_letter_is_read_when_it_is_long_or_nothing_else_can_be(
    body: str, attached: bytes, name: str
) -> None:
    message = mail(body)
    message.add_attachment(attached, maintype="application", subtype="octet-stream", filename=name)
    assert opened(message.as_bytes()).format == "eml"


def test_text_copied_from_a_mail_is_text() -> None:
    assert open_document(b"Fra: Bente\nSendt: i dag\nEmne: Hei\n\nHei", "x.txt").format == "txt"
    assert open_document(b"From: Bente\nSent: today\nTo: Ola\nSubject: Hei\n\nHei", "x.txt").format == "txt"


@pytest.mark.parametrize(
    "content",
    [
        b"MIME-Version: 1.0\nFrom: a\nContent-Type: " + b"a;" * 500_000 + b"\n\nx",
        b"MIME-Version: 1.0\nFrom: a\n" + b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 5000,
    ],
)
def test_mails_made_to_be_slow_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="for tung"):
        open_document(content, "x.eml")
