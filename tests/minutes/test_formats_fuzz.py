"""Whatever comes, it is read or refused with a sentence."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.minutes.made_files import check, mail, minutes_docx, pdf_with, png
from tracker.errors import UnreadableDocument
from tracker.minutes.document import open_document


@cache
def seeds() -> tuple[bytes, ...]:
    letter = mail()
    letter.add_alternative("<p>Hei <b>du</b></p><table><tr><td>a<td>b</table>", subtype="html")
    letter.add_attachment(
        pdf_with([(20, 20, "Program")]), maintype="application", subtype="pdf", filename="a.pdf"
    )
    return (
        minutes_docx(),
        pdf_with([(20, 20, "Referat"), (20, 30, "- Kari"), (90, 30, "Ola")]),
        letter.as_bytes(),
        b"<html><ul><li>a<table><tr><td rowspan=9>b<td>c</table></ul><pre>d",
        "Sak 1/26\tKåre\n- a\n".encode("utf-16"),
        b"Subject: a\nMIME-Version: 1.0\nFrom: =?utf-8?q?=C3=A5?= <a>\n"
        b"Date: Tue, 1 Dec 2026 15:42:00 +0000\n\nhei",
        png(),
    )


def read(content: bytes, name: str = "x") -> None:
    sentence = "Lest."
    try:
        check(open_document(content, name))
    except UnreadableDocument as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert "%(" not in sentence


@given(st.binary(max_size=300), st.sampled_from(["x.txt", "x.eml", "x.html", "x.docx"]))
@settings(max_examples=200, deadline=None)
def test_random_bytes(content: bytes, name: str) -> None:
    read(content, name)


@given(
    st.sampled_from(
        [b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"MIME-Version: 1.0\nFrom: a\n", b"\xff\xfe", b"<?xml "]
    ),
    st.binary(max_size=200),
)
@settings(max_examples=150, deadline=None)
def test_random_bytes_after_a_known_beginning(start: bytes, rest: bytes) -> None:
    read(start + rest)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_valid_files_with_changed_bytes(data: st.DataObject) -> None:
    content = bytearray(seeds()[data.draw(st.integers(0, 6))])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(max_size=4))
        content[place : place + data.draw(st.integers(0, 30))] = piece
        if not content:
            break
    read(bytes(content))


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (png(), "er et bilde"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "er et bilde"),
        (b"MZ\x90\x00\x03" + bytes(100), "ikke et dokument"),
        (b"\x7fELF" + bytes(100), "ikke et dokument"),
        (b"\x1f\x8b\x08\x00" + bytes(20), "pakket mappe"),
        (rb"{\rtf1\ansi Hei}", "eldre Word-format"),
        (b"<?xml version='1.0'?><x>hei</x>", "ikke et dokument"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(30), "er et bilde"),
    ],
)
def test_other_kinds_of_file_are_refused_by_name(start: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableDocument, match=sentence):
        open_document(start, "referat.docx")
