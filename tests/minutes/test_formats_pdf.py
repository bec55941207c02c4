"""PDF files: the text in the order people read it."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from tests.minutes.made_files import brief, check, pdf_with, scanned_pdf
from tracker.errors import UnreadableDocument
from tracker.minutes.document import open_document

TITLES = ("Samarbeid", "Budsjett")
LONG = (
    "Ordfører- og rådmannsutvalget drøftet samarbeidet om felles innkjøp av verktøy, og hvordan kommunene "
    "kan hjelpe hverandre når noe skjer. Det ble enighet om å utrede saken videre og komme tilbake til den."
)


def lines_of(content: bytes) -> list[object]:
    return brief(check(open_document(content, "referat.pdf")))


def minutes(pages: int = 2) -> bytes:
    pdf = FPDF()
    pdf.header = lambda: (  # type: ignore[method-assign]
        pdf.set_font("helvetica", size=9),
        pdf.cell(0, 8, "Interkommunalt råd for fjorden", new_x="LMARGIN", new_y="NEXT"),
    )
    pdf.footer = lambda: (pdf.set_y(-15), pdf.cell(0, 8, f"Side {pdf.page_no()}", align="C"))  # type: ignore[method-assign]
    for number in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=18)
        pdf.multi_cell(0, 10, f"Sak {number + 1}/26 {TITLES[number]}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(0, 6, TITLES[number] + LONG, new_x="LMARGIN", new_y="NEXT")
        pdf.multi_cell(0, 6, "Vedtak", new_x="LMARGIN", new_y="NEXT")
        for marker, text in (("1.", LONG), ("2.", "Kari finner sted")):
            pdf.cell(8, 6, marker)
            pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
        with pdf.table(col_widths=(20, 70, 25), line_height=6) as table:
            table.row(("Sak", "Innhold", "Ansvar"))
            table.row(
                (
                    "1/26",
                    "Sende ut invitasjon og åpne påmelding til hele konferansen i god tid før jul",
                    "KBH",
                )
            )
            table.row(("", "Leie buss", "Alle"))
    return bytes(pdf.output())


def test_minutes_with_running_headers_wrapped_lines_and_a_table() -> None:
    document = check(open_document(minutes(), "x.pdf"))
    expected: list[object] = []
    for number in (1, 2):
        body: list[object] = [
            ("heading", "", 0, f"Sak {number}/26 {TITLES[number - 1]}"),
            TITLES[number - 1] + LONG,
            "Vedtak",
            ("item", "1.", 0, LONG),
            ("item", "2.", 0, "Kari finner sted"),
            ["Sak", "Innhold", "Ansvar"],
            ["1/26", "Sende ut invitasjon og åpne påmelding til hele konferansen i god tid før jul", "KBH"],
            ["", "Leie buss", "Alle"],
        ]
        heads: list[object] = [
            ("header", "", 0, "Interkommunalt råd for fjorden"),
            ("header", "", 0, f"Side {number}"),
        ]
        expected += heads + body if number == 1 else body + heads
    assert brief(document) == expected
    assert (document.format, document.pages, document.lines[-1].page) == ("pdf", 2, 2)


def test_lines_are_read_from_above_whatever_order_they_were_drawn_in() -> None:
    assert lines_of(pdf_with([(20, 60, "To."), (20, 40, "En."), (20, 80, "Tre.")])) == ["En.", "To.", "Tre."]


def test_columns_without_rules_make_rows_and_wrapped_cells_are_joined() -> None:
    words = [
        *((20, 40, "Hva"), (90, 40, "Ansvar"), (140, 40, "Frist")),
        *((20, 46, "Leie buss"), (90, 46, "Kari Nes og"), (140, 46, "Uke 44")),
        (90, 52, "resten av utvalget"),
        *((90, 58, "Ola"), (140, 58, "1. mars")),
        (20, 80, "Møtet hevet."),
    ]
    assert lines_of(pdf_with(words)) == [
        ["Hva", "Ansvar", "Frist"],
        ["Leie buss", "Kari Nes og resten av utvalget", "Uke 44"],
        ["", "Ola", "1. mars"],
        "Møtet hevet.",
    ]


def test_labels_with_wide_gaps_are_no_table() -> None:
    words = [(20, 40, "Sted:"), (60, 40, "Rådhuset"), (20, 46, "Tid:"), (60, 46, "14. mars kl. 10")]
    assert lines_of(pdf_with(words)) == ["Sted: Rådhuset", "Tid: 14. mars kl. 10"]


def test_broken_words_are_whole_again() -> None:
    first = "Utvalget vil at alle parter skal samles til en drøfting av hvordan kommune-"
    words = [(20, 40, first), (20, 46, "direktørene kan samarbeide bedre"), (20, 60, "Slutt.")]
    (text, _) = lines_of(pdf_with(words))
    assert text == first[:-1] + "direktørene kan samarbeide bedre"


def test_nested_bullets() -> None:
    words = [(20, 40, "-"), (26, 40, "en"), (30, 46, "-"), (36, 46, "to"), (20, 52, "-"), (26, 52, "tre")]
    assert lines_of(pdf_with(words)) == [
        ("item", "-", 0, "en"),
        ("item", "-", 1, "to"),
        ("item", "-", 0, "tre"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pdf_with([(20, 20, "Hemmelig")], password="x"), "passordbeskyttet"),
        (scanned_pdf(), "skannet bilde"),
        (pdf_with(), "ingen tekst"),
        (b"%PDF-1.7\nrubbish", "skadet"),
        (minutes()[:300], "skadet"),
        (pdf_with(pages=501), "501 sider, og grensen er 500"),
    ],
)
def test_what_is_refused_and_why(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableDocument, match=sentence):
        open_document(content, "referat.pdf")
