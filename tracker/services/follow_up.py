"""What happens to a task after it is published: answers by those it belongs to, and the secretary's settling.

Every change writes history: who, when, how, from → to. Doing the same thing twice has one effect.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.errors import InvalidAnswer, LinkOutdated
from tracker.models import Action, Answer, Assignment, History, Meeting, Part, Person, Task, TaskStatus
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import history, remind

UNDO_WITHIN = timedelta(hours=24)
LONGEST_COMMENT = 2000


def may_answer(assignment: Assignment) -> bool:
    """Whether the person still answers for the task: an owner, not handed over, and the task not dropped."""
    return (
        assignment.part is Part.OWNER
        and assignment.ended_at is None
        and assignment.task.status is not TaskStatus.DROPPED
    )


def start(session: Session, assignment: Assignment, now: datetime, *, via: str) -> None:
    """The person has seen the task and is at it: the secretary needn't wonder. Reminders go as before."""
    if not may_answer(assignment) or not assignment.task.is_open or assignment.confirmed_at is not None:
        return
    assignment.confirmed_at = now
    history.note(session, assignment.task, now, Action.STARTED, assignment.person, via)
    session.flush()


def report_done(session: Session, assignment: Assignment, now: datetime, *, via: str) -> None:
    """The person has done it. With several owners the task is done when all have said so."""
    task = assignment.task
    if not may_answer(assignment) or assignment.answer is Answer.DONE or not task.is_open:
        return
    _answer(assignment, Answer.DONE, now)
    if all(owner.answer is Answer.DONE for owner in task.owners):
        task.status, task.closed_at = TaskStatus.DONE, now
        history.note(session, task, now, Action.DONE, assignment.person, via)
    else:
        history.note(session, task, now, Action.PART_DONE, assignment.person, via)
    session.flush()
    _confirm(session, assignment, now, via)


def add_words(session: Session, assignment: Assignment, given: str, now: datetime, *, via: str) -> None:
    """What came of it, for the report's column «Merknader»; or why the person asks for something."""
    task, said = assignment.task, _text(given)
    if not may_answer(assignment) or assignment.answer is Answer.NONE:
        return
    done = assignment.answer is Answer.DONE
    before = task.result if done else assignment.comment
    if before == said:
        return
    history.note(session, task, now, Action.RESULT, assignment.person, via, before=before, after=said)
    if done:
        task.result = said
    else:
        assignment.comment = said
    session.flush()


def ask_more_time(
    session: Session, assignment: Assignment, wanted: date, why: str, now: datetime, *, via: str
) -> None:
    """The person asks for a later deadline; the secretary is told and settles it, unless it applies at once.

    Raises InvalidAnswer when the date isn't later than both today and the present deadline.
    """
    task, today = assignment.task, local_date(now)
    if not may_answer(assignment) or not task.is_open:
        return
    if wanted <= today or (task.due_on is not None and wanted <= task.due_on):
        raise InvalidAnswer("Velg en dato etter fristen.", field="wanted")
    if wanted > today + timedelta(days=366 * 2):
        raise InvalidAnswer("Velg en dato innen to år.", field="wanted")
    if assignment.answer is Answer.MORE_TIME and assignment.wanted_due_on == wanted:
        return
    if may_extend(assignment, wanted):
        change_due(session, task, DueRule(DueKind.DATE, on=wanted), assignment.person, now, via=via)
        assignment.confirmed_at = assignment.confirmed_at or now
        _confirm(session, assignment, now, via)
        return
    _answer(assignment, Answer.MORE_TIME, now, wanted=wanted, comment=_text(why))
    before = task.due_on.isoformat() if task.due_on else ""
    history.note(
        session, task, now, Action.MORE_TIME, assignment.person, via, before, wanted.isoformat(),
        assignment.comment,
    )  # fmt: skip
    session.flush()
    remind.request_answer(session, assignment, now)
    _confirm(session, assignment, now, via)


def may_extend(assignment: Assignment, wanted: date) -> bool:
    """Whether the body lets the person move the deadline so far without asking.

    Only a sole owner, only once after somebody else set it, and not a deadline that follows a meeting.
    """
    task = assignment.task
    if not task.body.accept_days or task.due.kind is not DueKind.DATE or task.due_on is None:
        return False
    set_by = [row.person_id for row in task.history if row.action is Action.DUE_CHANGED][-1:]
    alone = [owner.id for owner in task.owners] == [assignment.id]
    near = wanted <= task.due_on + timedelta(days=task.body.accept_days)
    return alone and near and set_by != [assignment.person_id]


