"""Reading minutes: the order of the steps. Everything here is deterministic and knows no register.

lines → messages → parts (head, cases, blocks) → head, people → statements → events → tasks, decisions
→ questions
"""

from __future__ import annotations

from tracker.minutes import (
    attendance,
    cases,
    decisions,
    due,
    events,
    heading,
    messages,
    proposals,
    questions,
    remarks,
    tasks,
)
from tracker.minutes.dates import UNKNOWN
from tracker.minutes.document import Document
from tracker.minutes.draft import Draft
from tracker.minutes.findings import Findings, everybody
from tracker.minutes.making import Scene
from tracker.minutes.names import Known
from tracker.minutes.sentences import paragraphs
from tracker.minutes.statements import walk
from tracker.minutes.vocabulary import words


def read(document: Document, known: Known = Known()) -> Draft:  # noqa: B008  (frozen)
    """What `document` says: proposals with their evidence, and the doubts about them as questions."""
    text = document.text
    vocabulary = words(heading.language(text))
    thread = messages.split(paragraphs(document), vocabulary, document.sent)
    outline = cases.outline(thread.main.paragraphs, vocabulary, mail=thread.is_mail)
    headers = tuple(text[n.span[0] : n.span[1]] for n in outline.noise)
    head = heading.read(outline.head, thread, text, vocabulary, headers)
    roster = attendance.read(outline.head, vocabulary)
    if not roster.people:
        roster = attendance.read(attendance.placed_later(thread.main.paragraphs, vocabulary), vocabulary)
    for number, section in enumerate(outline.cases, 1):
        section.id = f"c{number}"
    statements = walk(
        outline, thread, head.day or UNKNOWN, attendance.writer(roster, outline.tail, vocabulary)
    )
    people = everybody(roster, known, thread, statements, vocabulary)
    gatherings = proposals.dated(
        events.read(statements, outline, vocabulary, head.day, text, head.meeting.body),
        statements,
        vocabulary,
        text,
    )
    calendar = due.Calendar(tuple(gatherings), head.day, vocabulary)
    numbers = {n: (s.number, s.id) for n, s in enumerate(outline.sections)}
    titles = {n: s.title.text.strip("* ") for n, s in enumerate(outline.sections) if s.title}
    decided = any(s.decided for s in outline.sections)
    scene = Scene(people, calendar, numbers, titles, text, decided, outline.introduced)
    points = decisions.read(outline, statements, text, vocabulary)
    updates = remarks.status_updates(outline, statements, vocabulary, text)
    made = decisions.follow(remarks.still_to_do(tasks.read(statements, scene), updates), points)
    found = Findings(
        text,
        vocabulary,
        thread,
        outline,
        head,
        roster,
        people,
        known,
        statements,
        tuple(gatherings),
        made,
        points,
        updates,
    )
    return questions.asked(found)
