"""HTML and OpenDocument texts."""

from __future__ import annotations

import pytest

from tests.minutes.made_files import brief, check, zipped
from tracker.errors import UnreadableDocument
from tracker.minutes.document import open_document

HTML = [
    ("<h1>Referat</h1><p>Tekst<p>Mer", [("heading", "", 0, "Referat"), "Tekst", "Mer"]),
    ("<p>a<br>b\n c</p>", ["a", "b c"]),
    ("<script>x</script><style>y</style><p hidden>z</p><p style='display: none'>w</p><p>ja", ["ja"]),
    ("<!-- nei --><p>ja</p><img src='http://example.invalid/x'>", ["ja"]),
    (
        "<ul><li>a<ul><li><p>b</p></li></ul><li>c</ul><ol start=3><li>d<li>e</ol>",
        [
            ("item", "-", 0, "a"),
            ("item", "-", 1, "b"),
            ("item", "-", 0, "c"),
            ("item", "3.", 0, "d"),
            ("item", "4.", 0, "e"),
        ],
    ),
    (
        "<table><tr><th>Sak<th>Hva<th>Hvem<tr><td rowspan=2>1<td>a<td>b<tr><td colspan=2>c</table>",
        [["Sak", "Hva", "Hvem"], ["1", "a", "b"], ["", "c", ""]],
    ),
    ("<table><tr><td><p>a<p>b<table><tr><td>c<td>d</table></table>", ["a", "b", ["c", "d"]]),
    (
        "<p>- Kari finner sted</p><div>1. november 2022</div>",
        [("item", "-", 0, "Kari finner sted"), "1. november 2022"],
    ),
    ("<blockquote>gammelt<br>mer</blockquote>", [("quoted", "", 0, "gammelt"), ("quoted", "", 0, "mer")]),
    ("<pre>a\n  b</pre><b>c</b><i>d</i>", ["a", "b", "cd"]),
    ("<p>bl&aring;b&aelig;r &mdash; kr&nbsp;5</p>", ["blåbær — kr 5"]),
    ("<td>a</td></tr></table><li>b", ["a", ("item", "-", 0, "b")]),
]


@pytest.mark.parametrize(("body", "expected"), HTML)
def test_html(body: str, expected: list[object]) -> None:
    content = (
        f"<!DOCTYPE html><html><head><title>En  tittel</title></head><body>{body}</body></html>".encode()
    )
    document = check(open_document(content, "x"))
    assert brief(document) == expected
    assert (document.format, document.title) == ("html", "En tittel")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<p>Hei", "x.txt"),
        (b"\xef\xbb\xbf <HTML><p>Hei", ""),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><html><p>Hei", ""),
        (b"<!-- x --><html><p>Hei", ""),
        ("<html><p>Hei".encode("cp1252"), "a.html"),
    ],
)
def test_html_is_known_by_its_bytes(content: bytes, name: str) -> None:
    document = open_document(content, name)
    assert (document.format, document.text) == ("html", "Hei")


@pytest.mark.parametrize("content", [b"<html><body></body></html>", b"<html><script>x</script>"])
def test_html_without_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="ingen tekst"):
        open_document(content, "x.html")


def test_html_that_is_only_depth_or_width_ends() -> None:
    for piece in (b"<div>", b"<table><tr><td>", b"<ul><li>"):
        with pytest.raises(UnreadableDocument):
            open_document(b"<html>" + piece * 50_000, "x.html")
    with pytest.raises(UnreadableDocument):
        open_document(b"<html><table>" + b"<tr><td colspan=60>a" * 100_000, "x.html")


NAMES = " ".join(
    f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{u}:1.0"'
    for n, u in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"))
)


def odt(body: str, **parts: str) -> bytes:
    content = (
        f"<office:document-content {NAMES}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    members: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
    }
    return zipped(members | parts)


def test_odt() -> None:
    content = odt(
        '<text:h text:outline-level="2">Sak 1/26</text:h>'
        "<text:p>Vi <text:span>skal</text:span><text:s/>møtes<text:note>nei</text:note> snart"
        "<text:line-break/>her</text:p>"
        "<text:list><text:list-item><text:p>a</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item>"
        "</text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="2"/>'
        "<table:table-cell><text:p>y</text:p></table:table-cell></table:table-row></table:table><text:tracked-changes><text:p>borte</text:p></text:tracked-changes>"
    )
    document = check(open_document(content, "x.odt"))
    assert document.format == "odt"
    assert brief(document) == [
        ("heading", "", 1, "Sak 1/26"),
        "Vi skal møtes snart",
        "her",
        ("item", "-", 0, "a"),
        ("item", "-", 1, "b"),
        ["x", "", "", "y"],
    ]


def test_encrypted_odt_is_refused() -> None:
    content = odt("<text:p>x</text:p>", **{"META-INF/manifest.xml": "<x><encryption-data/></x>"})
    with pytest.raises(UnreadableDocument, match="passordbeskyttet"):
        open_document(content, "x.odt")
