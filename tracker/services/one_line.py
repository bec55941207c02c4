"""What one line that somebody types comes to, by the grammar that reads minutes.

The line is put into minutes of today's meeting of the body, with the people it may mean as those present and
what lies ahead as its plan: so «Inger lager program innen fredag» means here what it means there. Whoever is
in doubt is asked about; nobody and no day is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tracker.errors import InvalidAnswer, NotAllowed
from tracker.language import language
from tracker.minutes import draft
from tracker.minutes.document import from_text
from tracker.minutes.names import Known, KnownBody, KnownPerson
from tracker.minutes.reader import read
from tracker.models import Body, Meeting, MeetingKind, Part, Person
from tracker.rules import workdays
from tracker.rules.access import Rights
from tracker.rules.deadlines import DueKind, DueRule, due_date, suggest
from tracker.services import people, schedule

LONGEST = 300
MOST_PRESENT = 40
MOST_AHEAD = 6

MINUTES = {
    "nb": (
        "Møte i {body}\nDato: {day}\n\nTil stede:\n{present}\n\nSak 1 Oppgaver\n\nTiltak:\n- {line}\n\n"
        "Sak 2 Møteplan\n{plan}\n"
    ),
    "en": "Minutes of {body}\nDate: {day}\nPresent: {present}\n\n1. Tasks\n\nActions:\n- {line}\n",
}
FILLERS = ("Følge opp ", "Follow up ")  # what the reader puts before words that it sees no verb in


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name that fits several people, or nobody: who is meant is asked. `options`: (id, name)."""

    field: str
    heard: str
    part: Part
    options: tuple[tuple[int, str], ...]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a line comes to. `offers` are deadlines to choose when it gives none, or one on a day off."""

    line: str
    body: Body
    what: str
    owners: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    rule: DueRule = field(default_factory=DueRule)
    event: Meeting | None = None
    due_words: str = ""
    offers: tuple[date, ...] = ()
    heard: dict[int, str] = field(default_factory=dict)  # person's id → what the line calls them

    @property
    def due_on(self) -> date | None:
        return due_date(self.rule, self.event.starts_on if self.event else None)

    @property
    def day_off(self) -> bool:
        return self.due_on is not None and not workdays.is_working_day(self.due_on)


def propose(
    session: Session, rights: Rights, given: str, today: date, code: str = "nb", body_id: int = 0
) -> Proposal | None:
    """What the line comes to in the body, or in the one that fits it best; None for an empty line.

    Nothing is written. Raises InvalidAnswer (field "tekst") for one that is too long, NotAllowed without a
    body to enter it in.
    """
    line = _plain(given)
    if not line:
        return None
    if len(line) > LONGEST:
        raise InvalidAnswer("En oppgave kan ha høyst 300 tegn.", field="tekst")
    everyone = people.everyone(session, rights.organisation_id)
    line, near = _capitals(line, everyone), _near(line, everyone)
    body = _body(session, rights, near, today, body_id)
    ahead = schedule.coming(session, body.organisation_id, [body.id], today, most=MOST_AHEAD)
    task = _read(line, body, near, ahead, today, code)
    owners, contributors, doubts, heard = _people(task, near)
    rule, event = _due(task.due, ahead)
    proposal = Proposal(
        line=line,
        body=body,
        what=_what(task.what, line),
        owners=owners,
        contributors=contributors,
        doubts=doubts,
        rule=rule,
        event=event,
        due_words=task.due.text or "",
        heard=heard,
    )
    return _with_offers(proposal, ahead, today)


def bodies(session: Session, rights: Rights) -> list[Body]:
    """The bodies that the person may enter tasks in, those they manage first."""
    everything = people.bodies(session, rights.organisation_id, with_members=True)
    found = [body for body in everything if body.id in rights.bodies]
    return sorted(found, key=lambda body: not rights.may_manage(body.id))


def _plain(given: str) -> str:
    """The line without what no line has: breaks, tabs, signs that cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in given).split()).lstrip("-–•* ")


def _words(text: str) -> list[str]:
    return [word.strip(".,:;()@«»\"'!?").casefold() for word in text.split()]


def _capitals(line: str, everyone: list[Person]) -> str:
    """«nils arne rydder» as «Nils Arne rydder»: names are often typed small, and a line begins large."""
    names = {name for person in everyone for name in _words(person.name)}
    found = line.split(" ")
    for at, word in enumerate(found):
        if at and word.strip(",:").casefold() not in names:
            break
        found[at] = word[:1].upper() + word[1:]
    return " ".join(found)


def _near(line: str, everyone: list[Person]) -> list[Person]:
    """Those whom the line may mean: with a name in it, or an office that could be."""
    words = set(_words(line))
    named = [person for person in everyone if words & set(_words(person.name))]
    titled = [
        person
        for person in everyone
        if person.title and any(word.startswith(person.title.casefold()) for word in words)
    ]
    return list(dict.fromkeys([*named, *titled]))[:MOST_PRESENT]


