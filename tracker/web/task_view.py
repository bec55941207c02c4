"""What the pages about tasks share: what may be shown, where an assignee stands, what can be answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import contains_eager
from werkzeug.datastructures import MultiDict

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.language import WORD_JOINER
from tracker.models import (
    Answer,
    Assignment,
    Meeting,
    MeetingKind,
    Membership,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules import access
from tracker.rules.deadlines import Extension, extensions
from tracker.services import follow_up, people, schedule, visible
from tracker.services.rows import AnyPart, AnyTask
from tracker.web.access import visit


class Standing(StrEnum):
    """How a task looks to one of its people."""

    OPEN = "open"
    SAID_DONE = "said_done"
    WANTS_TIME = "wants_time"
    REFUSED = "refused"
    EXTENDED = "extended"  # moved the deadline without having to ask
    CLOSED = "closed"  # somebody else said that it is done
    HANDED_OVER = "handed_over"
    CONTRIBUTES = "contributes"
    DROPPED = "dropped"


def standing(part: Assignment) -> Standing:
    """Where the person stands."""
    if part.task.status is TaskStatus.DROPPED:
        return Standing.DROPPED
    if part.ended_at is not None:
        return Standing.HANDED_OVER
    if part.part is Part.CONTRIBUTOR:
        return Standing.CONTRIBUTES
    if part.answer is Answer.DONE:
        return Standing.SAID_DONE
    if part.task.status is TaskStatus.DONE:
        return Standing.CLOSED
    answered = {Answer.MORE_TIME: Standing.WANTS_TIME, Answer.NOT_MINE: Standing.REFUSED}
    if part.answer is Answer.NONE and follow_up.extended(part):
        return Standing.EXTENDED
    return answered.get(part.answer, Standing.OPEN)


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """What an assignee sees of their task and may answer. `choice`: which answer the link opens."""

    part: Assignment
    standing: Standing
    secretary: str
    offers: list[Extension]
    colleagues: list[Person]
    undo: bool
    first_date: date
    choice: str = ""
    at_once: date | None = None  # a new deadline until then needs nobody's yes


def answer_box(part: Assignment, choice: str = "") -> AnswerBox:
    """The answers that `part` can be given now."""
    seen, body = visit(), part.task.body
    found = people.secretaries(seen.session, body, seen.today)
    meetings = [
        m.starts_on
        for m in schedule.coming(seen.session, body.organisation_id, [body.id], seen.today, most=10)
        if m.kind is MeetingKind.MEETING
    ]
    moved = follow_up.extended(part)
    answered_at = moved.at if moved else part.answered_at
    recent = answered_at is not None and seen.now <= answered_at + follow_up.UNDO_WITHIN
    return AnswerBox(
        part=part,
        standing=standing(part),
        secretary=found[0].name if found else seen.language.gettext("Sekretæren"),
        offers=extensions(part.task.due_on, meetings, seen.today),
        colleagues=[p for p in members(body.id) if p.id != part.person_id],
        undo=recent and follow_up.may_answer(part),
        first_date=max(part.task.due_on or seen.today, seen.today) + timedelta(days=1),
        choice=choice,
        at_once=_at_once(part),
    )


def _at_once(part: Assignment) -> date | None:
    due_on, days = part.task.due_on, part.task.body.accept_days
    if due_on is None or not days or not follow_up.may_extend(part, due_on):
        return None
    return due_on + timedelta(days=days)


def answered(task: Task) -> tuple[int, int]:
    """How many of a task's owners have answered, and how many there are."""
    return sum(owner.answer is not Answer.NONE for owner in task.owners), len(task.owners)


def members(body_id: int) -> list[Person]:
    """Who holds an office in the body today, by name."""
    seen = visit()
    held = seen.session.scalars(
        select(Membership)
        .join(Membership.person)
        .where(Membership.body_id == body_id)
        .options(contains_eager(Membership.person))
    )
    found = {m.person.id: m.person for m in held if m.covers(seen.today)}
    return sorted(found.values(), key=lambda person: seen.language.sort_key(person.name))


def wanted_date(form: MultiDict[str, str], field: str = "wanted") -> date:
    """The date that a form holds. Raises InvalidAnswer."""
    try:
        return date.fromisoformat(form.get(field, ""))
    except ValueError:
        raise InvalidAnswer("Velg en dato.", field=field) from None


def suggested(form: MultiDict[str, str], box: AnswerBox) -> Person | None:
    """The colleague that a form points to; None for «Vet ikke»."""
    return next((p for p in box.colleagues if str(p.id) == form.get("who")), None)


def number(form: MultiDict[str, str], field: str) -> int:
    """A whole number in a form; 0 when there is none."""
    given = form.get(field, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


def day(given: MultiDict[str, str], field: str) -> date | None:
    """The day that an address holds; None when there is none, or one that makes no sense."""
    try:
        found = date.fromisoformat(given.get(field, ""))
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def hidden(basis: str | None, body_id: int) -> bool:
    """Whether this reader must not see what a case of the body says (offentleglova)."""
    return access.hidden(basis, body_id, visit().rights)


def title_of(task: AnyTask) -> str:
    """What the task is; of a restricted case only that it is one, for whoever has no access."""
    if hidden(task.restricted, task.body_id):
        return visit().language.gettext("Unntatt offentlighet")
    return task.what


def names_of(parts: Iterable[AnyPart]) -> str:
    """Whose parts these are, in a row."""
    return ", ".join(part.person.name for part in parts)


def keeps_unseen(task: Task, given: str) -> bool:
    """Whether words come back empty only because the reader was not shown what is written there."""
    return not given.strip() and hidden(task.restricted, task.body_id)


def open_minutes(meeting: Meeting) -> bool:
    """Whether this reader may see the minutes of a meeting, so that a link to them leads somewhere."""
    rights = visit().rights
    return rights is not None and meeting.body_id in rights.bodies and visible.open_minutes(meeting, rights)


def trusted_in(body_id: int) -> bool:
    """Whether this reader may see everything of the body, as its guests may not."""
    rights = visit().rights
    return rights is not None and rights.may_see_restricted(body_id)


def install(blueprint: Blueprint) -> None:
    """Let all templates ask what is hidden, and read the dates that history keeps as text."""
    for each in (hidden, names_of, open_minutes, title_of, trusted_in):
        blueprint.add_app_template_global(each)
    blueprint.add_app_template_global(answered)
    blueprint.add_app_template_filter(_date_of, "date_of")
    blueprint.add_app_template_filter(local_date, "local_day")
    blueprint.add_app_template_filter(_span_short, "span_short")


def _span_short(start: date, end: date) -> str:
    """«22.–23. feb.», «28. feb.–1. mars», for narrow columns."""
    tongue = visit().language
    last = tongue.date_short(end).split(" ", 1)[1]
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        first = f"{start.day}." if tongue.code != "en" else str(start.day)
    else:
        first = tongue.date_short(start).split(" ", 1)[1]
    return f"{first}{WORD_JOINER}–{WORD_JOINER}{last}"


def _date_of(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
