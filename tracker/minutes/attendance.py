"""Who was there: tables and lists of those present, absent and standing in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tracker.minutes.draft import Attendance, Span
from tracker.minutes.layout import END_LABELS, HEAD_LABELS, columns, is_name, label, role_pattern
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words

_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_SPLIT = re.compile(r"[,;]|\s+(?:og|samt|and)\s+|\s[–—-]\s|\t|\s{3,}")
_EMAIL = re.compile(r"<?[\w.+-]+@[\w-]+(?:\.[\w-]+)+>?")
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


def read(head: list[Paragraph], words: Words) -> Roster:
    """The people in `head`, the part of the document before the cases."""
    roster = Roster()
    state: Attendance | None = None
    table: dict[str, int] = {}
    rows: list[Paragraph] = []
    for paragraph in head:
        if paragraph.cells:
            found = columns(paragraph, words)
            if found and "column_owner" not in found:
                table = found
                roster.used.add(paragraph.index)
                roster.unclear = _span_of(paragraph, found)
            elif _read_row(paragraph, table, words, roster):
                rows.append(paragraph)
                roster.used.add(paragraph.index)
            continue
        state = _read_line(paragraph, state, words, roster)
    if not table or any(_marked(row, table) for row in rows):
        roster.unclear = None
    roster.people = _merged(roster.people)
    return roster


def _span_of(header: Paragraph, table: dict[str, int]) -> Span | None:
    keys = [k for k in ("absent", "substitute_column") if k in table]
    if not keys:
        return None
    first, last = (header.cells[table[k]] for k in (keys[0], keys[-1]))
    return (first.start, last.end)


def _marked(row: Paragraph, table: dict[str, int]) -> bool:
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


def _read_row(row: Paragraph, table: dict[str, int], words: Words, roster: Roster) -> bool:
    name = _cell(row, table, "column_name")
    if not is_name(name.text, words):
        named = [c for c in row.cells if is_name(c.text, words)]
        if not named or (
            not table and not any(role_pattern(words.language).search(c.low) for c in row.cells)
        ):
            return False
        name = named[0]
    others = [c for c in row.cells if c.text and c is not name]
    taken = {table[k] for k in ("present", "absent", "substitute_column", "column_initials") if table.get(k)}
    role = _cell(row, table, "column_role").text or next(
        (
            c.text
            for c in others
            if role_pattern(words.language).search(c.low) and row.cells.index(c) not in taken
        ),
        "",
    )
    place = _cell(row, table, "column_organisation").text
    if not place and "column_organisation" not in table:
        place = next(
            (
                c.text
                for c in others
                if c.text != role and row.cells.index(c) not in taken and c.text[0].isupper()
            ),
            "",
        )
    absent = bool(table.get("absent")) and _cell(row, table, "absent").text not in _NOT_GIVEN
    initials = _cell(row, table, "column_initials").text or None
    roster.people.append(
        Attendee(
            name.text,
            name.span,
            role or None,
            place or None,
            "absent" if absent else "present",
            None,
            initials,
        )
    )
    _read_substitute(_cell(row, table, "substitute_column"), roster.people[-1], words, roster)
    return True


def _read_substitute(cell: Piece, absent: Attendee, words: Words, roster: Roster) -> None:
    masked = _PARENTHESIS.sub(lambda m: " " * len(m[0]), cell.text)
    for match in re.finditer(r"[^,;]+", masked):
        part = cell.sub(*match.span())
        if is_name(re.sub(r"\s*\(.*", "", part.text).strip(), words):
            initials = _PARENTHESIS.search(part.text)
            name = part.text.split("(")[0].strip()
            rest = cell.text[match.end() :].strip(" ,") or None
            short = initials[1] if initials and initials[1].isupper() else None
            span = (part.start, part.start + len(name))
            roster.people.append(
                Attendee(name, span, rest, absent.organisation, "substitute", absent.name, short)
            )
            return


def _read_line(
    paragraph: Paragraph, state: Attendance | None, words: Words, roster: Roster
) -> Attendance | None:
    """Read one line of text; gives back which list goes on below it."""
    found = label(paragraph.piece, words, (*HEAD_LABELS, *END_LABELS))
    if not found:
        if state and _read_people(paragraph.piece, state, words, roster):
            roster.used.add(paragraph.index)
            return state
        return None if paragraph.kind == "heading" or len(paragraph.text) > 200 else state
    kinds: dict[str, Attendance] = {"present": "present", "also_present": "present", "absent": "absent"}
    if found.key in ("chair_label", "secretary_label"):
        named = [p for p in _parts(found.rest) if is_name(p.text, words)]
        if named:
            setattr(roster, "chair" if found.key == "chair_label" else "secretary", named[0].text)
            _add(roster, Attendee(named[0].text, named[0].span, attendance="mentioned"))
        return None
    if found.key not in kinds:
        return None
    roster.used.add(paragraph.index)
    before = len(roster.people)
    _read_people(found.rest, kinds[found.key], words, roster)
    source = re.match(r"(?:fra|frå|from)\s+(\w+)$", re.sub(r"\s*:$", "", found.label.low))
    if source:
        roster.people[before:] = [
            replace(p, organisation=p.organisation or source[1]) for p in roster.people[before:]
        ]
    return kinds[found.key]


def _read_people(piece: Piece, state: Attendance, words: Words, roster: Roster) -> bool:
    """People in a line such as "Hole: Kari Moe, ordfører (leder), og Per Li". Whether there were any."""
    organisation, begin = None, 0
    lead = re.match(r"([^:,(]{2,40}):\s", piece.text)
    if lead:
        organisation, begin = lead[1].strip(), lead.end()
        if is_name(organisation, words):
            organisation, begin = None, 0
    body = piece.sub(begin, len(piece.text))
    count = len(roster.people)
    for part in _parts(body):
        _read_part(part, organisation, state, words, roster, count)
    return len(roster.people) > count


def _parts(body: Piece) -> list[Piece]:
    masked = _PARENTHESIS.sub(lambda m: "¤" * len(m[0]), body.text)
    parts, begin = [], 0
    for match in _SPLIT.finditer(masked):
        parts.append(body.sub(begin, match.start()))
        begin = match.end()
    parts.append(body.sub(begin, len(body.text)))
    return [p for p in parts if p.text]


def _read_part(
    part: Piece,
    organisation: str | None,
    state: Attendance,
    words: Words,
    roster: Roster,
    first: int,
) -> None:
    notes = list(_PARENTHESIS.finditer(part.text))
    bare = _EMAIL.sub("", part.text[: notes[0].start()] if notes else part.text).strip(" .–-")
    role = role_pattern(words.language).match(bare.lower())
    if role and is_name(bare[role.end() :].strip(), words):  # "ordfører Kari Moe"
        name, said = bare[role.end() :].strip(), bare[: role.end()]
    elif is_name(bare, words):
        name, said = bare, None
    else:
        _read_detail(bare, notes, part, words, roster, first)
        return
    at = part.start + part.text.index(name)
    person = Attendee(name, (at, at + len(name)), said, organisation, state)
    roster.people.append(_noted(person, notes, part, words))


def _read_detail(
    bare: str, notes: list[re.Match[str]], part: Piece, words: Words, roster: Roster, first: int
) -> None:
    """A part that isn't a name: the role or organisation of the person before it."""
    if len(roster.people) <= first or not bare:
        return
    person = roster.people[-1]
    if role_pattern(words.language).search(bare.lower()):
        person = replace(person, role=f"{person.role}, {bare}" if person.role else bare)
    elif bare[0].isupper() and len(bare.split()) <= 3 and not person.organisation:
        person = replace(person, organisation=bare)
    roster.people[-1] = _noted(person, notes, part, words)


def _noted(person: Attendee, notes: list[re.Match[str]], part: Piece, words: Words) -> Attendee:
    """`person` with what parentheses say: "(leiar)", "(vara for Per Li)", "(frå kl. 11.00)"."""
    for note in notes:
        low = note[1].lower()
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


def _add(roster: Roster, person: Attendee) -> None:
    if all(p.name != person.name for p in roster.people):
        roster.people.append(person)


def _merged(people: list[Attendee]) -> list[Attendee]:
    """One entry a name; somebody stood in for gets the office of the one who stands in."""
    merged: dict[str, Attendee] = {}
    for person in people:
        known = merged.get(person.name)
        if known is None or known.attendance == "mentioned":
            merged[person.name] = replace(person, role=person.role or (known.role if known else None))
    for person in list(merged.values()):
        absent = merged.get(person.substitutes_for or "")
        if absent:
            office = re.sub(r"^vara", "", person.role or "", flags=re.IGNORECASE) or None
            merged[absent.name] = replace(
                absent,
                attendance="absent",
                role=absent.role or office,
                organisation=absent.organisation or person.organisation,
            )
    return list(merged.values())
