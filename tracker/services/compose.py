"""Writing a mail when its turn comes, from what is true then. Nothing left to say: it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.clock import local_date
from tracker.links import Links
from tracker.mail import letters
from tracker.mail.smtp import Outgoing
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Message,
    MessageKind,
    Organisation,
    Part,
    Person,
    Reminder,
    Task,
)
from tracker.rules.reminders import Step, steps
from tracker.services import people, schedule, sign_in


@dataclass(frozen=True, slots=True)
class Stopped:
    """The mail isn't to go, and why (bokmål, for Utboks)."""

    reason: str


def compose(
    session: Session, message: Message, now: datetime, links: Links, mail_from: str
) -> Outgoing | Stopped:
    """The mail as it should be now, to the address the person has now."""
    person = message.person
    if not person.email:
        return Stopped("Mottakeren har ingen e-postadresse.")
    if message.kind is MessageKind.SIGN_IN:
        link = sign_in.new_link(session, person, now, links)
        letter = letters.sign_in(_addressee(person), link, local_date(now))
        return _outgoing(message, letter, "", letters.Sender("", "", ""), now, mail_from)
    if message.kind is MessageKind.REQUEST:
        return _request(session, message, now, links, mail_from)
    return _about_tasks(session, message, now, links, mail_from)


def _about_tasks(
    session: Session, message: Message, now: datetime, links: Links, mail_from: str
) -> Outgoing | Stopped:
    rows = session.scalars(
        select(Reminder)
        .where(Reminder.message_id == message.id)
        .options(
            selectinload(Reminder.task).selectinload(Task.assignments).selectinload(Assignment.person),
            selectinload(Reminder.task).selectinload(Task.agenda_item),
            selectinload(Reminder.task).selectinload(Task.meeting),
            selectinload(Reminder.task).selectinload(Task.body),
            selectinload(Reminder.assignment),
        )
        .order_by(Reminder.id)
    ).all()
    today = local_date(now)
    live = [row for row in rows if _still_true(row, message.kind)]
    if not live:
        return Stopped("Oppgavene er løst, flyttet eller gitt videre.")
    body = live[0].task.body
    sender = _sender(session, body, today)
    lines = [_line(session, row, links, today) for row in live]
    addressee = _addressee(message.person)
    if message.kind is MessageKind.NEW_TASKS:
        letter = letters.new_tasks(addressee, lines, sender, today)
    else:
        addressee = replace(addressee, pause_url=links.pause(message.person_id))
        letter = letters.reminder(addressee, lines, sender, today)
    # One task: its mails make one thread. Several: the mail stands alone.
    thread = f"task-{live[0].task_id}" if len(live) == 1 else ""
    return _outgoing(message, letter, thread, sender, now, mail_from, unsubscribe=addressee.pause_url)


def _still_true(row: Reminder, kind: MessageKind) -> bool:
    """Whether the task still is open, this person's and unanswered, and the step is still the one due."""
    task, part = row.task, row.assignment
    if not task.is_open or part.ended_at is not None or part.answer is not Answer.NONE:
        return False
    if kind is MessageKind.NEW_TASKS:
        return True
    if task.due_on is None:
        return False
    contributor = part.part is Part.CONTRIBUTOR
    return any(
        due.step is row.step and due.on == row.local_date
        for due in steps(task.due_on, task.body.rhythm, contributor=contributor)
    )


def _request(
    session: Session, message: Message, now: datetime, links: Links, mail_from: str
) -> Outgoing | Stopped:
    part = session.get(Assignment, message.about.get("assignment"))
    if part is None or part.answer not in (Answer.MORE_TIME, Answer.NOT_MINE) or not part.task.is_open:
        return Stopped("Spørsmålet er alt besvart.")
    task, today = part.task, local_date(now)
    item = task.agenda_item
    line = letters.TaskLine(
        what=task.what,
        due_on=task.due_on,
        answer_url=f"{links.url}/oppgaver/{task.id}",
        case_number=task.case_number,
        restricted=item.restricted if item else None,
    )
    sender = letters.Sender(task.body.name, part.person.name, part.person.email or "")
    letter = letters.request(
        _addressee(message.person),
        line,
        sender,
        today,
        who=part.person.name,
        wanted=part.wanted_due_on if part.answer is Answer.MORE_TIME else None,
        suggested=part.suggested_person.name if part.suggested_person else "",
        why="" if line.restricted else part.comment,
        url=line.answer_url,
    )
    return _outgoing(message, letter, f"task-{task.id}", sender, now, mail_from)


def _line(session: Session, row: Reminder, links: Links, today: date) -> letters.TaskLine:
    task, part = row.task, row.assignment
    coming = schedule.next_meeting(session, task.body, today) if row.step.overdue else None
    following = _next_reminder(task, part, today)
    return letters.TaskLine(
        what=task.what,
        due_on=task.due_on,
        answer_url=links.answer(part.id, task.version),
        quote=task.evidence,
        case_number=task.case_number,
        meeting_on=task.meeting.starts_on if task.meeting else None,
        restricted=task.restricted,
        together_with=tuple(
            other.person.name
            for other in (*task.owners, *task.contributors)
            if other.person_id != part.person_id
        ),
        contributor=part.part is Part.CONTRIBUTOR,
        step=row.step,
        next_reminder_on=following if row.step is Step.ASSIGNED else None,
        next_meeting=(coming.title, coming.starts_on) if coming else None,
    )


def _next_reminder(task: Task, part: Assignment, today: date) -> date | None:
    if task.due_on is None:
        return None
    ahead = steps(task.due_on, task.body.rhythm, contributor=part.part is Part.CONTRIBUTOR)
    return next((due.on for due in ahead if due.on > today and not due.step.overdue), None)


def _sender(session: Session, body: Body, today: date) -> letters.Sender:
    found = people.secretaries(session, body, today)
    organisation = session.get_one(Organisation, body.organisation_id)
    name = found[0].name if found else organisation.name
    return letters.Sender(body.name, name, (found[0].email or "") if found else "")


def _addressee(person: Person) -> letters.Addressee:
    return letters.Addressee(person.name, person.first_name, person.language)


def _outgoing(
    message: Message,
    letter: letters.Letter,
    thread: str,
    sender: letters.Sender,
    now: datetime,
    mail_from: str,
    *,
    unsubscribe: str = "",
) -> Outgoing:
    host = mail_from.rpartition("@")[2]
    return Outgoing(
        letter=letter,
        to_name=message.person.name,
        to_address=message.person.email or "",
        from_name=f"{sender.secretary} via Oppfølging" if sender.secretary else "Oppfølging",
        from_address=mail_from,
        reply_to=sender.reply_to,
        message_id=f"{message.message_id}@{host}",
        date=now,
        thread=f"{thread}@{host}" if thread else "",
        unsubscribe=unsubscribe if letter.reminder else "",
    )
