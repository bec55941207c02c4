"""A task made of a clause: owner, contributors, deadline, phrase, the event it belongs to, its evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tracker.minutes import agents, due, phrasing, wording
from tracker.minutes.draft import Certainty, Due, Task
from tracker.minutes.due import Deadline
from tracker.minutes.event_nouns import base, noun_in
from tracker.minutes.events import Found
from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, Subject
from tracker.minutes.values import value_object
from tracker.minutes.vocabulary import Words

QUOTED = 160
"""A sentence of so many characters is quoted whole, whatever else it tells."""
Names = tuple[tuple[str, ...], dict[str, str]]


@value_object
class Made:
    """A task with what the questions need of it: who was said, what event, which group it calls in."""

    task: Task
    statement: Statement
    mentions: tuple[Mention, ...]
    event: Found | None = None
    invites: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a task is read against: the people, the calendar, each section's case (number, id) and title.

    `introduced`: section 0 is text between the head and the first case.
    """

    people: People
    calendar: due.Calendar
    numbers: dict[int, tuple[str | None, str | None]]
    titles: dict[int, str]
    text: str
    uses_decisions: bool = False
    introduced: bool = False

    @property
    def words(self) -> Words:
        return self.people.vocabulary


def without_tag(tags: tuple[str, ...], gone: str) -> tuple[str, ...]:
    """`tags` less one."""
    return tuple(t for t in tags if t != gone)


def antecedent(pronoun: Mention, statement: Statement, scene: Scene) -> Mention | None:
    """The person last named before a pronoun, in its sentence or first in the one before it."""
    kinds = ("person", "role", "unknown")
    here = scene.people.mentions(statement.piece)
    people = [m for m in here if m.end <= pronoun.start and m.kind in kinds]
    before = statement.previous
    for _ in range(4):
        if people or before is None:
            break
        people = [m for m in scene.people.mentions(before.piece) if m.kind in kinds][:1]
        before = before.previous
    return people[-1] if people else None


def _meant(mention: Mention, statement: Statement, scene: Scene) -> tuple[str, ...]:
    """The names behind a mention; "jeg" is who wrote the message."""
    if mention.kind != "pronoun":
        return mention.names
    if mention.names[0] == "i":
        return (statement.sender,) if statement.sender else ()
    person = antecedent(mention, statement, scene)
    return person.names if person else ()


def people_of(subject: Subject, statement: Statement, scene: Scene, others: tuple[str, ...] = ()) -> Names:
    """Full names of a subject less `others`, and the words they were read from where those differ."""
    owners: list[str] = []
    names: dict[str, str] = {}
    for mention in subject.mentions:
        for name in _meant(mention, statement, scene):
            if name not in owners and name not in others:
                owners.append(name)
            if name != mention.said and mention.kind != "group":
                names[name] = mention.said
    return tuple(owners), names


def owned(made: Made, subject: Subject, scene: Scene) -> Made:
    """`made` with the owners that a label, parenthesis or column names."""
    owners, names = people_of(subject, made.statement, scene)
    tags = made.task.tags
    for settled in ("no-owner", "outside-decision") if owners else ():
        tags = without_tag(tags, settled)
    task = replace(made.task, owners=owners, names={**made.task.names, **names}, tags=tags)
    task = replace(task, suggested_owners=() if owners else task.suggested_owners)
    return replace(made, task=task, mentions=(*made.mentions, *subject.mentions))


