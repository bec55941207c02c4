"""A report as files to hand on: PDF/UA-1 by Typst, and Word. Both take the rows as they are given.

Both libraries are loaded only when a file is made: they are slow to load, and most processes never need them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.language import Language
from tracker.services import spreadsheet
from tracker.services.decision_report import DecisionReport

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

TEMPLATE = Path(__file__).parents[1] / "templates/reports/decisions.typ"
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 § 2.2, and C1
# What the fonts in Typst can show; PDF/UA forbids a sign without a picture (ISO 14289-1 § 7.21.8).
UNSHOWN = re.compile(
    r"[^\n\x20-\x7e\xa0-\u04ff\u1e00-\u1eff\u2010-\u2027\u2030-\u2040\u2044-\u2052\u20a0-\u20bf"
    r"\u2190-\u22ff\u25a0-\u25ff]"
)
PLACEHOLDER = "□"
LOCALES = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB"}
A4 = 297, 210  # mm, landscape
MARGIN = 14  # mm
WIDTHS = (13, 9, 13, 19, 30, 10, 26)  # of spreadsheet.COLUMNS


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a heading, in texts that every file can hold.

    `widths`: of the columns, against each other; `page`: the word «Side».
    """

    title: str
    author: str
    language: str
    page: str
    lines: Sequence[str]
    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]


def sheet_of(report: DecisionReport, author: str, tongue: Language) -> Sheet:
    """The report with its heading, in the reader's language. `author`: the council's name."""
    return Sheet(
        title=tongue.gettext("Oppfølging av tidligere vedtak"),
        author=_clean(author),
        language=tongue.code,
        page=tongue.gettext("Side"),
        lines=[_clean(line) for line in (author, summary(report, tongue))],
        columns=[tongue.gettext(column) for column in spreadsheet.COLUMNS],
        widths=WIDTHS,
        rows=[[_clean(cell) for cell in row.cells] for row in report.rows],
    )


def summary(report: DecisionReport, tongue: Language) -> str:
    """«Elvedalsrådet. Alle åpne. Laget mandag 2. mars 2026.»"""
    names = ", ".join(body.name for body in report.bodies)
    made = tongue.gettext("Laget %(day)s") % {"day": tongue.day(report.today)}
    said = f"{names}. {report.period.name(tongue)}. {made}."
    if report.cut:
        said += " " + tongue.gettext(
            "Rapporten er for lang, og ikke alt er med. Velg ett organ eller en kortere periode."
        )
    return said


def csv(report: DecisionReport, tongue: Language) -> bytes:
    """For a spreadsheet."""
    return spreadsheet.written((row.cells for row in report.rows), tongue)


def pdf(sheet: Sheet) -> bytes:
    """PDF/UA-1: tagged, with title, language and column headings that a screen reader says."""
    import typst  # noqa: PLC0415

    given = json.dumps(asdict(sheet), ensure_ascii=False)
    try:
        return _typeset(given)
    except typst.TypstError:
        return _typeset(UNSHOWN.sub(PLACEHOLDER, given))


def _typeset(given: str) -> bytes:
    import typst  # noqa: PLC0415

    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,  # the same on every machine
        sys_inputs={"given": given},
    )
    assert isinstance(made, bytes)
    return made


def docx(sheet: Sheet) -> bytes:
    """Word, in landscape, with a real heading and a heading row that every page repeats."""
    import docx as word  # noqa: PLC0415

    document = word.Document()
    _set_up(document, sheet)
    document.add_heading(sheet.title, level=1)
    for line in sheet.lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1 + len(sheet.rows), cols=len(sheet.columns), style="Table Grid")
    _fill(table, sheet)
    place = BytesIO()
    document.save(place)
    return place.getvalue()


def _set_up(document: Document, sheet: Sheet) -> None:
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Mm, Pt  # noqa: PLC0415

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(A4[0]), Mm(A4[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    properties = document.core_properties
    properties.title, properties.author = sheet.title, sheet.author
    properties.language, properties.comments = LOCALES[sheet.language], ""
    normal = document.styles["Normal"]
    normal.font.size = Pt(9)
    normal.paragraph_format.space_after = Pt(2)
    spoken = OxmlElement("w:lang")  # the language that Word proofs and screen readers speak
    spoken.set(qn("w:val"), LOCALES[sheet.language])
    normal.element.get_or_add_rPr().append(spoken)


def _fill(table: Table, sheet: Sheet) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Mm  # noqa: PLC0415

    table.autofit = False
    unit = (A4[0] - 2 * MARGIN) / sum(sheet.widths)
    widths = [Mm(width * unit) for width in sheet.widths]
    for place, (row, texts) in enumerate(zip(table.rows, (sheet.columns, *sheet.rows), strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            run = cell.paragraphs[0].add_run(text)
            run.bold = place == 0 or None
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.set(qn("w:firstColumn"), "0")  # the first column names nothing


def _clean(text: str) -> str:
    return UNWRITABLE.sub("", text)
