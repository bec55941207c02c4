"""Plain text and Markdown as lines, and lines laid out as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SHARED
from tests.minutes.made_files import brief, check
from tracker.minutes.document import Document, Sheet, compose, from_text, open_document

NO_MARKER = [
    "14.–15. mars på fjellet",
    "14. – 15. mars på fjellet",
    "18. og 19. januar",
    "1. november 2022",
    "1. Mai er fri",
    "2. nestleder Kari Nes",
    "1. kvartal er best",
    "17. 01. 22",
    "22.februar – 23. februar",
    "12.05.2022 Møte",
    "A. Hansen kom senere",
    "B. Berg møtte",
    "-5 grader",
    "1.1 Mål",
    "2022. Et år",
    "**Vedtak**",
    "--- Opprinnelig melding ---",
    "- - -",
    "-",
    "d. 15 mai",
]

MARKER = [
    ("- Kari finner sted", "-", "Kari finner sted"),
    ("* Kari", "*", "Kari"),
    ("– Kari", "–", "Kari"),
    ("•Kari", "•", "Kari"),
    ("•\tKari", "•", "Kari"),
    ("-Sak", "-", "Sak"),
    ("1. Godkjenning", "1.", "Godkjenning"),
    ("1.Godkjenning", "1.", "Godkjenning"),
    ("12) Budsjett", "12)", "Budsjett"),
    ("a) først", "a)", "først"),
    ("(b) så", "(b)", "så"),
    ("ii) så", "ii)", "så"),
    ("a. Så", "a.", "Så"),
    ("1. Mai-utvalget møtes", "1.", "Mai-utvalget møtes"),
    ("- Sak 1/22 **Godkjenning**", "-", "Sak 1/22 **Godkjenning**"),
    ("- 15. mars er fristen", "-", "15. mars er fristen"),
]


@pytest.mark.parametrize("text", NO_MARKER)
def test_dates_names_and_rules_are_no_list_items(text: str) -> None:
    assert brief(check(from_text(text))) == [text]


@pytest.mark.parametrize(("text", "marker", "rest"), MARKER)
def test_list_markers_are_not_part_of_the_text(text: str, marker: str, rest: str) -> None:
    assert brief(check(from_text(text))) == [("item", marker, 0, rest)]


def test_indentation_nests_items_and_a_paragraph_ends_the_list() -> None:
    text = "- a\n  - b\n    1. c\n  - d\n- e\nTekst\n  - f"
    levels = [line.level for line in check(from_text(text)).lines]
    assert levels == [0, 1, 2, 1, 0, 0, 0]


def test_tab_rows_keep_empty_cells_and_exact_places() -> None:
    document = check(from_text("Navn\tRolle\tVara\n\tKari Nes\tleder\t\nOla\t\t"))
    assert brief(document) == [["Navn", "Rolle", "Vara"], ["", "Kari Nes", "leder", ""], ["Ola", "", ""]]
    assert document.lines[1].cells[1].start == len("Navn\tRolle\tVara\n\t")


@pytest.mark.parametrize("text", ["\tInnrykk", "Sted:\tRådhuset", "Tid:\t\tkl. 10"])
def test_an_indent_or_a_label_is_no_table(text: str) -> None:
    assert brief(check(from_text(text))) == [text.strip()]


def test_markdown_tables_headings_and_quotes() -> None:
    text = (
        "# Referat\n| Sak | Ansvar |\n|---|:-:|\n| 1/26 **x** | a\\|b |\n\n"
        "Sak | Frist\n--- | ---\n2 | Uke 4\n> > Hei\n"
    )
    document = check(from_text(text))
    assert brief(document) == [
        ("heading", "", 0, "Referat"),
        ["Sak", "Ansvar"],
        ["1/26 **x**", "a\\|b"],
        ["Sak", "Frist"],
        ["2", "Uke 4"],
        ("quoted", "", 1, "Hei"),
    ]
    assert document.text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Referat\n=======\nx", [("heading", "", 0, "Referat"), "x"]),
        ("Referat\n-------\nx", [("heading", "", 1, "Referat"), "x"]),
        ("mvh Bente\n---\nFra: Dag", ["mvh Bente", "---", "Fra: Dag"]),
        ("#1 er ikke overskrift", ["#1 er ikke overskrift"]),
    ],
)
def test_underlined_headings(text: str, expected: list[object]) -> None:
    assert brief(check(from_text(text))) == expected


def test_text_stays_verbatim_but_for_line_breaks_and_what_is_no_text() -> None:
    text = "\ufeffa  b \r\nc\rd\x00\x0ce\u2028f\ud800"
    assert from_text(text).text == "a  b \nc\nd \ne\nf\ufffd"


@given(st.text(alphabet=st.characters(), max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_keeps_its_places(text: str) -> None:
    check(from_text(text))


@given(st.text(alphabet="-*|\t \n1.>#a=)o:å", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_markup_keeps_text_and_places(text: str) -> None:
    assert check(from_text(text)).text == text


@pytest.mark.parametrize("piece", ["a", "- ", "| ", "\t", "> ", "1. ", "#", "\\", "*", " ", "=", "\ufeff"])
def test_one_line_of_a_million_characters(piece: str) -> None:
    check(from_text(piece * (1_000_000 // len(piece))))


def test_compose_lays_out_lines_with_their_places() -> None:
    sheets = [
        Sheet("Referat", "heading"),
        Sheet("Sted:\n Rådhuset", page=1),
        Sheet(kind="row", cells=("", "a\tb", ""), page=1),
        Sheet(kind="row", cells=("c", "", "d")),
        Sheet(kind="row", cells=("", " ")),
        Sheet("Kari  finner sted", "item", 1),
        Sheet("Så", "item", 0, marker="1."),
        Sheet(" "),
        Sheet("Sak 2", "heading", 1),
        Sheet("lang " * 30),
        Sheet("slutt"),
    ]
    document = check(compose(sheets, format="docx", title="T"))
    assert document.text == (
        "Referat\nSted: Rådhuset\n\n\ta b\t\nc\t\td\n\n  - Kari finner sted\n1. Så\n\nSak 2\n"
        + ("lang " * 30).strip()
        + "\n\nslutt"
    )
    assert document.lines[1].page == 1
    assert document.lines[4].marker == "-"
    assert (document.format, document.title) == ("docx", "T")


@given(
    st.lists(
        st.builds(
            Sheet,
            text=st.text(max_size=20),
            kind=st.sampled_from(["text", "heading", "item", "row", "header", "quoted"]),
            level=st.integers(-2, 30),
            cells=st.lists(st.text(max_size=8), max_size=4).map(tuple),
            marker=st.text(max_size=3),
        ),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_lines_get_their_places(sheets: list[Sheet]) -> None:
    check(compose(sheets))


@pytest.mark.shared
def test_the_example_minutes_are_kept_as_they_are() -> None:
    for path in sorted((SHARED / "minutes").glob("*.txt")):
        document = _opened(path)
        assert document.text == path.read_text("utf-8").removeprefix("\ufeff")
        assert len(document.lines) > 20


def _opened(path: Path) -> Document:
    return check(open_document(path.read_bytes(), path.name))
