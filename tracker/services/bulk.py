"""Changing many tasks in one press, and taking it all back in another, within the day.

What each task was before is kept with the change. Undoing gives back just that, and leaves alone what
somebody has changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.errors import InvalidAnswer, NotAllowed, NotFound
from tracker.models import (
    Action,
    Answer,
    Assignment,
    BulkChange,
    Meeting,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules import workdays
from tracker.rules.access import Rights
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import follow_up, history, remind

MOST = 100
KEPT = timedelta(days=30)


class What(StrEnum):
    """What is done to the marked tasks."""

    DUE = "frist"
    OWNER = "ansvarlig"
    DONE = "utfort"
    DROP = "utgar"


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with each: a new deadline `on`, a new owner `to`, done, or dropped for a `reason`."""

    what: What
    on: date | None = None
    to: Person | None = None
    reason: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tasks it changed, and how many it left because somebody had changed them meanwhile."""

    change: BulkChange
    changed: int
    left: int


def marked(session: Session, rights: Rights, ids: list[int]) -> list[Task]:
    """The tasks with these ids that the person manages. Raises InvalidAnswer without any, NotAllowed."""
    if not ids:
        raise InvalidAnswer("Merk minst én oppgave først.", field="oppgaver")
    if len(ids) > MOST:
        raise InvalidAnswer("Du kan endre høyst 100 oppgaver om gangen.", field="oppgaver")
    found = session.scalars(
        select(Task)
        .where(Task.organisation_id == rights.organisation_id, Task.id.in_(ids))
        .options(
            joinedload(Task.body),
            joinedload(Task.agenda_item),
            joinedload(Task.due_event),
            selectinload(Task.assignments).joinedload(Assignment.person),
            selectinload(Task.history),
        )
        .order_by(Task.id)
    ).all()
    if len(found) != len(set(ids)) or not all(rights.may_manage(task.body_id) for task in found):
        raise NotAllowed("Bare sekretæren kan endre oppgavene.")
    return list(found)


def change(
    session: Session, rights: Rights, actor: Person, versions: Mapping[int, int], order: Order, now: datetime
) -> Outcome:
    """Carry out `order` on the tasks (id → the version that was shown); each new owner gets one mail.

    Closed tasks stay as they are. Raises InvalidAnswer, NotAllowed; nothing is changed then.
    """
    tasks = marked(session, rights, sorted(versions))
    _check(order)
    kept: list[dict[str, Any]] = []
    fresh: list[Assignment] = []
    left = 0
    for task in tasks:
        history.hold(session, task.id)
        if task.version != versions[task.id]:
            left += 1
            continue
        if not task.is_open:
            continue
        before, version = _before(task), task.version
        given = _carry_out(session, task, order, actor, now)
        if given is not None:
            fresh.append(given)
        if task.version != version:
            kept.append({**before, "version": task.version})
    row = BulkChange(organisation_id=rights.organisation_id, person=actor, at=now, before=kept)
    session.add(row)
    session.flush()
    remind.announce(session, fresh, now)
    return Outcome(row, len(kept), left)


def _check(order: Order) -> None:
    if order.what is What.DUE:
        if order.on is None:
            raise InvalidAnswer("Velg en dato.", field="frist")
        if not order.sure and not workdays.is_working_day(order.on):
            raise InvalidAnswer(
                "Fristen er en dag ingen arbeider. Velg en annen, eller kryss av for at den skal stå.",
                field="frist",
            )
    if order.what is What.OWNER and order.to is None:
        raise InvalidAnswer("Velg hvem som har ansvaret.", field="ansvarlig")
    if order.what is What.DROP and not order.reason.strip():
        raise InvalidAnswer("Skriv hvorfor oppgavene utgår.", field="grunn")


def _carry_out(session: Session, task: Task, order: Order, actor: Person, now: datetime) -> Assignment | None:
    if order.what is What.DUE and order.on is not None:
        follow_up.change_due(session, task, DueRule(DueKind.DATE, on=order.on), actor, now)
    elif order.what is What.OWNER and order.to is not None:
        return follow_up.give(session, task, order.to, actor, now)
    elif order.what is What.DONE:
        follow_up.close(session, task, actor, now)
    elif order.what is What.DROP:
        follow_up.drop(session, task, order.reason, actor, now)
    return None


def undoable(session: Session, person: Person, change_id: int, now: datetime) -> BulkChange | None:
    """The person's own change, while it can be undone."""
    found = session.get(BulkChange, change_id)
    if found is None or found.organisation_id != person.organisation_id or found.person_id != person.id:
        return None
    return found if found.undone_at is None and now <= found.at + follow_up.UNDO_WITHIN else None


