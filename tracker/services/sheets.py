"""A table as a file: CSV as Excel in Norwegian reads it, a workbook (xlsx), or JSON.

Nothing in a file is ever read as a formula (OWASP, CSV injection): in CSV what looks like one begins with an
apostrophe, in a workbook every cell says that it is text or a date.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from io import BytesIO, StringIO

Cell = str | date | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MIMETYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
LONGEST_CELL = 32_767  # what Excel takes
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DAY_ZERO = date(1899, 12, 30)  # ECMA-376 part 1, § 18.17.4.1


def written(kind: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table in one of MIMETYPES."""
    if kind == "xlsx":
        return workbook(columns, rows)
    if kind == "json":
        named = [{name: _plain(cell) for name, cell in zip(columns, row, strict=True)} for row in rows]
        return json.dumps(named, ensure_ascii=False, indent=1).encode()
    return as_csv(columns, ([_plain(cell) or "" for cell in row] for row in rows))


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Semicolons and a byte order mark, as Excel in Norwegian reads them without asking."""
    place = StringIO()
    writer = csv.writer(place, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return place.getvalue().encode("utf-8-sig")


def workbook(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet (ECMA-376), the columns' names in bold above; dates are dates."""
    place = BytesIO()
    lines = [_row(1, columns, heading=True), *(_row(number, row) for number, row in enumerate(rows, 2))]
    widths = "".join(
        f'<col min="{n}" max="{n}" width="24" customWidth="1"/>' for n in range(1, len(columns) + 1)
    )
    sheet = (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
        f'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData>{''.join(lines)}</sheetData></worksheet>"
    )
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*PARTS.items(), ("xl/worksheets/sheet1.xml", sheet)):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return place.getvalue()


def _row(number: int, cells: Sequence[Cell], *, heading: bool = False) -> str:
    return f'<row r="{number}">{"".join(_cell(cell, 2 if heading else 0) for cell in cells)}</row>'


def _cell(cell: Cell, style: int) -> str:
    if isinstance(cell, date):
        return f'<c s="1"><v>{(cell - DAY_ZERO).days}</v></c>'
    text = escape(NOT_IN_XML.sub("", cell or "")[:LONGEST_CELL])
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'


def _plain(cell: Cell) -> str | None:
    return cell.isoformat() if isinstance(cell, date) else cell


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": (
        f'{XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Ark1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
        '<xf numFmtId="14" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
    ),
}
"""The parts of a workbook that never change. Style 1 is a date, style 2 bold."""