def extended(assignment: Assignment) -> History | None:
    """That the person moved the deadline without asking, when it is the last thing that happened."""
    last = assignment.task.history[-1] if assignment.task.history else None
    if last is None or last.action is not Action.DUE_CHANGED or last.person_id != assignment.person_id:
        return None
    return last if assignment.answer is Answer.NONE and last.via != "meeting" else None


def not_mine(
    session: Session, assignment: Assignment, suggested: Person | None, why: str, now: datetime, *, via: str
) -> None:
    """The person says the task isn't theirs: it goes back to the secretary, perhaps with a suggestion."""
    task = assignment.task
    if not may_answer(assignment) or not task.is_open or assignment.answer is Answer.NOT_MINE:
        return
    _answer(assignment, Answer.NOT_MINE, now, suggested=suggested, comment=_text(why))
    history.note(
        session, task, now, Action.NOT_MINE, assignment.person, via, assignment.person.name,
        suggested.name if suggested else "", assignment.comment,
    )  # fmt: skip
    session.flush()
    remind.request_answer(session, assignment, now)
    _confirm(session, assignment, now, via)


def undo(session: Session, assignment: Assignment, now: datetime, *, via: str) -> None:
    """Take the last answer back, within a day. Raises LinkOutdated when it is too late.

    Whoever has handed the task over has nothing left to take back: the new owner's answer stands.
    """
    task = assignment.task
    if may_answer(assignment) and task.is_open and (moved := extended(assignment)):
        _undo_extension(session, assignment, moved, now, via)
        return
    if not may_answer(assignment) or assignment.answer is Answer.NONE or assignment.answered_at is None:
        return
    if now > assignment.answered_at + UNDO_WITHIN:
        raise LinkOutdated("Svaret er mer enn ett døgn gammelt. Si fra til sekretæren hvis det er feil.")
    if task.status is TaskStatus.DONE and assignment.answer is Answer.DONE:
        task.status, task.closed_at = TaskStatus.OPEN, None
    history.note(session, task, now, Action.UNDONE, assignment.person, via, before=assignment.answer.value)
    _answer(assignment, Answer.NONE, None)
    session.flush()


def _undo_extension(
    session: Session, assignment: Assignment, moved: History, now: datetime, via: str
) -> None:
    if now > moved.at + UNDO_WITHIN:
        raise LinkOutdated("Svaret er mer enn ett døgn gammelt. Si fra til sekretæren hvis det er feil.")
    assignment.task.set_due(DueRule(DueKind.DATE, on=date.fromisoformat(moved.before)))
    history.note(
        session, assignment.task, now, Action.UNDONE, assignment.person, via, before=Answer.MORE_TIME.value
    )
    session.flush()


def _confirm(session: Session, assignment: Assignment, now: datetime, via: str) -> None:
    """Whoever answered from a mail gets a mail back, with a way to undo it."""
    if via == "mail":
        remind.confirm_answer(session, assignment, now)


def accept_new_due(session: Session, assignment: Assignment, actor: Person, now: datetime) -> None:
    """The secretary says yes to the date that was asked for."""
    if assignment.answer is Answer.MORE_TIME and assignment.wanted_due_on is not None:
        change_due(session, assignment.task, DueRule(DueKind.DATE, on=assignment.wanted_due_on), actor, now)


def change_due(
    session: Session,
    task: Task,
    rule: DueRule,
    actor: Person,
    now: datetime,
    *,
    event: Meeting | None = None,
    via: str = "page",
) -> None:
    """Give the task another deadline; waiting requests for more time are settled by it.

    `event`: the meeting that it hangs on. A rule that gives the same day is noted too.
    """
    before, present = task.due_on, (task.due, task.due_event)
    task.set_due(rule, event)
    settled = [a for a in task.assignments if a.answer is Answer.MORE_TIME]
    for assignment in settled:
        _answer(assignment, Answer.NONE, None)
    if before != task.due_on or present != (rule, event) or settled:
        history.note(
            session, task, now, Action.DUE_CHANGED, actor, via,
            before.isoformat() if before else "", task.due_on.isoformat() if task.due_on else "",
        )  # fmt: skip
    session.flush()


