"""Everything found so far, for the questions; and who "everybody" in the document is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tracker.minutes.attendance_table import Attendee, Roster
from tracker.minutes.cases import Outline
from tracker.minutes.draft import Case, Decision, Person, Span, StatusUpdate
from tracker.minutes.events import Found
from tracker.minutes.heading import Head
from tracker.minutes.layout import is_name, role_pattern
from tracker.minutes.making import Made
from tracker.minutes.messages import Message, Thread
from tracker.minutes.names import Known
from tracker.minutes.people import People
from tracker.minutes.statements import Statement
from tracker.minutes.vocabulary import Words


@dataclass(slots=True)
class Findings:
    """What the steps before the questions found in one document."""

    text: str
    words: Words
    thread: Thread
    outline: Outline
    head: Head
    roster: Roster
    people: People
    known: Known
    statements: list[Statement]
    events: tuple[Found, ...]
    made: list[Made]
    decisions: list[Decision]
    updates: list[StatusUpdate]
    corrected: dict[str, Span] = field(default_factory=dict)

    def evidence(self, span: Span) -> str:
        """The words at `span`."""
        return self.text[span[0] : span[1]]

    def cases(self) -> tuple[Case, ...]:
        """The cases as proposals."""
        return tuple(
            Case(
                s.id or "",
                s.number,
                s.title.text.strip(" *") if s.title else "",
                s.type,
                s.restricted,
                (s.heading.start, s.title.end if s.title else s.heading.end),
            )
            for s in self.outline.cases
            if s.heading
        )


def everybody(
    roster: Roster, known: Known, thread: Thread, statements: list[Statement], words: Words
) -> People:
    """The people of the document: listed, writing, signing, and named in full in the text."""
    attendees = list(roster.people)
    for message in thread.messages:
        person = _writer(message, words)
        if person and all(p.name != person.name for p in attendees):
            attendees.append(person)
    people = People(attendees, known, words, tuple(n for b in known.bodies for n in (b.name, *b.aliases)))
    people.proper = _proper(statements)
    for statement in statements:
        for mention in people.mentions(statement.piece):
            verbs = any(t.lower() in words.present for t in mention.said.split()[1:])
            if mention.kind == "unknown" and " " in mention.said and not verbs:
                span = (statement.piece.start + mention.start, statement.piece.start + mention.end)
                people.add(mention.said, None)
                people.attendees.append(Attendee(mention.said, span, attendance="mentioned"))
    if thread.is_mail:
        _substitutes(people, statements, words)
    return people


_INSIDE = re.compile(r"(?:(?<=[a-zæøå,/] )|(?<=\())[A-ZÆØÅ][a-zæøåéöäü]{2,}(?![\w.])")


def _proper(statements: list[Statement]) -> frozenset[str]:
    """The words, in lower case, that have a capital inside sentences and never stand without one."""
    inside = {str(w).lower() for s in statements for w in _INSIDE.findall(s.piece.text)}
    return frozenset(inside) - {w for s in statements for w in _SMALL.findall(s.piece.text) if w in inside}


_SMALL = re.compile(r"[a-zæøåéöäü]{3,}")


def _substitutes(people: People, statements: list[Statement], words: Words) -> None:
    """ "Kari møtte for Arne": she was there in his place."""
    pattern = re.compile(rf"\s+(?:{words.either('substitute')})\s+")
    for statement in statements:
        mentions = people.mentions(statement.piece)
        for first, second in pairwise(mentions):
            if first.kind == "person" and pattern.fullmatch(statement.piece.low[first.end : second.start]):
                for index, person in enumerate(people.attendees):
                    if person.name == first.names[0]:
                        people.attendees[index] = replace(
                            person, attendance="substitute", substitutes_for=second.names[0]
                        )


def _writer(message: Message, words: Words) -> Attendee | None:
    """Who wrote a message, with the role the signature gives."""
    if message.sender is None:
        return None
    name = message.sender.text.strip(" ,;\"'")
    if not name:
        return None
    role = None
    for paragraph in message.signature[:6]:
        rest = re.sub(re.escape(name), "", paragraph.text).strip(" ,")
        if role_pattern(words.language).search(rest.lower()) and not is_name(rest, words):
            role = re.split(r"\s+(?:tlf|tel|mob|mobil|telefon)\b", rest)[0].strip(" ,")
            break
    return Attendee(name, (message.sender.start, message.sender.start + len(name)), role)


def persons(found: Findings) -> tuple[Person, ...]:
    """Everybody as proposals, in document order."""
    emails = {m.sender.text.strip(" ,;\"'"): m.email for m in found.thread.messages if m.sender}
    listed = sorted(found.people.attendees, key=lambda p: p.span)
    known = {p.name: p for p in found.known.people}
    return tuple(
        Person(
            f"p{n}",
            p.name,
            p.role,
            p.organisation,
            p.attendance,
            p.substitutes_for,
            emails.get(p.name) or (known[p.name].email if p.name in known else None),
            p.span,
        )
        for n, p in enumerate(listed, 1)
    )
