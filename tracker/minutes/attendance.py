"""Who was there: tables and lists of those present, absent and standing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tracker.minutes.draft import Attendance, Span
from tracker.minutes.layout import (
    END_LABELS,
    HEAD_LABELS,
    NAME,
    columns,
    is_name,
    is_single_name,
    label,
    role_pattern,
)
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words

_PARENTHESIS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SPLIT = re.compile(r"[,;+]|\.\s+(?=[A-ZÆØÅ])|\s+(?:og|samt|and|&)\s+|\s[–—-]\s|\t|\s{3,}")
_COLUMNS = re.compile(r"\s{2,}|\t")
_ABSENT = re.compile(
    r"ikk?j?e (?:til ?stad?e|møtt)|forfall|fraværende|fråver|avbud|apolog|absent|regrets|mangler|manglar"
)
_STAND_IN = re.compile(r"vara\w*\b.{0,20}\bmøt|møtande vara|møtende vara|substitutes")
_PRESENT = re.compile(
    r"møtte\b|møtt$|til ?sted?e?s?$|til stades|deltak|deltag|deltok|present\b|attend|gjest|guest|observat"
    r"|innkalt|invited"
    r"|^(?:fra|frå|from) |medlem"
)
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
            found = columns(paragraph, words) or _named_column(paragraph, words)
            if found and "column_owner" not in found and not _is_agenda(found):
                table = found
                roster.used.add(paragraph.index)
                roster.unclear = _span_of(paragraph, found)
            elif _read_row(paragraph, table, state, words, roster):
                rows.append(paragraph)
                roster.used.add(paragraph.index)
            continue
        state = _read_line(paragraph, state, words, roster)
    if not table or any(_marked(row, table) for row in rows):
        roster.unclear = None
    roster.people = _merged(roster.people)
    return roster


def _named_column(row: Paragraph, words: Words) -> dict[str, int]:
    """A head of a table of which only the column of names is known ("Partner", "Who", "")."""
    at = [i for i, c in enumerate(row.cells) if c.low.strip(" :") in words.those("column_name")]
    return {"column_name": at[0]} if at and not any(_names_in(c, words) for c in row.cells) else {}


def _is_agenda(table: dict[str, int]) -> bool:
    return ("column_case" in table or "column_content" in table) and "column_name" not in table


def writer(roster: Roster, tail: list[Paragraph], words: Words) -> str | None:
    """Who wrote the minutes: the one named as secretary, else the one who signs last with that office."""
    people = [p.name for p in roster.people]
    said = roster.secretary
    if said:
        fits = [n for n in people if n == said or n.startswith(said + " ")]
        initials = [n for n in people if "".join(t[0] for t in n.split()) == said]
        return fits[0] if len(fits) == 1 else initials[0] if len(initials) == 1 else said
    signed = [p for p in tail[-6:] if is_name(p.text.strip(" ,."), words)]
    for paragraph in signed[-1:]:
        return paragraph.text.strip(" ,.")
    return None


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


def _read_row(
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
        note = _PARENTHESIS.search(name.text, one.end - name.start)
        followed = note and not name.text[one.end - name.start : note.start()].strip()
        roster.people.append(_noted(person, [note], name, words) if note and followed else person)
    _read_substitute(_cell(row, table, "substitute_column"), roster.people[-1], words, roster)
    return True


def _free(row: Paragraph, others: list[Piece], taken: set[int], fits: Callable[[Piece], bool]) -> str:
    return next((c.text for c in others if fits(c) and row.cells.index(c) not in taken), "")


def _names_in(cell: Piece, words: Words) -> list[Piece]:
    """The people named in a cell ("Kari Moe (KM), Per Li"), or none if it holds anything else."""
    masked = _PARENTHESIS.sub(lambda m: " " * len(m[0]), cell.text)
    parts = [cell.sub(m.start(), m.end()) for m in re.finditer(r"[^,/;]+", masked)]
    bare = [p.sub(0, len(_PARENTHESIS.split(p.text)[0])) for p in parts if p.text.strip()]
    return bare if bare and all(is_name(p.text, words) for p in bare) else []


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
    if _is_column_head(paragraph.piece, words):
        return state
    if words.grammar(r"(?:{agenda_heading})\s*:?$").match(paragraph.low):
        return None
    found = label(paragraph.piece, words, (*HEAD_LABELS, *END_LABELS))
    kinds: dict[str, Attendance] = {"present": "present", "also_present": "present", "absent": "absent"}
    if found and found.key in ("chair_label", "secretary_label"):
        _read_office(found.key, found.rest, words, roster)
        return None
    kind = kinds.get(found.key) if found else None
    lead = found.label if found else None
    rest = found.rest if found else paragraph.piece
    if not kind and (not found or found.key == "date") and (listed := _list_of(paragraph)):
        kind, lead, rest = listed
    if kind and lead:
        roster.used.add(paragraph.index)
        before = len(roster.people)
        _read_people(rest, kind, words, roster)
        source = re.match(r"(?:fra|frå|from)\s+(\w+)$", re.sub(r"\s*:$", "", lead.low))
        if source:
            roster.people[before:] = [
                replace(p, organisation=p.organisation or source[1]) for p in roster.people[before:]
            ]
        return kind
    if found:
        return None
    if state and _read_people(paragraph.piece, state, words, roster):
        roster.used.add(paragraph.index)
        return state
    return None if paragraph.kind == "heading" or len(paragraph.text) > 200 else state


def _is_column_head(piece: Piece, words: Words) -> bool:
    """Whether a line only names columns set by spaces ("Navn      Funksjon      Representerer")."""
    chunks = [c.strip(" :") for c in _COLUMNS.split(piece.low)]
    keys = ("column_name", "column_role", "column_organisation", "stand_in_column", "column_initials")
    return any(c in words.those("column_name") for c in chunks[:1]) and any(
        c in words.those(k) for c in chunks[1:] for k in keys
    )


def _list_of(paragraph: Paragraph) -> tuple[Attendance, Piece, Piece] | None:
    """A label that says who is listed, though no vocabulary has it: "Følgende faste medlemmer møtte:"."""
    text = paragraph.text
    colon = text.find(":")
    if colon < 0 and paragraph.kind != "heading" and len(text) > 40:
        return None
    end = colon if colon >= 0 else len(text)
    low = paragraph.low[:end].strip()
    if not 3 <= len(low) <= 60 or re.search(r"\d{4}|[.!?]", low):
        return None
    lead, rest = paragraph.piece.sub(0, end), paragraph.piece.sub(min(end + 1, len(text)), len(text))
    kinds: tuple[tuple[re.Pattern[str], Attendance], ...] = (
        (_ABSENT, "absent"), (_STAND_IN, "substitute"), (_PRESENT, "present"),
    )  # fmt: skip
    for pattern, kind in kinds:
        if pattern.search(low):
            return kind, lead, rest
    return None


def _read_office(key: str, rest: Piece, words: Words, roster: Roster) -> None:
    """ "Referent: Kari Moe", or her first name or initials, to be resolved against the list."""
    named = [p for p in _parts(rest) if is_name(_bare(p), words)]
    said = _bare(named[0]) if named else _bare(_parts(rest)[0]) if _parts(rest) else ""
    if said and re.fullmatch(r"[A-ZÆØÅ][\w.'’ -]*", said) and len(said) < 40:
        setattr(roster, "chair" if key == "chair_label" else "secretary", said)
    if named:
        span = (named[0].start, named[0].start + len(said))
        _add(roster, Attendee(said, span, attendance="mentioned"))


def _bare(part: Piece) -> str:
    return _PARENTHESIS.split(part.text)[0].strip(" .")


def _read_people(piece: Piece, state: Attendance, words: Words, roster: Roster) -> bool:
    """People in a line such as "Hole: Kari Moe, ordfører (leder), og Per Li". Whether there were any."""
    if _read_columns(piece, state, words, roster):
        return True
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


def _read_columns(piece: Piece, state: Attendance, words: Words, roster: Roster) -> bool:
    """A line set in columns by spaces: name first, then role and organisation."""
    masked = _PARENTHESIS.sub(lambda m: "¤" * len(m[0]), piece.text)
    cuts = [0, *(m.end() for m in _COLUMNS.finditer(masked)), len(masked)]
    chunks = [piece.sub(a, b) for a, b in pairwise(cuts)]
    if len(chunks) < 2 or not is_name(_bare(chunks[0]), words) or "," in chunks[0].text:
        return False
    name = _bare(chunks[0])
    person = Attendee(name, (chunks[0].start, chunks[0].start + len(name)), attendance=state)
    person = _noted(person, list(_PARENTHESIS.finditer(chunks[0].text)), chunks[0], words)
    for chunk in chunks[1:]:
        said = chunk.text.strip(" ,")
        if state == "substitute" and is_name(said, words):
            person = replace(person, substitutes_for=said)
        elif role_pattern(words.language).search(chunk.low) or not person.role:
            person = replace(person, role=f"{person.role}, {said}" if person.role else said)
        elif not person.organisation:
            person = replace(person, organisation=said)
    roster.people.append(person)
    return True


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
    bare = _EMAIL.sub("", part.text[: notes[0].start()] if notes else part.text).strip(" .–-+")
    bare = re.sub(r"\s+\d{1,2}\s?[A-Za-z]?$", "", bare)
    role = role_pattern(words.language).match(bare.lower())
    after = bare[role.end() :].strip(" .:") if role else ""
    leading = NAME.match(after) or (re.match(r"[A-ZÆØÅ][\w-]+$", after) if after else None)
    if role and leading and is_name(leading.group(), words):  # "ordfører Kari Moe"
        name, said = leading.group(), bare[: role.end()]
    elif is_name(bare, words) or is_single_name(bare, words):
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
