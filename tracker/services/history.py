"""What happened to a task is kept; and nobody overwrites what another has just done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker.clock import local
from tracker.errors import ChangedMeanwhile, NotFound
from tracker.models import Action, History, Person, Task


def hold(session: Session, task_id: int) -> Task:
    """The task as it is now, held against others until this transaction ends (two clicks at once)."""
    found = session.scalars(
        select(Task).where(Task.id == task_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("Vi fant ikke oppgaven.")
    for assignment in found.assignments:
        session.refresh(assignment)
    return found


def guard(task: Task, version: int) -> None:
    """Raises ChangedMeanwhile, saying who and when, unless `version` is the one that was shown."""
    if task.version == version:
        return
    last = task.history[-1] if task.history else None
    who = last.person.name if last and last.person else "Noen"
    at = f"{local(last.at):%H.%M}" if last else ""
    raise ChangedMeanwhile(
        "%(name)s endret denne oppgaven kl. %(time)s. Se endringen før du lagrer.", name=who, time=at
    )


def note(
    session: Session,
    task: Task,
    now: datetime,
    action: Action,
    person: Person | None,
    via: str,
    before: str = "",
    after: str = "",
    comment: str = "",
) -> None:
    """Add to the task's history: who, when, how, from → to."""
    flag_modified(task, "status")  # whatever happens raises the version, also what stands in other rows
    task.history.append(
        History(
            organisation_id=task.organisation_id,
            at=now,
            person=person,
            via=via,
            action=action,
            before=before,
            after=after,
            comment=comment,
        )
    )
    session.add(task)
