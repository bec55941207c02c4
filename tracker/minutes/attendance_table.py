"""Attendance in tables: a row a person, with columns for role, place, initials, absence and substitute."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tracker.minutes.draft import Attendance, Span
from tracker.minutes.layout import is_name, role_pattern
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words

PARENTHESIS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_NOT_GIVEN = frozenset({"", "-", "–", "0"})


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody in a list of people, as the list gives them."""

    name: str
    span: Span
    role: str | None = None
    organisation: str | None = None
    attendance: Attendance = "present"
    substitutes_for: str | None = None
    initials: str | None = None
    partial: Span | None = None


@dataclass(slots=True)
class Roster:
    """Everybody listed. `unclear` is the place of attendance columns that were all left empty."""

    people: list[Attendee] = field(default_factory=list)
    unclear: Span | None = None
    used: set[int] = field(default_factory=set)
    chair: str | None = None
    secretary: str | None = None


def named_column(row: Paragraph, words: Words) -> dict[str, int]:
    """A head of a table of which only the column of names is known ("Partner", "Who", "")."""
    at = [i for i, c in enumerate(row.cells) if c.low.strip(" :") in words.those("column_name")]
    return {"column_name": at[0]} if at and not any(_names_in(c, words) for c in row.cells) else {}


def columns_span(header: Paragraph, table: dict[str, int]) -> Span | None:
    keys = [k for k in ("absent", "substitute_column") if k in table]
    if not keys:
        return None
    first, last = (header.cells[table[k]] for k in (keys[0], keys[-1]))
    return (first.start, last.end)


def marked(row: Paragraph, table: dict[str, int]) -> bool:
    """Whether a row says anything at all in its columns of attendance."""
    wanted: list[str] = [k for k in ("absent", "substitute_column") if k in table]
    if "present" in table and table["present"] != 0:
        wanted.append("present")
    return any(_cell(row, table, k).text not in _NOT_GIVEN for k in wanted)


def _cell(row: Paragraph, table: dict[str, int], key: str) -> Piece:
    index = table.get(key, -1)
    if 0 <= index < len(row.cells):
        return row.cells[index]
    return Piece("", "", row.piece.start, row.index)


def read_row(
    row: Paragraph, table: dict[str, int], state: Attendance | None, words: Words, roster: Roster
) -> bool:
    name = _cell(row, table, "column_name")
    names = _names_in(name, words)
    if not names:
        named = [c for c in row.cells if _names_in(c, words)]
        listed = table or state or any(role_pattern(words.language).search(c.low) for c in row.cells)
        if not named or not listed:
            return False
        name, names = named[0], _names_in(named[0], words)
    others = [c for c in row.cells if c.text and c is not name]
    taken = {table[k] for k in ("present", "absent", "substitute_column", "column_initials") if table.get(k)}
    role = _cell(row, table, "column_role").text or _free(
        row, others, taken, lambda c: bool(role_pattern(words.language).search(c.low))
    )
    place = _cell(row, table, "column_organisation").text
    if not place and "column_organisation" not in table:
        place = _free(row, others, taken, lambda c: c.text != role and c.text[0].isupper())
    absent = bool(table.get("absent")) and _cell(row, table, "absent").text not in _NOT_GIVEN
    absent = absent or (len(table) == 1 and any(c.text in ("-", "–") for c in others))
    initials = _cell(row, table, "column_initials").text or None
    attendance: Attendance = "absent" if absent else state or "present"
    stand_in = _cell(row, table, "stand_in_column")
    for one in names:
        person = Attendee(one.text, one.span, role or None, place or None, attendance, None, initials)
        if _names_in(stand_in, words):
            person = replace(person, attendance="substitute", substitutes_for=stand_in.text)
        note = PARENTHESIS.search(name.text, one.end - name.start)
        followed = note and not name.text[one.end - name.start : note.start()].strip()
        roster.people.append(noted(person, [note], name, words) if note and followed else person)
    _read_substitute(_cell(row, table, "substitute_column"), roster.people[-1], words, roster)
    return True


def _free(row: Paragraph, others: list[Piece], taken: set[int], fits: Callable[[Piece], bool]) -> str:
    return next((c.text for c in others if fits(c) and row.cells.index(c) not in taken), "")


def _names_in(cell: Piece, words: Words) -> list[Piece]:
    """The people named in a cell ("Kari Moe (KM), Per Li"), or none if it holds anything else."""
    masked = PARENTHESIS.sub(lambda m: " " * len(m[0]), cell.text)
    parts = [cell.sub(m.start(), m.end()) for m in re.finditer(r"[^,/;]+", masked)]
    bare = [p.sub(0, len(PARENTHESIS.split(p.text)[0])) for p in parts if p.text.strip()]
    return bare if bare and all(is_name(p.text, words) for p in bare) else []


def _read_substitute(cell: Piece, absent: Attendee, words: Words, roster: Roster) -> None:
    masked = PARENTHESIS.sub(lambda m: " " * len(m[0]), cell.text)
    for match in re.finditer(r"[^,;]+", masked):
        part = cell.sub(*match.span())
        if is_name(re.sub(r"\s*\(.*", "", part.text).strip(), words):
            initials = PARENTHESIS.search(part.text)
            name = part.text.split("(")[0].strip()
            rest = cell.text[match.end() :].strip(" ,") or None
            short = initials[1] if initials and initials[1].isupper() else None
            span = (part.start, part.start + len(name))
            roster.people.append(
                Attendee(name, span, rest, absent.organisation, "substitute", absent.name, short)
            )
            return


def noted(person: Attendee, notes: list[re.Match[str]], part: Piece, words: Words) -> Attendee:
    """`person` with what parentheses say: "(leiar)", "(vara for Per Li)", "(frå kl. 11.00)"."""
    for note in notes:
        low = note[1].lower()
        office, _, rest = note[1].partition(", ")
        if re.search(r"\d", rest) and role_pattern(words.language).fullmatch(office.lower()):
            person = replace(person, role=f"{person.role} ({office})" if person.role else office)
            continue
        stand_in = re.match(rf"(?:{words.either('substitute')})\s+", low)
        if stand_in:
            whom = note[1][stand_in.end() :].strip()
            person = replace(person, attendance="substitute", substitutes_for=whom)
        elif re.search(r"\d", low):
            person = replace(person, partial=(part.start + note.start(), part.start + note.end()))
        elif role_pattern(words.language).search(low):
            person = replace(person, role=f"{person.role} ({note[1]})" if person.role else note[1])
        elif note[1].isupper() and len(note[1]) <= 4:
            person = replace(person, initials=note[1])
        elif note[1][:1].isupper() and not person.organisation:
            person = replace(person, organisation=note[1])
    return person
