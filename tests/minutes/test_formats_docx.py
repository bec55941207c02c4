"""Word documents, whole ones and the corners of the format."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable

import docx
import pytest

from tests.minutes.made_files import OLE, brief, check, minutes_docx, saved, word, zipped
from tracker.errors import UnreadableDocument
from tracker.minutes.document import open_document


def lines_of(content: bytes) -> list[object]:
    return brief(check(open_document(content, "referat.docx")))


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{text and r(text)}</w:p>"


def r(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_minutes_as_word_makes_them() -> None:
    document = check(open_document(minutes_docx(), "x"))
    assert (document.format, document.title) == ("docx", "Referat fra rådet")
    assert brief(document) == [
        ("heading", "", 0, "Referat fra møte i rådet"),
        ("heading", "", 1, "Sak 1/26 Godkjenning"),
        "Innkallingen godkjennes.",
        ("item", "-", 0, "Kari finner sted"),
        ("item", "1.", 0, "Send program"),
        ("item", "2.", 0, "Åpne påmelding"),
        ["Hva", "Ansvar", "Frist"],
        ["Leie buss", "", "Uke 44"],
        "Møtet hevet.",
    ]


RUNS = [
    (f"<w:ins>{r('inn')}</w:ins><w:del><w:r><w:delText>ut</w:delText></w:r></w:del>", ["inn"]),
    (f"<w:moveTo>{r('her')}</w:moveTo><w:moveFrom>{r('der')}</w:moveFrom>", ["her"]),
    (f"<w:hyperlink>{r('lenke')}</w:hyperlink>", ["lenke"]),
    (f"<w:sdt><w:sdtPr><w:t>nei</w:t></w:sdtPr><w:sdtContent>{r('felt')}</w:sdtContent></w:sdt>", ["felt"]),
    (f"<w:r><w:instrText>PAGE</w:instrText></w:r>{r('3')}", ["3"]),
    ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>skjult</w:t></w:r>" + r("synlig"), ["synlig"]),
    (f"{r('Linje en')}<w:r><w:br/></w:r>{r('Linje to')}", ["Linje en", "Linje to"]),
    (f"{r('Kari')}<w:r><w:tab/></w:r>{r('leder')}<w:r><w:tab/></w:r>{r('x')}", [["Kari", "leder", "x"]]),
    (f"{r('Sted:')}<w:r><w:tab/></w:r>{r('Rådhuset')}", ["Sted: Rådhuset"]),
    (f"{r('-')}<w:r><w:tab/></w:r>{r('Kari finner')}", [("item", "-", 0, "Kari finner")]),
    (r("14.–15. mars"), ["14.–15. mars"]),
    (
        "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>boks</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>boks</w:t></w:r></w:p>"
        "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>" + r("ved"),
        ["ved", "boks"],
    ),
]


@pytest.mark.parametrize(("runs", "expected"), RUNS)
def test_what_a_paragraph_says(runs: str, expected: list[object]) -> None:
    assert lines_of(word(f"<w:p>{runs}</w:p>")) == expected


def test_content_controls_around_paragraphs_and_tables() -> None:
    body = f"<w:sdt><w:sdtContent>{p('a')}<w:ins>{p('b')}</w:ins></w:sdtContent></w:sdt>"
    assert lines_of(word(body)) == ["a", "b"]


def numbered(level: int, name: str = "1") -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr>'


NUMBERING = """
<w:abstractNum w:abstractNumId="7">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2)"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="4"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="8">
 <w:lvl w:ilvl="0"><w:start w:val="4"/><w:numFmt w:val="decimal"/><w:lvlText w:val="Sak %1/26"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="7"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>