def shift_due(session: Session, task: Task, event: Meeting | None, actor: Person, now: datetime) -> None:
    """The deadline follows its meeting. Who asked for no more time than this has got it."""
    before = task.due_on
    task.set_due(task.due, event)
    if before == task.due_on:
        return
    for part in task.assignments:
        if part.wanted_due_on and task.due_on and part.wanted_due_on <= task.due_on:
            _answer(part, Answer.NONE, None)
    history.note(
        session, task, now, Action.DUE_CHANGED, actor, "meeting",
        before.isoformat() if before else "", task.due_on.isoformat() if task.due_on else "",
    )  # fmt: skip
    session.flush()


def keep_due(session: Session, assignment: Assignment, actor: Person, now: datetime) -> None:
    """The secretary says no: the deadline stands."""
    if assignment.answer is not Answer.MORE_TIME:
        return
    wanted = assignment.wanted_due_on
    _answer(assignment, Answer.NONE, None)
    before = wanted.isoformat() if wanted else ""
    history.note(session, assignment.task, now, Action.DUE_REFUSED, actor, "page", before=before)
    session.flush()


def hand_over(session: Session, task: Task, to: Person, actor: Person, now: datetime) -> None:
    """Make `to` the one owner; former owners' parts end, and the new one is told by mail."""
    fresh = give(session, task, to, actor, now)
    if fresh is not None:
        remind.announce(session, [fresh], now)


def give(session: Session, task: Task, to: Person, actor: Person, now: datetime) -> Assignment | None:
    """Make `to` the one owner without telling; gives the new part, None when they had it already."""
    present = task.owners
    if [owner.person_id for owner in present] == [to.id]:
        for owner in present:
            if owner.answer is Answer.NOT_MINE:
                _answer(owner, Answer.NONE, None)
                history.note(session, task, now, Action.OWNER_CHANGED, actor, "page", to.name, to.name)
        session.flush()
        return None
    for part in [*present, *(c for c in task.contributors if c.person_id == to.id)]:
        part.ended_at = now
    fresh = Assignment(
        organisation_id=task.organisation_id, task=task, person=to, part=Part.OWNER, assigned_at=now
    )
    session.add(fresh)
    before = ", ".join(owner.person.name for owner in present)
    history.note(session, task, now, Action.OWNER_CHANGED, actor, "page", before, to.name)
    session.flush()
    return fresh


def reword(session: Session, task: Task, what: str, actor: Person, now: datetime) -> None:
    """Change the task's words. Raises InvalidAnswer when nothing is left of them."""
    what = " ".join(what.split())[:500]
    if not what:
        raise InvalidAnswer("Skriv hva som skal gjøres.", field="what")
    if what != task.what:
        history.note(session, task, now, Action.CHANGED, actor, "page", task.what, what)
        task.what = what
        session.flush()


def drop(session: Session, task: Task, reason: str, actor: Person, now: datetime) -> None:
    """The task is not to be done after all. Raises InvalidAnswer without a reason."""
    if not _text(reason):
        raise InvalidAnswer("Skriv hvorfor oppgaven utgår.", field="reason")
    if task.status is TaskStatus.DROPPED:
        return
    task.status, task.closed_at, task.result = TaskStatus.DROPPED, now, _text(reason)
    history.note(session, task, now, Action.DROPPED, actor, "page", comment=_text(reason))
    session.flush()


def close(session: Session, task: Task, actor: Person, now: datetime) -> None:
    """The secretary knows that it is done: said in a meeting, or by an owner without mail."""
    if not task.is_open:
        return
    task.status, task.closed_at = TaskStatus.DONE, now
    history.note(session, task, now, Action.DONE, actor, "page")
    session.flush()


def reopen(session: Session, task: Task, actor: Person, now: datetime) -> None:
    """Take up again a task that was done or dropped."""
    if task.is_open:
        return
    for owner in task.owners:
        _answer(owner, Answer.NONE, None)
    history.note(session, task, now, Action.REOPENED, actor, "page", before=task.status.value)
    if task.status is TaskStatus.DROPPED:
        task.result = ""  # it said why the task was dropped
    task.status, task.closed_at = TaskStatus.OPEN, None
    task.set_due(task.due, task.due_event)  # the meeting may have moved meanwhile
    session.flush()


def _answer(
    assignment: Assignment,
    answer: Answer,
    now: datetime | None,
    *,
    wanted: date | None = None,
    suggested: Person | None = None,
    comment: str = "",
) -> None:
    assignment.answer, assignment.answered_at = answer, now
    if answer is not Answer.NONE and assignment.confirmed_at is None:
        assignment.confirmed_at = now
    assignment.wanted_due_on, assignment.comment = wanted, comment
    assignment.suggested_person = suggested


def _text(given: str) -> str:
    return given.strip()[:LONGEST_COMMENT]
