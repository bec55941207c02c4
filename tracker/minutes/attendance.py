"""Who was there: tables and lists of those present, absent and standing in."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from tracker.minutes import attendance_forms as forms
from tracker.minutes.attendance_table import (
    PARENTHESIS,
    Attendee,
    Roster,
    columns_span,
    marked,
    named_column,
    noted,
    read_row,
)
from tracker.minutes.draft import Attendance
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

_SPLIT = re.compile(
    r"[,;+]|(?<!repr)(?<!konst)(?<!fung)(?<!ass)(?<![\s.][A-ZÆØÅ])\.\s+(?=[A-ZÆØÅ])|\s+(?:og|samt|and|&)\s+|\s[–—-]\s|\t|\s{3,}"
)
_SLASH = re.compile(r"/")
_COLUMNS = re.compile(r"\s{2,}|\t")
_ABSENT = re.compile(
    r"ikk?j?e (?:til ?stad?e|møtt)|forfall|fraværende|fråver|avbud|apolog|absent|regrets|mangler|manglar"
)
_STAND_IN = re.compile(r"vara\w*\b.{0,20}\bmøt|møtande vara|møtende vara|substitutes")
_PRESENT = re.compile(
    r"møtte\b|møtt$|til ?sted?e?s?\b|til stades|deltak|deltag|deltok|present\b|attend|gjest|guest|observat"
    r"|representanter for|innkalt|invited"
    r"|^(?:fra|frå|from) |medlem"
)
_HERE, _AWAY = frozenset(("x", "+", "ja", "ok", "møtt")), frozenset(("-", "–", "nei", "forfall", "f", "0"))
_MEMBERS = ("leder", "leiar", "sekretær", "styreleder", "styreleiar", "skrivar", "chair", "secretary")
_COURTESY = re.compile(r"^(?:Dr|Prof|Professor|Mr|Mrs|Ms|Rev|Canon|Sir|Cllr)\.?\s+(?=[A-ZÆØÅ])")
_EMAIL = re.compile(r"<?(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+>?")


def read(head: list[Paragraph], words: Words) -> Roster:
    """The people in `head`, the part of the document before the cases."""
    roster = Roster()
    state: Attendance | None = None
    table: dict[str, int] = {}
    rows: list[Paragraph] = []
    inline = False
    for paragraph in head:
        if paragraph.cells:
            found = columns(paragraph, words) or named_column(paragraph, words)
            if found and "column_owner" not in found and not _is_agenda(found):
                table = found
                roster.used.add(paragraph.index)
                roster.unclear = columns_span(paragraph, found)
            elif read_row(paragraph, table, state, words, roster):
                rows.append(paragraph)
                roster.used.add(paragraph.index)
            continue
        if inline and paragraph.gap and not is_name(_bare(paragraph.piece), words):
            state = None  # the list stood on the line of its label, and a blank line ends it
        before = state
        state = _read_line(paragraph, state, words, roster)
        inline = state is not None and (inline if before == state else ":" in paragraph.text[:-1])
    if not table or any(marked(row, table) for row in rows):
        roster.unclear = None
    roster.people = _merged(roster.people)
    return roster


LATE, NEAR = 15, 60
"""A list of those present below the head has so many lines, and begins so near the start or the end."""


def placed_later(lines: list[Paragraph], words: Words) -> list[Paragraph]:
    """The list of those present where the head has none: below the first heading, or last of all."""
    for at in (*range(min(NEAR, len(lines))), *range(max(NEAR, len(lines) - NEAR), len(lines))):
        found = label(lines[at].piece, words, HEAD_LABELS)
        if found and found.key == "present":
            return lines[at : at + LATE]
    return []


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


def _read_line(
    paragraph: Paragraph, state: Attendance | None, words: Words, roster: Roster
) -> Attendance | None:
    """Read one line of text; gives back which list goes on below it."""
    if _is_column_head(paragraph.piece, words):
        return state or "present"
    if one := forms.marked(paragraph.piece, words):
        roster.people.append(one)
        roster.used.add(paragraph.index)
        return state
    if words.grammar(r"(?:{agenda_heading})\s*:?$").match(paragraph.low):
        return None
    found = label(paragraph.piece, words, (*HEAD_LABELS, *END_LABELS))
    kinds: dict[str, Attendance] = {"present": "present", "also_present": "present", "absent": "absent"}
    if found and found.key in ("chair_label", "secretary_label"):
        office = found.label.text.strip(" :–-") if forms.of_office(found.label.text, words) else None
        _read_office(found.key, found.rest, office, state, words, roster)
        return state if office and paragraph.low.startswith(_MEMBERS) else None
    kind = kinds.get(found.key) if found else None
    lead = found.label if found else None
    rest = found.rest if found else paragraph.piece
    if not kind and (not found or found.key == "date") and (listed := _list_of(paragraph)):
        kind, lead, rest = listed
    if kind and lead:
        roster.used.add(paragraph.index)
        before = len(roster.people)
        _read_people(rest, kind, words, roster)
        source = re.match(r"(?:fra|frå|from)\s+(\w+)(?:\s*\([^()]*\))?$", re.sub(r"\s*:$", "", lead.low))
        if source and source[1] in words.those("roles") and len(roster.people) == before + 1:
            roster.people[-1] = replace(roster.people[-1], role=roster.people[-1].role or source[1])
        elif source:
            roster.people[before:] = [
                replace(p, organisation=p.organisation or source[1]) for p in roster.people[before:]
            ]
        return kind
    if found:
        return None
    if state is None and (free := forms.unlabelled(paragraph.piece, words)):
        _read_people(free[1], free[0], words, roster)
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
    if colon < 0 and paragraph.kind != "heading" and (len(text) > 40 or re.search(r"\s[A-ZÆØÅ]", text)):
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


def _read_office(
    key: str, rest: Piece, office: str | None, state: Attendance | None, words: Words, roster: Roster
) -> None:
    """ "Referent: Kari Moe", or her first name or initials, to be resolved against the list."""
    named = [p for p in _parts(rest) if is_name(_bare(p), words)]
    said = _bare(named[0]) if named else _bare(_parts(rest)[0]) if _parts(rest) else ""
    if said and re.fullmatch(r"[A-ZÆØÅ][\w.'’ -]*", said) and len(said) < 40:
        setattr(roster, "chair" if key == "chair_label" else "secretary", said)
    if named:
        span = (named[0].start, named[0].start + len(said))
        held = office if state else None  # "Leder: Kari Moe" among those present
        _add(roster, Attendee(said, span, held, attendance=state or "mentioned"))


def _bare(part: Piece) -> str:
    return PARENTHESIS.split(part.text)[0].strip(" .")


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
    office = organisation if organisation and forms.of_office(organisation, words) else None
    organisation = None if office else organisation
    short = ""
    for part in _parts(body, forms.by_slash(body.text, words)):
        said, before = part.text.strip(" :."), len(roster.people)
        if before == count and not office and forms.of_office(said, words):
            office = said  # "Leder – Kari Moe"
            continue
        last = roster.people[-1] if before > count else None
        if last and not last.initials and forms.initials_of(said, last.name):
            roster.people[-1] = replace(last, initials=said)  # "Kari Moe, KM"
            continue
        if before == count and re.fullmatch(r"[A-ZÆØÅ]{2,4}", said):
            short = said  # "KM – Kari Moe"
            continue
        _read_part(part, organisation, state, words, roster, count)
        if before == count < len(roster.people):
            last = roster.people[-1]
            known = short if forms.initials_of(short, last.name) else None
            roster.people[-1] = replace(last, role=last.role or office, initials=last.initials or known)
    return len(roster.people) > count


def _read_columns(piece: Piece, state: Attendance, words: Words, roster: Roster) -> bool:
    """A line set in columns by spaces: name first, then role and organisation."""
    masked = PARENTHESIS.sub(lambda m: "¤" * len(m[0]), piece.text)
    cuts = [0, *(m.end() for m in _COLUMNS.finditer(masked)), len(masked)]
    chunks = [piece.sub(a, b) for a, b in pairwise(cuts)]
    if len(chunks) < 2 or not is_name(_bare(chunks[0]), words) or "," in chunks[0].text:
        return False
    name = _bare(chunks[0])
    person = Attendee(name, (chunks[0].start, chunks[0].start + len(name)), attendance=state)
    person = noted(person, list(PARENTHESIS.finditer(chunks[0].text)), chunks[0], words)
    for chunk in chunks[1:]:
        said = chunk.text.strip(" ,")
        if said.lower() in _HERE or said.lower() in _AWAY:
            person = replace(person, attendance="absent" if said.lower() in _AWAY else state)
        elif state == "substitute" and is_name(said, words):
            person = replace(person, substitutes_for=said)
        elif role_pattern(words.language).search(chunk.low) or not person.role:
            person = replace(person, role=f"{person.role}, {said}" if person.role else said)
        elif not person.organisation:
            person = replace(person, organisation=said)
    roster.people.append(person)
    return True


def _parts(body: Piece, slashed: bool = False) -> list[Piece]:
    masked = PARENTHESIS.sub(lambda m: "¤" * len(m[0]), body.text)
    parts, begin = [], 0
    for match in (_SLASH if slashed else _SPLIT).finditer(masked):
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
    notes = list(PARENTHESIS.finditer(part.text))
    bare = _EMAIL.sub("", part.text[: notes[0].start()] if notes else part.text).strip(" .–-+")
    bare = re.sub(r"\s+\d{1,2}\s?[A-Za-z]?$", "", _COURTESY.sub("", bare))
    bare, of_class = forms.without_class(bare)
    bare, place = forms.of_place(bare, words)
    bare, initials = forms.equated(bare)
    organisation = place or of_class or organisation
    role = role_pattern(words.language).match(bare.lower())
    after = bare[role.end() :].strip(" .:") if role else ""
    leading = NAME.match(after) or (re.match(r"[A-ZÆØÅ][\w-]+$", after) if after else None)
    if role and leading and is_name(leading.group(), words):  # "ordfører Kari Moe"
        name, said = leading.group(), bare[: role.end()]
    elif behind := _office_behind(bare, words):  # "Kari Moe Ordfører", columns that a program flattened
        name, said = bare[:behind].strip(), bare[behind:]
    elif is_name(bare, words) or is_single_name(bare, words):
        name, said = bare, None
    else:
        _read_detail(bare, notes, part, words, roster, first)
        return
    at = part.text.find(name)  # not there when an address stood in the midst of it
    span = (part.start + at, part.start + at + len(name)) if at >= 0 else (part.start, part.end)
    person = Attendee(name, span, said, organisation, state, None, initials)
    roster.people.append(noted(person, notes, part, words))


def _office_behind(bare: str, words: Words) -> int:
    """Where an office begins that stands right behind a full name, with a capital; 0 when none does."""
    found = role_pattern(words.language).search(bare.lower(), 1)
    at = found.start() if found else 0
    return (
        at if at and bare[at].isupper() and bare[at - 1] == " " and is_name(bare[:at].strip(), words) else 0
    )


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
    roster.people[-1] = noted(person, notes, part, words)


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
