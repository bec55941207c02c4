"""A draft as `tracker read` prints it: JSON for programs, a summary for people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracker.minutes.draft import Draft, Event, Task

_WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_MONTHS = (
    "januar", "februar", "mars", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "desember",
)  # fmt: skip
_PRINTED = (
    "language", "meeting", "people", "cases", "decisions", "tasks", "events", "agenda_proposals",
    "status_updates", "questions", "noise",
)  # fmt: skip
_SEVERITIES = {"must-resolve": "Må avklares", "review": "Bør sjekkes", "info": "Til orientering"}


def as_printed(draft: dict[str, Any]) -> dict[str, Any]:
    """What `tracker read --json` prints of a draft as JSON (shared form; ids and more come in extra keys)."""
    return {key: draft[key] for key in _PRINTED}


def in_words(day: str | None) -> str:
    """An ISO date as "mandag 17. januar 2022"; a time after it as "kl. 14.00"."""
    if not day:
        return "uten dato"
    when = date.fromisoformat(day[:10])
    said = f"{_WEEKDAYS[when.weekday()]} {when.day}. {_MONTHS[when.month - 1]} {when.year}"
    return f"{said} kl. {day[11:16].replace(':', '.')}" if len(day) > 10 else said


def summary(draft: Draft) -> str:
    """The draft in readable Norwegian."""
    lines = [*_head(draft), *_people(draft)]
    lines += _cases(draft)
    lines += _events(draft)
    if draft.agenda_proposals:
        lines += ["", "Forslag til senere møter (ikke vedtatt)"]
        lines += [
            f"  {p.id}  {p.title}" + (f" → {in_words(p.for_date)}" if p.for_date else "")
            for p in draft.agenda_proposals
        ]
    if draft.status_updates:
        lines += ["", "Status på tidligere saker"]
        lines += [
            f"  {u.id}  {u.case or ''} {u.status}: «{_short(u.evidence)}»" for u in draft.status_updates
        ]
    return "\n".join([*lines, *_questions(draft)])


def _head(draft: Draft) -> list[str]:
    meeting = draft.meeting
    clock = f" kl. {meeting.start.replace(':', '.')}" if meeting.start else ""
    clock += f"–{meeting.end.replace(':', '.')}" if meeting.start and meeting.end else ""
    name = meeting.body or meeting.title or meeting.organisation or "Møte"
    return [name, f"{in_words(meeting.date)}{clock}" + (f", {meeting.place}" if meeting.place else "")]


def _people(draft: Draft) -> list[str]:
    listed = [p for p in draft.people if p.attendance != "mentioned"]
    said = {"present": "", "absent": " (forfall)", "substitute": " (vara)"}
    lines = ["", f"Deltakere ({len(listed)})"] if listed else []
    for person in listed:
        about = ", ".join(x for x in (person.role, person.organisation) if x)
        lines.append(f"  {person.name}{': ' + about if about else ''}{said.get(person.attendance, '')}")
    others = [p.name for p in draft.people if p.attendance == "mentioned"]
    return [*lines, "  Nevnt: " + ", ".join(others)] if others else lines


def _cases(draft: Draft) -> list[str]:
    lines: list[str] = []
    for case in draft.cases:
        decisions = [d for d in draft.decisions if d.case_id == case.id]
        tasks = [t for t in draft.tasks if t.case_id == case.id]
        lines += ["", f"Sak {case.number} {case.title}" if case.number else case.title]
        lines += [
            f"  {d.id}  Vedtak: {_short(d.text)}" + ("" if d.needs_follow_up else " (krever ikke oppfølging)")
            for d in decisions
        ]
        lines += [line for t in tasks for line in _task(t)]
    loose = [d for d in draft.decisions if d.case_id is None], [t for t in draft.tasks if t.case_id is None]
    if any(loose):
        lines += ["", "Uten sak"]
        lines += [f"  {d.id}  Vedtak: {_short(d.text)}" for d in loose[0]]
        lines += [line for t in loose[1] for line in _task(t)]
    return lines


def _task(task: Task) -> list[str]:
    who = ", ".join(task.owners) or "mangler ansvarlig"
    if task.contributors:
        who += " sammen med " + ", ".join(task.contributors)
    when = in_words(task.due.date) if task.due.date else task.due.text or "mangler frist"
    return [f"  {task.id}  {task.what}", f"      {who} · {when} · «{_short(task.evidence)}»"]


def _events(draft: Draft) -> list[str]:
    lines = ["", "Møter og samlinger"] if draft.events else []
    for event in draft.events:
        lines.append(
            f"  {event.id}  {event.title}: {_when(event)}" + (f", {event.place}" if event.place else "")
        )
    return lines


def _when(event: Event) -> str:
    said = in_words(event.start)
    if event.end:
        same = event.start and event.end[:10] == event.start[:10]
        said += f"–{event.end[11:16].replace(':', '.')}" if same else f" til {in_words(event.end)}"
    return said + (" (klokkeslett antatt)" if "time" in event.assumed else "")


def _questions(draft: Draft) -> list[str]:
    lines: list[str] = []
    for severity, title in _SEVERITIES.items():
        here = [
            q
            for q in draft.questions
            if q.severity == severity and q.code not in ("OWNER_MISSING", "DUE_MISSING")
        ]
        if here:
            lines += ["", f"{title} ({len(here)})"]
            lines += [f"  {q.id}  {q.text}" for q in here]
    return lines


def _short(text: str, length: int = 90) -> str:
    text = " ".join(text.replace("**", "").split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
