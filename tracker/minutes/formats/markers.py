"""List markers at the start of a line: "-", "•", "1.", "a)". An ordinal that begins a date is none."""

from __future__ import annotations

import re

_SIGNS = "•·∙⁃▪▫◦‣●○■□►▶➢➤❖✓✔☐☑☒\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf02d"
_MARKER = re.compile(
    rf"""(?P<sign>[{_SIGNS}])
    | (?P<dash>[-*–—](?:\s\[\s\])?)(?=\s)
    | (?P<glued>-)(?=[A-ZÆØÅ])
    | (?P<typed>o)(?=\t)
    | (?P<closed>\(?(?:[0-9]{{1,3}}|[a-zæøåA-ZÆØÅ]|[ivx]{{1,4}})\))(?=\s|[A-ZÆØÅ])
    | (?P<number>[0-9]{{1,3}}\.)(?=\s|[A-ZÆØÅ])
    | (?P<letter>[a-h]\.)(?=\s+[A-ZÆØÅ])
    """,
    re.VERBOSE,
)
_MONTHS = (
    r"jan(?:uar[iy]?)?|feb(?:ruar[iy]?)?|mars?|march|apr(?:il)?|ma[iy]|jun[ie]?|jul[iy]?|aug(?:ust)?"
    r"|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[sc](?:ember)?"
)
_COUNTED = (
    r"kvartal|halvår|tertial|termin|(?:jule|påske|pinse|nyttårs)dag|nestlei?der|nestleiar|vara\w*|ledd|punktum"
    r"|klasse|klassingar|trinn|steg|etasje|gangs?|gong|plass|møte\w*|behandling|handsaming"
)
_ORDINAL = re.compile(
    rf"(?:(?:{_MONTHS})(?![\w-])|(?:{_COUNTED})\b|[–—-]\s?[0-9]|(?:og|til|eller|and|to)\s[0-9]"
    rf"|[0-9]{{1,2}}\.\s?[0-9]{{2,4}}\b)",
    re.IGNORECASE,
)
_PROBE = 60
"""A marker and what tells it from a date stand within so many characters: a line of 10 MB costs no more."""


def split_marker(line: str) -> tuple[str, int]:
    """The marker that `line` (without leading white space) begins with, and where its text begins.

    ("", 0) when it begins with none: "14.–15. mars", "1. november 2022" and "2. varamedlem" are no items.
    """
    if line[:2].isalpha() and line[0] not in "ivx":
        return "", 0  # so do most lines
    found = _MARKER.match(line[:_PROBE])
    if not found:
        return "", 0
    rest = line[found.end() :].lstrip()
    if not rest.strip("-–—*_ \t"):
        return "", 0
    if found.lastgroup == "number" and _ORDINAL.match(rest[:_PROBE]):
        return "", 0
    return found.group(), len(line) - len(rest)
