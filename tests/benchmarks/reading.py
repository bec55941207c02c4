"""Reading minutes of 10, 100 and 500 pages, everything found: beside taking the bare text out of the file.

Then what the command and the child it starts take as a whole: time for a page, and memory for long documents,
beside a Python that does nothing and beside what is allowed (100 MB and ten times the document).
"""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import docx
import pypdfium2
from fpdf import FPDF

from tests.benchmarks.measuring import Figure, NotYet, milliseconds
from tracker.minutes.document import open_document
from tracker.minutes.reader import read

PAGES = (10, 100, 500)
LINES_A_PAGE = 45
HEAD = """REFERAT FRA MØTE I REGIONUTVALGET
Sted: Kvernmo kommunehus
Tid: Mandag 2. mars 2026 kl. 10.00–15.00
Til stede: Nils Arne Holmen (leder), Silje Grønli Aamot, Trond Haugsrud, Ingrid Nymoen, Berit Kampen
"""
CASE = """Sak {n}/26 Felles ordning nummer {n}
Saken ble lagt fram av Trond Haugsrud, som orienterte om arbeidet så langt og om det som står igjen.
Kommunene har ulike behov, og det er viktig å finne løsninger som kan brukes av alle over tid.
Flere pekte på at ordningen må være enkel å ta i bruk, og at kostnadene må fordeles likt.
Vedtak (enstemmig):
1. Kommunene går sammen om ordning nummer {n}.
2. Silje Grønli Aamot skriver utkast til avtale innen fredag 27. mars.
3. Ingrid Nymoen innhenter priser i samarbeid med Trond Haugsrud innen 15. april.
"""


def measure() -> Iterator[Figure]:
    gc.disable()  # as the child that reads does
    try:
        yield from _speed()
    finally:
        gc.enable()
    yield from _memory()
    yield from _command()


def _speed() -> Iterator[Figure]:
    for pages in PAGES:
        lines = _lines(pages)
        for name, content, plain, beside in (
            ("docx", _docx(lines), _docx_text, "python-docx, text alone"),
            ("pdf", _pdf(lines), _pdf_text, "pypdfium2, text alone"),
        ):
            rounds = {"seconds": 1.0, "least": 3 if pages < 500 else 1}
            ours = milliseconds(lambda c=content, n=name: read(open_document(c, f"x.{n}")), **rounds)  # type: ignore[misc]
            other = milliseconds(lambda c=content, p=plain: p(c), **rounds)  # type: ignore[misc]
            yield Figure(f"reading {pages} pages of {name}", ours, other, "ms", beside)


def _memory() -> Iterator[Figure]:
    """Most memory of the child that reads, for what is longest."""
    lines = _lines(500)
    text = "\n".join([*lines, ""]).encode()
    documents = {
        "500 pages of docx": ("x.docx", _docx(lines)),
        "500 pages of pdf": ("x.pdf", _pdf(lines)),
        "a text of 1.5 MB": ("x.txt", text),
        "a text of 10 MB, refused": ("x.txt", text * 7),
    }
    for what, (name, content) in documents.items():
        allowed = 100 + 10 * len(content) / 1e6
        yield Figure(f"memory for {what}", _peak(name, content), allowed, "MB", "allowed")


_STARTER = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-X", "utf8", "-m", "tracker.minutes"], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A child's most memory counts what its parent had when it was started, so a small program starts it."""


def _peak(name: str, content: bytes) -> float:
    """The most resident memory of the child that reads this, in MB."""
    if sys.platform != "linux":
        raise NotYet("how much memory a child took is measured on Linux")
    with tempfile.TemporaryFile() as source:
        source.write(json.dumps({"name": name, "seconds": 60}).encode() + b"\n" + content)
        source.seek(0)
        said = subprocess.run([sys.executable, "-c", _STARTER], stdin=source, capture_output=True, check=True)
    return int(said.stdout) * 1024 / 1e6


def _command() -> Iterator[Figure]:
    """`tracker read --json` from the first to the last, on a page."""
    command = Path(sys.executable).parent / "tracker"
    if not command.exists():
        raise NotYet(f"no command {command}")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("x.txt", "\n".join(_lines(1)).encode()), ("x.docx", _docx(_lines(1)))):
            place = Path(folder, name)
            place.write_bytes(content)
            ours = milliseconds(lambda p=place: _run([str(command), "read", "--json", str(p)]))  # type: ignore[misc]
            other = milliseconds(lambda: _run([sys.executable, "-c", "pass"]))
            yield Figure(f"tracker read --json {name}, one page", ours, other, "ms", "python -c pass")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _lines(pages: int) -> list[str]:
    def everything() -> Iterator[str]:
        yield from HEAD.splitlines()
        for number in range(1, 10**6):
            yield from CASE.format(n=number).splitlines()

    return list(islice(everything(), pages * LINES_A_PAGE))


def _docx(lines: list[str]) -> bytes:
    document = docx.Document()
    first = document.add_paragraph("")._p
    for line in lines:
        paragraph = docx.oxml.parse_xml(
            '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:r><w:t>{line}</w:t></w:r></w:p>"
        )
        first.addprevious(paragraph)
    memory = io.BytesIO()
    document.save(memory)
    return memory.getvalue()


def _pdf(lines: list[str]) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=11)
    pdf.set_auto_page_break(False)
    for start in range(0, len(lines), LINES_A_PAGE):
        pdf.add_page()
        for row, line in enumerate(lines[start : start + LINES_A_PAGE]):
            pdf.text(20, 20 + row * 5.8, line.replace("–", "-"))
    return bytes(pdf.output())


def _docx_text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def _pdf_text(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()