def make(
    clause: Clause, statement: Statement, mentions: list[Mention], before: Piece | None, scene: Scene
) -> Made:
    """The task a clause stands for; `before` is the sentence before it in the same item."""
    piece, words = statement.piece, scene.words
    owners, names = people_of(clause.subject, statement, scene) if clause.subject else ((), {})
    behind = clause.subject.end if clause.subject and clause.modal else clause.rest[0]
    helped = agents.contributors(piece, behind, scene.people, mentions)
    helped = helped if helped and helped[1][0] < clause.rest[1] else None
    helpers, more = people_of(helped[0], statement, scene, owners) if helped else ((), {})
    invites = _invites(clause, words)
    deadline = _deadline(clause, statement, scene, invites)
    cuts = [helped[1]] if helped else []
    if deadline and deadline.due.kind != "event" and not _needed(deadline, piece, clause):
        cuts.append(_own_clause(deadline.span, piece, clause, words) or deadline.span)
    span = _span(clause, deadline, piece, words)
    event, near = _event_of(piece, span, cuts, statement, scene)
    what = wording.of_clause(clause, piece, cuts, before, words)
    prepares = event if event and (not near or invites or phrasing.is_bare(what, words)) else None
    what = _with_event(what, event, near, invites, words)
    what = wording.with_topic(what, _topic(clause, statement, before, scene), words)
    certainty: Certainty = "medium" if clause.offer or clause.weak or clause.subject is None else "high"
    place = (piece.start + span[0], piece.start + span[1])
    task = Task(
        "",
        *scene.numbers.get(statement.section, (None, None)),
        what=what,
        owners=owners,
        contributors=helpers,
        due=deadline.due if deadline else Due(),
        evidence=scene.text[place[0] : place[1]],
        span=place,
        certainty=certainty,
        event=prepares.event.id if prepares else None,
        names=names | more,
        rule=clause.rule,
        suggested_owners=_suggested(owners, scene),
        tags=_tags(clause, owners, deadline, statement, scene),
    )
    group = _group(piece, clause) if invites else None
    return Made(task, statement, clause.subject.mentions if clause.subject else (), event, group)


def _invites(clause: Clause, words: Words) -> bool:
    return bool(clause.verb) and clause.verb.split()[0] in words.those("invite_verbs")


def _suggested(owners: tuple[str, ...], scene: Scene) -> tuple[str, ...]:
    secretary = scene.people.holder("secretary")
    return (secretary,) if secretary and not owners else ()


def _tags(
    clause: Clause, owners: tuple[str, ...], deadline: Deadline | None, statement: Statement, scene: Scene
) -> tuple[str, ...]:
    listed = clause.rule == "infinitive" and statement.kind == "item"
    outside = scene.uses_decisions and not statement.binding and statement.decided and not (owners or listed)
    wanted = {
        "offer": clause.offer,
        "no-owner": not owners,
        "outside-decision": outside,
        "no-due": deadline is None or deadline.due.date is None,
    }
    return tuple(tag for tag, holds in wanted.items() if holds)


def _deadline(clause: Clause, statement: Statement, scene: Scene, invites: bool) -> Deadline | None:
    """The deadline of a clause: in its own words, in what is said of it after, or before a turned verb."""
    piece = statement.piece
    found = due.read(piece, clause.rest[0], scene.calendar, statement.section, statement.anchor, invites)
    if found and found.span[0] > clause.rest[1]:
        between = piece.low[clause.rest[1] : found.span[0]]
        found = found if scene.words.pattern("this").search(between) else None
    if found is None and clause.rule == "inverted":
        lead = piece.sub(0, clause.rest[0])
        found = due.read(lead, 0, scene.calendar, statement.section, statement.anchor)
    return found


def _own_clause(span: tuple[int, int], piece: Piece, clause: Clause, words: Words) -> tuple[int, int] | None:
    """A deadline in a clause of its own (", den må være inne 15. desember kl. 12"): all of that clause."""
    found = words.grammar(r",\s*(?:{this})\s[^,]*$").search(piece.low[clause.rest[0] : span[0]])
    return (clause.rest[0] + found.start(), clause.rest[1]) if found else None


def _needed(deadline: Deadline, piece: Piece, clause: Clause) -> bool:
    """Words of a deadline stay in the phrase when it would say nothing without them."""
    before = piece.text[clause.rest[0] : deadline.span[0]].strip()
    return clause.rest[0] <= deadline.span[0] and not before and deadline.span[1] >= clause.rest[1] - 1


