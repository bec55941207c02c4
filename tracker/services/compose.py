"""Writing a mail when its turn comes, from what is true then. Nothing left to say: it is stopped.

What goes by the thousand is written in two steps: what is to be said is read for a batch at once, and put
into words (`Draft`) one by one, while the database and the mail server are busy with the mail before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.links import Links
from tracker.mail import letters
from tracker.mail.mime import Outgoing
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Invitation,
    Meeting,
    MeetingChange,
    MeetingStatus,
    Message,
    MessageKind,
    Organisation,
    Part,
    Source,
)
from tracker.rules.reminders import Step, current_step, first_reminder, paused
from tracker.services import (
    calendar_mails,
    comments,
    corrected,
    meeting_mails,
    notices,
    people,
    schedule,
    sign_in,
    told,
)
from tracker.services.calendar_mails import AnswerAddress
from tracker.services.told import Told, Whose

# Most mails of a morning ask the same.
_current_step, _first_reminder = lru_cache(1000)(current_step), lru_cache(1000)(first_reminder)


Draft = Callable[[], Outgoing]  # puts a mail into words; asks the register nothing more


@dataclass(frozen=True, slots=True)
class Stopped:
    """The mail isn't to go, and why (bokmål, for Utboks)."""

    reason: str


def compose(
    session: Session,
    message: Message,
    now: datetime,
    links: Links,
    mail_from: str,
    answers_to: AnswerAddress | None = None,
) -> Outgoing | Stopped:
    """The mail as it should be now, to the address the person has now.

    `answers_to`: where answers to invitations are read, if anywhere.
    """
    known = _Known(session, [message], now)
    draft = _Writing(known, message, now, links, mail_from, answers_to).run()
    return draft if isinstance(draft, Stopped) else draft()


def compose_all(
    session: Session,
    messages: Sequence[Message],
    now: datetime,
    links: Links,
    mail_from: str,
    answers_to: AnswerAddress | None = None,
) -> list[Draft | Stopped]:
    """As `compose`, for many, reading what they need at once. A fault in one is raised by its draft."""
    known = _Known(session, messages, now)
    made: list[Draft | Stopped] = []
    for message in messages:
        try:
            made.append(_Writing(known, message, now, links, mail_from, answers_to).run())
        except Exception as fault:
            made.append(_raising(fault))
    return made


def _raising(fault: Exception) -> Draft:
    def draft() -> Outgoing:
        raise fault

    return draft


class _Known:
    """What the register says of a batch of mails, read in a few queries: nothing is asked for one by one."""

    def __init__(self, session: Session, messages: Sequence[Message], now: datetime) -> None:
        self.session, self.today = session, local_date(now)
        self.ledger = told.read(session, [message.id for message in messages])
        self.secretaries = people.secretary_of_each(session, self.ledger.bodies, self.today)
        self.next_meetings = schedule.next_meetings(session, self.ledger.bodies, self.today)
        self.senders: dict[int, letters.Sender] = {}

    def sender(self, body: Body | Whose) -> letters.Sender:
        """The body's secretary; without one the organisation itself."""
        if body.id not in self.senders:
            if body.id not in self.ledger.bodies:
                self.secretaries |= people.secretary_of_each(self.session, [body.id], self.today)
            if body.id in self.secretaries:
                self.senders[body.id] = letters.Sender(body.name, *self.secretaries[body.id])
            else:
                name = self.session.get_one(Organisation, body.organisation_id).name
                self.senders[body.id] = letters.Sender(body.name, name, "")
        return self.senders[body.id]


