"""Files of every kind, written by the tests themselves, and what holds for every document read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from email.message import EmailMessage

import docx
from fpdf import FPDF

from tracker.minutes.document import Document

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def check(document: Document) -> Document:
    """Every line and cell is where it says it is."""
    for line in document.lines:
        assert document.text[line.start : line.end] == line.text
        assert line.text
        assert line.text == line.text.strip()
        for cell in line.cells:
            assert document.text[cell.start : cell.end] == cell.text
            assert line.start <= cell.start <= cell.end <= line.end
    starts = [line.start for line in document.lines]
    assert starts == sorted(starts)
    document.text.encode()
    assert "\x00" not in document.text
    return document


def brief(document: Document) -> list[object]:
    """The lines in short: text, or (kind, marker, level, text), or the cells of a row."""
    return [
        [c.text for c in line.cells]
        if line.kind == "row"
        else line.text
        if line.kind == "text"
        else (line.kind, line.marker, line.level, line.text)
        for line in document.lines
    ]


def zipped(members: dict[str, bytes | str]) -> bytes:
    """A zip file."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return memory.getvalue()


def word(body: str, **parts: str) -> bytes:
    """The smallest docx around some WordprocessingML. `parts` are further parts ("numbering": …)."""
    head = f'xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    members: dict[str, bytes | str] = {
        "word/document.xml": f"<w:document {head}><w:body>{body}</w:body></w:document>"
    }
    members |= {
        f"word/{name}.xml": f'<w:{name} xmlns:w="{WORD}">{part}</w:{name}>' for name, part in parts.items()
    }
    return zipped(members)


def saved(document: object) -> bytes:
    """The bytes of a python-docx document."""
    memory = io.BytesIO()
    document.save(memory)  # type: ignore[attr-defined]
    return memory.getvalue()


def minutes_docx() -> bytes:
    """Minutes as Word makes them."""
    document = docx.Document()
    document.core_properties.title = "Referat fra rådet"
    document.add_heading("Referat fra møte i rådet", 0)
    document.add_heading("Sak 1/26 Godkjenning", 2)
    document.add_paragraph("Innkallingen godkjennes.")
    document.add_paragraph("Kari finner sted", "List Bullet")
    document.add_paragraph("Send program", "List Number")
    document.add_paragraph("Åpne påmelding", "List Number")
    table = document.add_table(2, 3)
    for row, words in zip(table.rows, (("Hva", "Ansvar", "Frist"), ("Leie buss", "", "Uke 44")), strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            cell.text = text
    document.add_paragraph("Møtet hevet.")
    return saved(document)


def pdf_with(draw: Iterable[tuple[float, float, str]] = (), pages: int = 1, **options: object) -> bytes:
    """A PDF with words at places (millimetres from the upper left corner)."""
    pdf = FPDF()
    if password := options.get("password"):
        pdf.set_encryption(owner_password="o", user_password=str(password))
    for _ in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=11)
        for x, y, text in draw:
            pdf.text(x, y, text)
    return bytes(pdf.output())


def scanned_pdf() -> bytes:
    """A PDF with a picture on its only page."""
    pdf = FPDF()
    pdf.add_page()
    pdf.image(io.BytesIO(png()), 10, 10, 100, 100)
    return bytes(pdf.output())


def png() -> bytes:
    """A small grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress((b"\0" + b"\x80" * 8) * 8))
        + chunk(b"IEND", b"")
    )


def mail(body: str = "Hei!\n\n- Kari finner sted\n", **options: object) -> EmailMessage:
    """A mail between invented people."""
    message = EmailMessage()
    message["From"] = "Bente Stavnes <bente@granlia.example>"
    message["To"] = "Ordførerne <alle@granlia.example>, Kåre Ås <kaare@granlia.example>"
    message["Subject"] = "Referat fra møtet på Ås"
    message["Date"] = str(options.get("date", "Tue, 1 Dec 2026 15:42:00 +0000"))
    message["Message-ID"] = "<1@granlia.example>"
    message.set_content(body)
    return message