def _span(clause: Clause, deadline: Deadline | None, piece: Piece, words: Words) -> tuple[int, int]:
    """The words of a task, with its deadline and the full stop: of a short sentence all of it."""
    if len(piece.text) <= QUOTED and clause.subject:
        return 0, len(piece.text)
    begin, end = clause.begin, max(clause.end, deadline.span[1]) if deadline else clause.end
    if deadline and clause.rule == "inverted":
        begin = min(begin, deadline.span[0])
    said = piece.low[clause.rest[0] : clause.rest[1]].split(maxsplit=1)[:1]
    if clause.subject and begin and said and said[0].strip(" .!,") in words.those("this"):
        begin = 0  # "Montering må avtales, Inger tar det": what "det" is stands before
    if piece.text[end:].strip(" ") in (".", "!", ")"):
        end = len(piece.text.rstrip())
    return begin, end


def _topic(clause: Clause, statement: Statement, before: Piece | None, scene: Scene) -> str:
    """What a bare phrase is about: the question before it, the words before its colon, the case's title."""
    piece = statement.piece
    if before and before.text.endswith("?"):
        return re.split(r"\s(?:i|på|den)\s(?:uke|veke|\d)", before.text.rstrip("? "))[0]
    lead = before or piece.sub(0, clause.begin)
    named = re.match(r"(?:sak\s+\d+/\d+\s+)?([^:]{3,60}):", lead.low)
    if named:
        return lead.text[named.start(1) : named.end(1)].strip()
    return scene.titles.get(statement.section, "") if statement.type == "other" else ""


def _with_event(what: str, event: Found | None, near: bool, invites: bool, words: Words) -> str:
    """The phrase with the event it prepares, and whom an invitation goes to, named in full."""
    if event is None:
        return what
    if event.event.start:
        what = phrasing.with_event(what, event.event, event.noun, words, near)
    elif invites and not words.pattern("to").search(what):
        what = f"{what} {words.say['to']} {event.event.title}"
    if invites and event.event.audience and re.match(r"\w+ (?:inn )?til\b", what):
        what = re.sub(r"^(\w+ (?:inn )?)til\b", rf"\1{event.event.audience} til", what)
    return what


def _group(piece: Piece, clause: Clause) -> str | None:
    """The group that a task calls in: "kaller inn IPRet" → "IPRet"."""
    match = re.match(
        r"\s*(?:inn\s+)?((?:(?:hele|heile)\s+)?[\w/-]*(?:et|en|a|ene|ane))(?!\w)",
        piece.text[clause.rest[0] :],
    )
    return match[1] if match and len(match[1]) > 3 else None


def _event_of(
    piece: Piece, span: tuple[int, int], cuts: list[tuple[int, int]], statement: Statement, scene: Scene
) -> tuple[Found | None, bool]:
    """The event a task prepares: the one it names, else the nearest one in its item, else in its case.

    The second value tells whether it was only near. The words of the deadline and the helpers don't count.
    """
    calendar = scene.calendar
    for noun in noun_in(piece.low, scene.words):
        if not span[0] <= noun.start() < span[1] or any(a <= noun.start() < b for a, b in cuts):
            continue
        place = range(piece.start + span[0], piece.start + span[1])
        named = next((f for f in calendar.events if f.event.span[0] in place and f.event.start), None)
        if named is None and base(noun.group()) != noun.group():
            named = calendar.named(noun.group(), statement.section)
        if named:
            return named, False
    if statement.section < 0:
        return None, False
    here = [f for f in calendar.events if f.section == statement.section]
    in_item = [
        f for f in here if f.item == statement.item and (not f.event.start or f.event.kind != "meeting")
    ]
    here = in_item or [f for f in here if f.event.kind != "meeting"]
    before = [f for f in here if f.event.span[0] <= piece.start]
    return (before[-1] if before else here[0] if here else None), bool(here)
