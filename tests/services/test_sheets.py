"""Tables as files: what programs that read them see, and that nothing in them is ever a formula."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest

from tracker.services import sheets
from tracker.services.sheets import Cell

COLUMNS = ["Oppgave", "Frist"]
DAY = date(2026, 3, 20)
ROWS: list[list[Cell]] = [["Ære & <være>", DAY], ["=1+1", None], ['a;b\n"c"', None], ["\x0bnull\x00", None]]
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(content: bytes) -> list[list[tuple[str | None, str]]]:
    """(type, text) of every cell of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [[(c.get("t"), "".join(c.itertext())) for c in row] for row in sheet.iter(f"{S}row")]


def test_a_workbook_holds_texts_and_dates_and_no_formulas() -> None:
    found = cells(sheets.written("xlsx", COLUMNS, ROWS))
    assert found[0] == [("inlineStr", "Oppgave"), ("inlineStr", "Frist")]
    assert found[1] == [("inlineStr", "Ære & <være>"), (None, "46101")]  # days since 30 December 1899
    assert found[2][0] == ("inlineStr", "=1+1")
    assert found[4][0] == ("inlineStr", "null")


def test_csv_is_read_back_and_begins_no_formula() -> None:
    text = sheets.written("csv", COLUMNS, ROWS).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[:3] == [COLUMNS, ["Ære & <være>", "2026-03-20"], ["'=1+1", ""]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_whatever_a_spreadsheet_takes_for_a_formula_is_text(start: str) -> None:
    text = sheets.written("csv", ["A"], [[f"{start}cmd|' /C calc'!A0"]]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1][0].startswith("'")


def test_json_names_every_cell() -> None:
    assert json.loads(sheets.written("json", COLUMNS, ROWS))[0] == {
        "Oppgave": "Ære & <være>",
        "Frist": "2026-03-20",
    }
