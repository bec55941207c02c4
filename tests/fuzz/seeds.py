"""What the fuzzer starts from: for each format, how its input becomes a file, and some inputs to change.

Word and OpenDocument files are zip archives with checksums, which chance never gets right: of those the
fuzzer changes the XML, and the archive is made around it. `zip` changes the archives themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.minutes.made_files import WORD, mail, minutes_docx, pdf_with, zipped

_ODT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
)
_ODT_END = b"</office:text></office:body></office:document-content>"
_LINES = (
    "Referat fra møte i rådet\nTid: 2. mars 2026 kl. 10-15\nTil stede: Kari Moe (leder), Per Li\n"
    "Sak 1/26: Program\nVedtak (enstemmig):\n1. Kari lager program innen fredag 27. mars.\n"
    "Hva\tAnsvar\tFrist\nLeie buss\tPL\tuke 44\nNeste møte: 3. april. Påmelding innen 1. april."
)
_MINUTES = (
    _LINES,
    "Fra: Kari Moe <k@x.example>\nSendt: 1. mars 2026 10:00\nEmne: Referat\n\nEg sender ut lista.\n"
    "mvh Kari\n-----Opprinnelig melding-----\nFra: Per\nSendt: 3. mars 2026\n> Ansvar: Per. Frist: 3/4",
    "ACTION: Kim Berg to send the plan by 3 May 2026\n| Action | Owner | Due |\n|---|---|---|\n| a | KB | |",
)


def _docx(data: bytes) -> bytes:
    head = f'<w:document xmlns:w="{WORD}"><w:body>'.encode()
    return zipped({"word/document.xml": head + data + b"</w:body></w:document>"})


def _odt(data: bytes) -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": _ODT.encode() + data + _ODT_END})


def _as_it_is(data: bytes) -> bytes:
    return data


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "txt": _as_it_is,
    "html": lambda data: b"<html>" + data,
    "eml": lambda data: b"MIME-Version: 1.0\nFrom: a <a@x.example>\n" + data,
    "docx": _docx,
    "odt": _odt,
    "pdf": _as_it_is,
    "zip": _as_it_is,
}


def seeds(kind: str) -> list[bytes]:
    """Inputs of a kind that are read without a fault."""
    if kind == "txt":
        return [text.encode() for text in _MINUTES] + [_LINES.encode("utf-16")]
    if kind == "html":
        rows = "".join(f"<p>{line}" for line in _LINES.splitlines())
        return [rows.encode(), b"<ul><li>a<table><tr><td rowspan=9>b<td colspan=2>c</table></ul><pre>d"]
    if kind == "eml":
        letter = mail(_LINES)
        letter.add_alternative("<p>Hei <b>du</b></p><table><tr><td>a<td>b</table>", subtype="html")
        return [
            letter.as_bytes(),
            b"Subject: =?utf-8?q?=C3=A5?=\nDate: Tue, 1 Dec 2026 15:42:00 +0000\n\nhei",
        ]
    if kind == "docx":
        paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in _LINES.splitlines())
        cell = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
        return [paragraphs.encode(), f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>".encode()]
    if kind == "odt":
        rows = "".join(f"<text:p>{line}</text:p>" for line in _LINES.splitlines())
        cell = '<table:table-cell table:number-columns-repeated="2"><text:p>a</text:p></table:table-cell>'
        return [
            rows.encode(),
            f"<table:table><table:table-row>{cell}</table:table-row></table:table>".encode(),
        ]
    if kind == "pdf":
        return [pdf_with([(20, 20, "Referat"), (20, 30, "- Kari"), (90, 30, "Ola")])]
    return [minutes_docx(), _docx(seeds("docx")[0]), _odt(seeds("odt")[0])]
