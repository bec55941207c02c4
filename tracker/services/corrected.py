"""The mail to those whose tasks corrected minutes change: as planned in the review, and as it goes.

What was done stands in the tasks' history, so that the mail says what still holds when its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.links import Links
from tracker.mail import letters
from tracker.models import Action, Assignment, History, Message, MessageKind, Person, Source, Task, TaskStatus
from tracker.services import remind
from tracker.services.amend import VIA
from tracker.services.cards import State, TaskCard
from tracker.services.review import Review
from tracker.services.tasks import part_of, row_options

_TOLD = (Action.CHANGED, Action.DUE_CHANGED, Action.DROPPED, Action.OWNER_CHANGED)


@dataclass(frozen=True, slots=True)
class News:
    """What one person is to hear of one task. `what_before` and `gone` as in `letters.TaskChange`."""

    task: Task
    what: str
    due_on: date | None
    due_before: date | None
    what_before: str = ""
    gone: str = ""

    @property
    def concerns(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.gone or self.what_before or self.due_on != self.due_before)


def planned(state: Review) -> list[tuple[Person, list[News]]]:
    """Who will be told of what when the review is published, in the order of the register's people."""
    found: list[tuple[Person, News]] = []
    for card in state.planned_tasks:
        if card.known is not None:
            found += _of_card(state, card, card.known)
    for gone in state.gone:
        if gone.state is State.ACCEPTED and isinstance(gone.row, Task):
            found += _to_all(gone.row, gone="dropped")
    for status in state.statuses:
        if status.state is State.ACCEPTED and status.known.is_open:
            if status.update.status == "dropped":
                found += _to_all(status.known, gone="dropped")
            elif status.update.status != "done" and status.due_on is not None:
                found += _to_all(status.known, due_on=status.due_on)
    return _by_person(found)


def tell(session: Session, source: Source, now: datetime) -> list[Message]:
    """One mail to each whose tasks `source`, published `now`, has changed."""
    told = [person for person, _news in published(session, source, now)]
    return remind.tell(session, MessageKind.TASKS_CHANGED, told, now, source=source.id)


def published(
    session: Session, source: Source, at: datetime, person: Person | None = None
) -> list[tuple[Person, list[News]]]:
    """Who was to be told of what `source`, published `at`, did to tasks, where that still holds."""
    steps = session.scalars(
        select(History)
        .where(
            History.organisation_id == source.organisation_id,
            History.at == at,
            History.via == VIA,
            History.action.in_(_TOLD),
        )
        .order_by(History.id)
    ).all()
    of_task: dict[int, list[History]] = {}
    for step in steps:
        of_task.setdefault(step.task_id, []).append(step)
    tasks = session.scalars(
        select(Task).where(Task.id.in_(of_task), Task.body_id == source.body_id).options(*row_options())
    )
    found: list[tuple[Person, News]] = []
    for task in tasks.unique():
        done = of_task[task.id]
        for reader in _had_part(task, at):
            news = _as_it_is(task, reader, done, at) if person in (None, reader) else None
            if news is not None and news.concerns:
                found.append((reader, news))
    return _by_person(found)


def lines(news: Iterable[News], person: Person, links: Links) -> list[letters.TaskChange]:
    """The news as a letter tells it."""
    return [_line(item, part_of(item.task, person.id), links) for item in news]


def _line(news: News, part: Assignment | None, links: Links) -> letters.TaskChange:
    task = news.task
    line = letters.TaskLine(
        what=news.what,
        due_on=news.due_on,
        due_before=news.due_before,
        answer_url=links.answer(part.id, task.version) if part and not news.gone else "",
        case_number=task.case_number,
        restricted=task.restricted,
    )
    return letters.TaskChange(line, news.what_before, news.due_on != news.due_before, news.gone)


def _of_card(state: Review, card: TaskCard, task: Task) -> list[tuple[Person, News]]:
    changes = {change.field: change for change in card.changes}
    stay = {
        named.person.id
        for name in (*card.owners, *card.contributors)
        if (named := state.person_named(name)) is not None and named.person is not None
    }
    due_on = state.due_on(card.due) if "due" in changes else task.due_on
    what_before = task.what if "what" in changes else ""
    changed = News(task, card.what, due_on, task.due_on, what_before)
    released = News(task, card.what, None, None, gone="released")
    told = ((part.person, changed if part.person_id in stay else released) for part in _parts(task).values())
    return [(person, news) for person, news in told if news.concerns and task.is_open]


def _to_all(task: Task, *, gone: str = "", due_on: date | None = None) -> list[tuple[Person, News]]:
    news = News(task, task.what, due_on, task.due_on if due_on else None, gone=gone)
    return [(part.person, news) for part in _parts(task).values() if news.concerns and task.is_open]


def _parts(task: Task) -> dict[int, Assignment]:
    return {part.person_id: part for part in (*task.contributors, *task.owners)}


def _as_it_is(task: Task, person: Person, done: list[History], at: datetime) -> News | None:
    """What of the steps still is so."""
    steps = {step.action: step for step in done}
    if task.status is TaskStatus.DROPPED and Action.DROPPED in steps:
        return News(task, task.what, None, None, gone="dropped")
    if not task.is_open:
        return None
    part = part_of(task, person.id)
    if part is None:
        return News(task, task.what, None, None, gone="released")
    if part.assigned_at == at:  # told of it as a new task
        return None
    words, deadline = steps.get(Action.CHANGED), steps.get(Action.DUE_CHANGED)
    due_before = task.due_on
    if deadline is not None and deadline.after == (task.due_on.isoformat() if task.due_on else ""):
        due_before = date.fromisoformat(deadline.before) if deadline.before else None
    same = words is not None and words.after == task.what
    return News(task, task.what, task.due_on, due_before, words.before if words and same else "")


def _had_part(task: Task, at: datetime) -> list[Person]:
    """Who had a part in the task when the minutes came."""
    return list(
        {
            part.person_id: part.person
            for part in task.assignments
            if part.assigned_at < at and (part.ended_at is None or part.ended_at >= at)
        }.values()
    )


def _by_person(found: Iterable[tuple[Person, News]]) -> list[tuple[Person, list[News]]]:
    """One entry for each person, tasks in the register's order."""
    told: dict[int, tuple[Person, list[News]]] = {}
    for person, news in found:
        told.setdefault(person.id, (person, []))[1].append(news)
    return [
        (person, sorted(news, key=lambda item: item.task.id))
        for person, news in sorted(told.values(), key=lambda entry: entry[0].id)
    ]