"""


def test_lists_are_counted_as_word_counts_them() -> None:
    body = "".join(
        p(t, numbered(n)) for t, n in [("en", 0), ("a", 1), ("b", 1), ("fire", 2), ("to", 0), ("a", 1)]
    )
    body += p("ni", numbered(0, "3")) + p("Budsjett", numbered(0, "2")) + p("Ymse", numbered(0, "2"))
    body += p("ingen", numbered(0, "0"))
    assert lines_of(word(body, numbering=NUMBERING)) == [
        ("item", "1.", 0, "en"),
        ("item", "a)", 1, "a"),
        ("item", "b)", 1, "b"),
        ("item", "iv.", 2, "fire"),
        ("item", "2.", 0, "to"),
        ("item", "a)", 1, "a"),
        ("item", "9.", 0, "ni"),
        "Sak 4/26 Budsjett",
        "Sak 5/26 Ymse",
        "ingen",
    ]


def test_styles_rest_on_styles() -> None:
    styles = (
        '<w:style w:styleId="A"><w:name w:val="heading 3"/></w:style>'
        '<w:style w:styleId="B"><w:name w:val="Saksoverskrift"/><w:basedOn w:val="A"/></w:style>'
        '<w:style w:styleId="C"><w:name w:val="toc 1"/></w:style>'
        '<w:style w:styleId="D"><w:name w:val="ring"/><w:basedOn w:val="D"/></w:style>'
    )
    body = "".join(p(s, f'<w:pStyle w:val="{s}"/>') for s in "BCDX")
    assert lines_of(word(body, styles=styles)) == [("heading", "", 2, "B"), ("header", "", 0, "C"), "D", "X"]


def cell(content: str, span: int = 1) -> str:
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>{content}</w:tc>'


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def test_tables_keep_columns_join_paragraphs_and_open_up_when_they_only_arrange() -> None:
    inner = table(cell(p("Hva")) + cell(p("Hvem")))
    body = table(
        cell(p("a"), 2) + cell(p("b")),
        cell(p("Sende ut") + p("Leie buss.") + p("Ringe")) + cell(p("KBH") + p("OS")) + cell(p("")),
        cell(p("Vedtak") + p("1. Kari finner sted")) + cell(p("")),
        cell(p("Ramme")) + cell(p("før") + inner),
        cell(p("alene")),
    )
    deleted = "<w:tbl><w:tr><w:trPr><w:del/></w:trPr>" + cell(p("x")) + cell(p("y")) + "</w:tr></w:tbl>"
    assert lines_of(word(body + deleted)) == [
        ["a", "", "b"],
        ["Sende ut; Leie buss. Ringe", "KBH; OS", ""],
        "Vedtak",
        ("item", "1.", 0, "Kari finner sted"),
        "Ramme",
        "før",
        ["Hva", "Hvem"],
        "alene",
    ]


def test_the_page_header_comes_once_and_first() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Rådet for fjorden"
    document.add_section().header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Rådet for fjorden"
    document.add_paragraph("Tekst")
    assert lines_of(saved(document)) == [("header", "", 0, "Rådet for fjorden"), "Tekst"]


def bomb() -> bytes:
    return zipped({"word/document.xml": b"<w:document>" + b" " * 60_000_000})


def lying_bomb() -> bytes:
    """Says that its part is small; the reading itself has to stop."""
    content = bytearray(zipped({"word/document.xml": b" " * 60_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.rfind(mark) + place, 1000)
    return bytes(content)


def with_password() -> bytes:
    content = bytearray(zipped({"word/document.xml": b"<x/>"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rfind(mark) + place] |= 1
    return bytes(content)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
REFUSED: list[tuple[Callable[[], bytes], str]] = [
    (bomb, "for tung"),
    (lying_bomb, "skadet|for tung"),
    (with_password, "passordbeskyttet"),
    (lambda: zipped({"word/document.xml": ENTITIES}), "ikke er trygt"),
    (lambda: zipped({"word/document.xml": OUTSIDE}), "ikke er trygt"),
    (lambda: zipped({"word/document.xml": ENTITIES.encode("utf-16")}), "ikke er trygt"),
    (lambda: zipped({f"word/{n}": b"" for n in range(3100)}), "for tung"),
    (lambda: zipped({"word/document.xml": b"<x"}), "skadet"),
    (lambda: zipped({"word/media/a.png": b"x"}), "skadet"),
    (lambda: zipped({"word/document.xml": b"<x/>"}), "skadet"),
    (lambda: minutes_docx()[:-200], "skadet"),
    (lambda: minutes_docx()[:2000], "skadet"),
    (lambda: word("<w:sdt>" * 1500 + p("x") + "</w:sdt>" * 1500), "skadet|for tung"),
    (lambda: word("<w:tbl><w:tr><w:tc>" * 60 + "</w:tc></w:tr></w:tbl>" * 60), "for tung"),
    (lambda: word(p(" ")), "ingen tekst"),
    (lambda: word("".join(p(f"{n * n}") for n in range(70_000))), "for mange linjer"),
    (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "passordbeskyttet"),
    (lambda: OLE + "WordDocument".encode("utf-16-le"), "eldre Word-format"),
    (lambda: OLE + "Workbook".encode("utf-16-le"), "regneark"),
    (lambda: OLE + "__substg1.0_1000".encode("utf-16-le"), "Outlook-melding"),
    (lambda: zipped({"xl/workbook.xml": b"<x/>"}), "regneark"),
    (lambda: zipped({"bilder/a.jpg": b"x"}), "pakket mappe"),
]


@pytest.mark.parametrize(("made", "sentence"), REFUSED)
def test_what_is_refused_and_why(made: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(UnreadableDocument, match=sentence):
        open_document(made(), "referat.docx")


def test_nothing_outside_the_file_is_followed() -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="x/officeDocument" Target="file:///etc/passwd" TargetMode="External"/>'
        "</Relationships>"
    )
    body = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{p("hei")}</w:document>'
    assert lines_of(zipped({"_rels/.rels": rels, "word/document.xml": body})) == ["hei"]


def test_the_lying_bomb_lies() -> None:
    import io

    with zipfile.ZipFile(io.BytesIO(lying_bomb())) as archive:
        assert archive.infolist()[0].file_size == 1000