def undo(session: Session, rights: Rights, actor: Person, change_id: int, now: datetime) -> Outcome:
    """Give every task of a change back what it was. Raises NotFound when it can't be undone (any more)."""
    row = undoable(session, actor, change_id, now)
    if row is None:
        raise NotFound("Endringen kan ikke angres lenger.")
    kept = {before["task"]: before for before in row.before}
    tasks = marked(session, rights, list(kept)) if kept else []
    left = 0
    for task in tasks:
        history.hold(session, task.id)
        if task.version != kept[task.id]["version"]:
            left += 1
            continue
        _give_back(session, task, kept[task.id], actor, now)
    row.undone_at = now
    session.flush()
    return Outcome(row, len(tasks) - left, left)


def sweep(session: Session, now: datetime) -> None:
    """Forget changes that nobody can undo any more."""
    session.execute(delete(BulkChange).where(BulkChange.at < now - KEPT))


def _before(task: Task) -> dict[str, Any]:
    """How a task stands, as plain JSON."""
    return {
        "task": task.id,
        "due": [task.due.kind.value, _text(task.due.on), task.due.days, task.due.working],
        "event": task.due_event_id,
        "status": task.status.value,
        "closed_at": _text(task.closed_at),
        "result": task.result,
        "parts": {
            str(part.id): [
                part.answer.value,
                _text(part.answered_at),
                _text(part.wanted_due_on),
                part.suggested_person_id,
                part.comment,
            ]
            for part in (*task.owners, *task.contributors)
        },
    }


def _give_back(session: Session, task: Task, was: dict[str, Any], actor: Person, now: datetime) -> None:
    due_on, owners, is_open = task.due_on, _names(task), task.is_open
    kind, on, days, working = was["due"]
    event = session.get(Meeting, was["event"]) if was["event"] else None
    task.set_due(DueRule(DueKind(kind), date.fromisoformat(on) if on else None, days, working), event)
    task.status, task.closed_at = TaskStatus(was["status"]), _moment(was["closed_at"])
    task.result = was["result"]
    for part in task.assignments:
        kept = was["parts"].get(str(part.id))
        if kept is None:
            part.ended_at = part.ended_at or now
            continue
        answer, answered_at, wanted, suggested, comment = kept
        part.ended_at, part.answer, part.answered_at = None, Answer(answer), _moment(answered_at)
        part.wanted_due_on = date.fromisoformat(wanted) if wanted else None
        part.suggested_person_id, part.comment = suggested, comment
    if due_on != task.due_on:
        history.note(
            session,
            task,
            now,
            Action.DUE_CHANGED,
            actor,
            "page",
            _text(due_on) or "",
            _text(task.due_on) or "",
        )
    if owners != _names(task):
        history.note(session, task, now, Action.OWNER_CHANGED, actor, "page", owners, _names(task))
    if is_open != task.is_open:
        history.note(session, task, now, Action.REOPENED, actor, "page")
    session.flush()


def _names(task: Task) -> str:
    return ", ".join(owner.person.name for owner in task.owners)


def _text(day: date | datetime | None) -> str | None:
    return day.isoformat() if day else None


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
