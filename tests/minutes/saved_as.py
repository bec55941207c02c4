"""The same minutes saved as other formats, as the programs that people use would save them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from itertools import groupby

import docx
from fpdf import FPDF
from fpdf.fonts import FontFace

from tests.minutes.made_files import saved
from tracker.minutes.document import Line, from_text

PLAIN = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "•": "-", "…": "..."})
"""What the fonts that every PDF reader has lack (ISO 8859-1)."""
_RULE = re.compile(r"[-:\s]*")


def as_docx(text: str) -> bytes:
    """With headings, lists, bold text and real tables."""
    document = docx.Document()
    for kind, lines in _blocks(text):
        if kind == "row":
            rows = [[cell.text for cell in line.cells] for line in lines]
            table = document.add_table(len(rows), max(map(len, rows)))
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, said in zip(row.cells, cells, strict=False):
                    _runs(cell.paragraphs[0], said)
            continue
        for line in lines:
            if kind == "heading":
                document.add_heading(line.text, min(line.level + 1, 9))
            elif kind == "item":
                style = "List Number" if line.marker[:1].isdigit() else "List Bullet"
                _runs(document.add_paragraph(style=style), line.text)
            else:
                _runs(document.add_paragraph(), line.text)
    return saved(document)


def as_pdf(text: str) -> bytes:
    """Set in lines on pages, tables in columns whose cells run over several lines, page numbers below."""
    pdf = FPDF()
    pdf.set_auto_page_break(True, 20)
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    for kind, lines in _blocks(text.translate(PLAIN)):
        if kind == "row":
            rows = [[_bare(cell.text) for cell in line.cells] for line in lines]
            width = max(map(len, rows))
            longest = [max((len(row[n]) for row in rows if n < len(row)), default=1) for n in range(width)]
            shares = tuple(max(8, min(size, 60)) for size in longest)
            with pdf.table(col_widths=shares, headings_style=FontFace(emphasis="BOLD")) as table:
                for cells in rows:
                    table.row([*cells, *[""] * (width - len(cells))])
            continue
        for line in lines:
            mark = f"{line.marker} " if kind == "item" else ""
            pdf.set_font("helvetica", style="B" if kind == "heading" else "", size=10)
            pdf.set_x(pdf.l_margin + (6 * (line.level + 1) if kind == "item" else 0))
            pdf.multi_cell(0, 5, mark + _bare(line.text), new_x="LMARGIN", new_y="NEXT")
            pdf.ln(1.5)
    return bytes(pdf.output())


def as_eml(text: str) -> bytes:
    """Sent as the text of a mail; a text that is a mail already keeps its own head."""
    message = EmailMessage()
    said = dict(re.findall(r"(?m)^(Fra|Emne): (.*)$", text.partition("\n\n")[0]))
    message["From"] = said.get("Fra", "Sekretariatet <post@raadet.example>")
    message["To"] = "medlemmene <alle@raadet.example>"
    message["Subject"] = said.get("Emne", "Referat")
    sent = re.match(r"Fra: .*\nSendt: \w+ 1\. desember 2026 16:42\n", text)
    if sent:
        message["Date"] = "Tue, 01 Dec 2026 16:42:00 +0100"
        text = text.partition("\n\n")[2]
    message.set_content(text, cte="quoted-printable")
    return bytes(message)


def _blocks(text: str) -> Iterator[tuple[str, list[Line]]]:
    """Lines of one kind in a row; the rule under the head of a Markdown table is no row."""
    lines = [line for line in from_text(text).lines if not _is_rule(line)]
    for (kind, columns), group in groupby(lines, key=lambda line: (line.kind, bool(line.cells))):
        yield ("row" if columns else kind), list(group)


def _is_rule(line: Line) -> bool:
    return bool(line.cells) and all(_RULE.fullmatch(cell.text) for cell in line.cells)


def _bare(text: str) -> str:
    return text.replace("**", "").encode("latin-1", "replace").decode("latin-1")


def _runs(paragraph: object, text: str) -> None:
    """`text` in a Word paragraph, with what stands between ** in bold."""
    for number, part in enumerate(_parts(text)):
        run = paragraph.add_run(part)  # type: ignore[attr-defined]
        run.bold = number % 2 == 1 or None


def _parts(text: str) -> Iterable[str]:
    return text.split("**")