def _body(session: Session, rights: Rights, near: list[Person], today: date, body_id: int) -> Body:
    """The body asked for; else the first that those whom the line may mean are in; else the first."""
    found = bodies(session, rights)
    if not found:
        raise NotAllowed("Du er ikke med i noe organ som kan få oppgaver.")
    if body_id:
        for body in found:
            if body.id == body_id:
                return body
        raise InvalidAnswer("Velg et organ.", field="organ")
    ids = {person.id for person in near}

    def fits(body: Body) -> int:
        return len(ids & {m.person_id for m in body.memberships if m.covers(today)})

    return max(found, key=fits)  # the first of those that fit alike


def _read(
    line: str, body: Body, near: list[Person], ahead: list[Meeting], today: date, code: str
) -> draft.Task:
    """The first task that the reader sees in the line, in the language that says the most."""
    known = Known(
        tuple(KnownPerson(p.name, p.title, p.employer) for p in near),
        (KnownBody(body.name, tuple(body.aliases)),),
    )
    best = draft.Task(id="", case=None, case_id=None, what=line)
    for tongue in ("en", "nb") if code == "en" else ("nb", "en"):
        text = MINUTES[tongue].format(
            body=body.name,
            day=language(tongue).day(today).partition(" ")[2].replace("\xa0", " "),
            present=_present(near, tongue),
            line=line,
            plan="\n".join(_planned(meeting) for meeting in ahead),
        )
        place = text.index(f"- {line}") + 2
        found = read(from_text(text), known).tasks
        ours = [task for task in found if place - 2 <= task.span[0] < place + len(line)]
        if ours and _said(ours[0]) > _said(best):
            best = ours[0]
    return best


def _said(task: draft.Task) -> int:
    """How much the reader saw: who, when, and that there was something to see at all."""
    return 4 * bool(task.owners) + 2 * bool(task.due.text) + bool(task.id)


def _present(near: list[Person], tongue: str) -> str:
    lines = [f"{p.name}, {p.title}" if p.title and tongue == "nb" else p.name for p in near]
    return (", " if tongue == "en" else "\n").join(lines)


def _planned(meeting: Meeting) -> str:
    day = language("nb").day(meeting.starts_on).replace("\xa0", " ")
    said = "Neste møte" if meeting.kind is MeetingKind.MEETING else meeting.title
    return f"{said}: {day}."


def _what(read_as: str, line: str) -> str:
    for filler in FILLERS:
        if read_as.startswith(filler) and not line.startswith(filler):
            rest = read_as.removeprefix(filler)
            return (rest[:1].upper() + rest[1:])[:500]
    return read_as.removesuffix(" (Oppgaver)").removesuffix(" (Tasks)").rstrip(". ")[:500] or line


def _people(
    task: draft.Task, near: list[Person]
) -> tuple[tuple[Person, ...], tuple[Person, ...], tuple[Doubt, ...], dict[int, str]]:
    """Owners and contributors that are certain, the others as doubts, and what the line calls them."""
    certain: dict[Part, list[Person]] = {Part.OWNER: [], Part.CONTRIBUTOR: []}
    doubts: list[Doubt] = []
    heard: dict[int, str] = {}
    for part, names in ((Part.OWNER, task.owners), (Part.CONTRIBUTOR, task.contributors)):
        for name in names:
            called = task.names.get(name, name)
            same = [person for person in near if people.same_name(person.name, name)]
            fit = [person for person in near if set(_words(called)) <= set(_words(person.name))]
            if len(same) == 1 and (called == name or len(fit) < 2):
                certain[part].append(same[0])
                heard |= {same[0].id: called} if called != name else {}
                continue
            options = tuple((person.id, person.name) for person in fit or same)
            doubts.append(Doubt(f"hvem-{len(doubts)}", called, part, options, known=bool(options)))
    return tuple(certain[Part.OWNER]), tuple(certain[Part.CONTRIBUTOR]), tuple(doubts), heard


def _due(due: draft.Due, ahead: list[Meeting]) -> tuple[DueRule, Meeting | None]:
    """The deadline as a rule: by a meeting of the register where it hangs on one."""
    next_meeting = next((m for m in ahead if m.kind is MeetingKind.MEETING), None)
    if due.kind == "next-meeting" and not due.days:
        return DueRule(DueKind.NEXT_MEETING), next_meeting
    day = date.fromisoformat(due.date) if due.date else None
    if due.event and due.days is not None and day is not None:
        start = day - timedelta(days=due.days)
        event = next((meeting for meeting in ahead if meeting.starts_on == start), None)
        if event is not None:
            return DueRule(DueKind.EVENT, days=due.days), event
    return (DueRule(DueKind.DATE, on=day) if day else DueRule()), None


def _with_offers(proposal: Proposal, ahead: list[Meeting], today: date) -> Proposal:
    coming = next((m.starts_on for m in ahead if m.kind is MeetingKind.MEETING), None)
    if proposal.due_on is None:
        offers = tuple(offer.on for offer in suggest(None, coming, today))
    elif proposal.day_off:
        before = workdays.on_or_before(proposal.due_on)
        offers = tuple(day for day in (before, workdays.on_or_after(proposal.due_on)) if day >= today)
    else:
        offers = ()
    return replace(proposal, offers=offers)
