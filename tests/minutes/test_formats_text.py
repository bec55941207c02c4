"""Plain text in every encoding that minutes come in."""

from __future__ import annotations

import pytest

from tests.minutes.made_files import brief, check
from tracker.errors import UnreadableDocument
from tracker.minutes.document import open_document
from tracker.minutes.formats import refusals

WORDS = "Møtet på Ås – «vedtak»\n- Kåre ønsker økt støtte"
LINES = ["Møtet på Ås – «vedtak»", ("item", "-", 0, "Kåre ønsker økt støtte")]
MIXED = "Møtet på Ås – «vedtak»\n".encode() + "- Kåre ønsker økt støtte".encode("cp1252")


@pytest.mark.parametrize(
    "content",
    [
        WORDS.encode(),
        WORDS.encode("utf-8-sig"),
        WORDS.replace("\n", "\r\n").encode(),
        WORDS.encode("utf-16"),
        WORDS.encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        b"\xfe\xff" + WORDS.encode("utf-16-be"),
        WORDS.encode("utf-32"),
        WORDS.encode("cp1252"),
        MIXED,
    ],
)
def test_encodings(content: bytes) -> None:
    assert brief(check(open_document(content, "referat.txt"))) == LINES


def test_latin_1_and_single_odd_bytes_never_fail() -> None:
    content = "blåbær".encode("latin-1") + b"\x81\x9d ok"
    assert open_document(content, "x.txt").text.startswith("blåbær")


@pytest.mark.parametrize(
    ("name", "expected"), [("a.md", "md"), ("A.MARKDOWN", "md"), ("a.txt", "txt"), ("", "txt")]
)
def test_the_name_tells_markdown_from_text(name: str, expected: str) -> None:
    assert open_document(b"# Referat", name).format == expected


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", "\u00a0\n".encode(), b"\xff\xfe"])
def test_nothing_but_white_space_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="Filen er tom"):
        open_document(content, "x.txt")


@pytest.mark.parametrize("content", [bytes(range(256)) * 40, b"abc\x00\x01\x02\x03" * 50])
def test_rubbish_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="ikke et dokument"):
        open_document(content, "x.txt")


@pytest.mark.parametrize(
    "content", [b"a" * 10_000_000, b"a b " * 600_000, ("å" * 2_000_001).encode("utf-16")]
)
def test_too_much_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="for lang") as caught:
        open_document(content, "x.txt")
    assert caught.value.values == {"limit": refusals.CHARACTERS}


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="for mange linjer"):
        open_document(b"a\n" * 70_000, "x.txt")


def test_more_than_25_megabytes_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="på 26 MB, og grensen er 25 MB"):
        open_document(b"a" * (25 * 1024 * 1024 + 1), "x.txt")