class _Writing:
    """One mail being written."""

    def __init__(
        self,
        known: _Known,
        message: Message,
        now: datetime,
        links: Links,
        mail_from: str,
        answers_to: AnswerAddress | None,
    ) -> None:
        self.known, self.session, self.message, self.now = known, known.session, message, now
        self.links, self.mail_from, self.answers_to = links, mail_from, answers_to
        self.today, self.person = known.today, message.person

    def run(self) -> Draft | Stopped:
        if not self.person.email:
            told.forget(self.session, self.known.ledger.rows[self.message.id])
            return Stopped("Mottakeren har ingen e-postadresse.")
        if self.message.kind in (MessageKind.NEW_TASKS, MessageKind.REMINDER):
            return self._about_tasks()
        written = self._written()
        return written if isinstance(written, Stopped) else lambda: written

    def _written(self) -> Outgoing | Stopped:
        """Of kinds that go one by one."""
        ways = {
            MessageKind.SIGN_IN: self._sign_in,
            MessageKind.REQUEST: self._request,
            MessageKind.RECEIPT: self._receipt,
            MessageKind.MEETING_CHANGED: self._meeting_changed,
            MessageKind.STATUS: self._status,
            MessageKind.TASKS_CHANGED: self._tasks_changed,
            MessageKind.COMMENTS: self._comments,
        }
        return ways.get(self.message.kind, self._about_invitation)()

    def _sign_in(self) -> Outgoing:
        link = sign_in.new_link(self.session, self.person, self.now, self.links)
        letter = letters.sign_in(self._addressee(), link, self.today)
        return self._outgoing(letter, letters.Sender("", "", ""))

    def _request(self) -> Outgoing | Stopped:
        part = self.session.get(Assignment, self.message.about.get("assignment"))
        if part is None or not _waits_for_answer(part):
            return Stopped("Spørsmålet er alt besvart.")
        task, url = part.task, f"{self.links.url}/oppgaver/{part.task_id}"
        line = letters.TaskLine(
            what=task.what,
            due_on=task.due_on,
            answer_url=url,
            case_number=task.case_number,
            restricted=task.restricted,
        )
        sender = letters.Sender(task.body.name, part.person.name, part.person.email or "")
        letter = letters.request(
            self._addressee(),
            line,
            sender,
            self.today,
            who=part.person.name,
            wanted=part.wanted_due_on if part.answer is Answer.MORE_TIME else None,
            suggested=part.suggested_person.name if part.suggested_person else "",
            why="" if line.restricted else part.comment,
            url=url,
        )
        return self._outgoing(letter, sender, task.id)

    def _receipt(self) -> Outgoing | Stopped:
        part = self.session.get(Assignment, self.message.about.get("assignment"))
        found = notices.receipt_of(part, self.links) if part else None
        if part is None or found is None:
            return Stopped("Svaret er tatt tilbake.")
        answer, line = found
        sender = self.known.sender(part.task.body)
        letter = letters.receipt(self._addressee(), line, sender, self.today, answer=answer)
        return self._outgoing(letter, sender, part.task_id)

    def _meeting_changed(self) -> Outgoing | Stopped:
        if "invitation" in self.message.about:
            return self._about_invitation()
        change = self.session.get(MeetingChange, self.message.about.get("change"))
        if change is None or change.undone_at is not None:
            return Stopped("Endringen ble angret.")
        found = notices.of_change(self.session, change, self.person, self.links, self.today)
        if found is None:
            return Stopped("Møtet angår ikke mottakeren lenger.")
        sender = self.known.sender(found.meeting.body)
        letter = letters.meeting_changed(self._addressee(), found.news, found.lines, sender, self.today)
        return self._outgoing(letter, sender)

    def _tasks_changed(self) -> Outgoing | Stopped:
        source = self.session.get(Source, self.message.about.get("source"))
        news = []
        if source is not None and source.published_at is not None:
            news = corrected.published(self.session, source, source.published_at, self.person)
        if source is None or source.body is None or not news:
            return Stopped("Oppgavene er løst, endret igjen eller gitt videre.")
        sender = self.known.sender(source.body)
        changes = corrected.lines(news[0][1], self.person, self.links)
        return self._outgoing(letters.tasks_changed(self._addressee(), changes, sender, self.today), sender)

    def _status(self) -> Outgoing | Stopped:
        meeting = self.session.get(Meeting, self.message.about.get("meeting"))
        if meeting is None or meeting.status is not MeetingStatus.CALLED or meeting.starts_on < self.today:
            return Stopped("Møtet er holdt, flyttet eller avlyst.")
        if paused(self.person.pause_from, self.person.pause_until, self.today):
            return Stopped("Mottakeren har satt påminnelser på pause.")
        sender = self.known.sender(meeting.body)
        status = notices.status_of(self.session, meeting, self.person, self.links, self.today)
        return self._outgoing(
            letters.status(self._addressee(pausing=True), status, sender, self.today), sender
        )

    def _about_invitation(self) -> Outgoing | Stopped:
        invitation = self.session.get(Invitation, self.message.about.get("invitation"))
        if invitation is None:
            return Stopped("Innkallingen er slettet.")
        sender = self.known.sender(invitation.meeting.body)
        if self.message.kind is MessageKind.ABSENCE:  # answered, it reaches who can't come
            absent = invitation.person
            sender = letters.Sender(sender.organisation, absent.name, absent.email or "")
        if self.message.kind is MessageKind.MEETING_CHANGED:
            found = calendar_mails.news_letter(
                self.session, self.message, invitation, self._addressee(), sender, self.links, self.today
            )
        else:
            found = meeting_mails.letter_of(
                self.session, self.message.kind, invitation, self.person, sender, self.links, self.today
            )
        if isinstance(found, str):
            calendar_mails.not_told(self.message, invitation)
            return Stopped(found)
        mail = self._outgoing(found, sender)
        if self.message.kind not in calendar_mails.KINDS:
            return mail
        calendar_mails.note_told(self.message, invitation, self.now)
        return calendar_mails.with_calendar(mail, self.message, invitation, self.links, self.answers_to)

    def _comments(self) -> Outgoing | Stopped:
        threads, found = comments.threads(self.session, self.message, self.links, self.now)
        if not threads:
            return Stopped("Kommentarene angår ikke mottakeren lenger.")
        tasks = {comment.task_id for comment in found}
        task_id = tasks.pop() if len(tasks) == 1 else None
        sender = self.known.sender(comments.body_of(found[-1]))
        letter = letters.comments(self._addressee(), threads, sender, self.today)
        return self._outgoing(letter, sender, task_id)

    def _about_tasks(self) -> Draft | Stopped:
        news = self.message.kind is MessageKind.NEW_TASKS
        ledger = self.known.ledger.rows[self.message.id]
        if not news and paused(self.person.pause_from, self.person.pause_until, self.today):
            told.forget(self.session, ledger)
            return Stopped("Mottakeren har satt påminnelser på pause.")
        rows = [row for row in ledger if self._still_true(row)]
        told.forget(self.session, (row for row in ledger if row not in rows))
        if not rows:
            return Stopped("Oppgavene er løst, flyttet eller gitt videre.")
        senders = [self.known.sender(self.known.ledger.bodies[row.body_id]) for row in rows]
        return lambda: self._told(rows, senders[0])

    def _told(self, rows: Sequence[Told], sender: letters.Sender) -> Outgoing:
        lines = [self._line(row, sender) for row in rows]
        if self.message.kind is MessageKind.NEW_TASKS:
            letter = letters.new_tasks(self._addressee(), lines, sender, self.today)
        else:
            letter = letters.reminder(self._addressee(pausing=True), lines, sender, self.today)
        return self._outgoing(letter, sender, rows[0].task_id if len(rows) == 1 else None)

    def _still_true(self, row: Told) -> bool:
        """Whether the task still is open, this person's and unanswered, and the step the one that counts."""
        if not row.waits or row.step is Step.ASSIGNED:
            return row.waits
        if row.due_on is None:
            return False
        rhythm, contributor = self.known.ledger.bodies[row.body_id].rhythm, row.part is Part.CONTRIBUTOR
        due = _current_step(row.due_on, rhythm, self.today, contributor=contributor)
        return due is not None and (due.step, due.on) == (row.step, row.local_date)

    def _line(self, row: Told, sender: letters.Sender) -> letters.TaskLine:
        body, contributor = self.known.ledger.bodies[row.body_id], row.part is Part.CONTRIBUTOR
        told_of_meeting = row.step.overdue or row.due_on is None
        coming = self.known.next_meetings.get(row.body_id) if told_of_meeting else None
        own = self.known.sender(body).secretary
        following = None
        if row.due_on is not None:
            following = _first_reminder(row.due_on, body.rhythm, self.today, contributor=contributor)
        return letters.TaskLine(
            what=row.what,
            due_on=row.due_on,
            answer_url=self.links.answer(row.part_id, row.version),
            quote=row.evidence,
            case_number=row.case_number,
            meeting_on=row.meeting_on,
            restricted=row.restricted,
            together_with=tuple(self.known.ledger.together_with.get(row.id, ())),
            contributor=contributor,
            handed_over=row.handed_over,
            step=row.step,
            next_reminder_on=following,
            next_meeting=coming if coming and row.step.overdue else None,
            taken_up_on=coming[1] if coming and row.due_on is None else None,
            secretary=own if own != sender.secretary else "",
        )

    def _addressee(self, *, pausing: bool = False) -> letters.Addressee:
        """`pausing`: whether this kind of mail can be paused."""
        person = self.person
        pause_url = self.links.pause(person.id) if pausing else ""
        return letters.Addressee(person.name, person.first_name, person.language, pause_url)

    def _outgoing(self, letter: letters.Letter, sender: letters.Sender, task: int | None = None) -> Outgoing:
        """`task`: the number of the one it is about; its mails make one thread."""
        host = self.mail_from.rpartition("@")[2]
        return Outgoing(
            letter=letter,
            to_name=self.person.name,
            to_address=self.person.email or "",
            from_name=f"{sender.secretary} via Oppfølging" if sender.secretary else "Oppfølging",
            from_address=self.mail_from,
            reply_to=sender.reply_to,
            message_id=f"{self.message.message_id}@{host}",
            date=self.now,
            thread=f"task-{task}@{host}" if task else "",
        )


def _waits_for_answer(part: Assignment) -> bool:
    asked = part.answer in (Answer.MORE_TIME, Answer.NOT_MINE)
    return asked and part.ended_at is None and part.task.is_open
