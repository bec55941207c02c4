"""Files of people, as address books and spreadsheets save them, made into a list that `roster.py` reads.

vCard 2.1, 3.0 and 4.0 (RFC 6350, RFC 2426; 2.1 is what Outlook still writes), and CSV with any separator.
"""

from __future__ import annotations

import csv
import quopri
import re
from io import StringIO

from tracker.errors import InvalidAnswer

LARGEST = 1024 * 1024
COLUMNS = "Navn\tE-post\tTittel\tKommune"
_ESCAPED = re.compile(r"\\([\\;,nN:])")


def as_list(content: bytes) -> str:
    """The people of a file, one a line, cells apart by tabs. Raises InvalidAnswer for any other kind."""
    if len(content) > LARGEST:
        raise InvalidAnswer("Filen er for stor. Den kan være høyst 1 MB.", field="file")
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidAnswer("Lagre listen som CSV eller vCard, og velg den filen.", field="file")
    text = _text(content)
    if re.search(r"^BEGIN:VCARD\s*$", text, re.I | re.M):
        return "\n".join([COLUMNS, *("\t".join(card) for card in _cards(text))])
    return "\n".join(_table(text))


def _text(content: bytes) -> str:
    """UTF-8, or what Windows and Excel in Norwegian write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _table(text: str) -> list[str]:
    """The rows of a CSV file; a cell in quotes may hold the separator, and even a line break."""
    first = text.lstrip().partition("\n")[0]
    separator = max("\t;,", key=first.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        return ["\t".join(_cell(cell) for cell in row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error:
        raise InvalidAnswer("Filen kan ikke leses som CSV. Lim inn listen i stedet.", field="file") from None


def _cards(text: str) -> list[tuple[str, str, str, str]]:
    found: list[tuple[str, str, str, str]] = []
    card: dict[str, str] = {}
    for line in _unfolded(text):
        head, _colon, value = line.partition(":")
        name, *parameters = head.upper().split(";")
        name = name.rpartition(".")[2]  # «item1.EMAIL»
        if any("QUOTED-PRINTABLE" in each for each in parameters):
            value = quopri.decodestring(value.encode("latin-1", "replace")).decode(
                _charset(parameters), "replace"
            )
        if name == "BEGIN":
            card = {}
        elif name == "END":
            found.append(_person(card))
        else:
            card.setdefault(name, value)  # the first is the preferred one
    return found


def _unfolded(text: str) -> list[str]:
    """Whole lines: those that go on begin with a space (RFC 6350 §3.2), or stand after «=» (vCard 2.1)."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and line[:1] in (" ", "\t"):
            lines[-1] += line[1:]
        elif lines and lines[-1].endswith("=") and "QUOTED-PRINTABLE" in lines[-1].upper():
            lines[-1] = lines[-1][:-1] + line
        else:
            lines.append(line)
    return lines


def _charset(parameters: list[str]) -> str:
    given = next((p.partition("=")[2] for p in parameters if p.startswith("CHARSET=")), "UTF-8")
    return given if given in ("UTF-8", "ISO-8859-1", "WINDOWS-1252") else "UTF-8"


def _person(card: dict[str, str]) -> tuple[str, str, str, str]:
    last, _semicolon, rest = card.get("N", "").partition(";")
    name = card.get("FN", "") or f"{rest.partition(';')[0]} {last}"
    email = card.get("EMAIL", "").removeprefix("mailto:")
    company = re.split(r"(?<!\\);", card.get("ORG", ""))[0]
    return _plain(name), _plain(email), _plain(card.get("TITLE", "")), _plain(company)


def _plain(value: str) -> str:
    return _cell(_ESCAPED.sub(lambda hit: " " if hit[1] in "nN" else hit[1], value))


def _cell(value: str) -> str:
    """On one line, and without what stands between cells."""
    return " ".join(value.split())
