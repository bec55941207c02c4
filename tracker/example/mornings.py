"""The mail of the past weeks: what was due each working morning, written as it was then, and captured."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.clock import at
from tracker.links import Links
from tracker.models import Meeting, Message, MessageState, Organisation, Task, TaskStatus
from tracker.rules import workdays
from tracker.rules.reminders import Rhythm, steps
from tracker.services import remind, status_mails
from tracker.services.compose import Stopped, compose

MAIL_FROM = "oppfolging@elvedal.example"


class Mornings:
    """Goes through the working mornings once, in order.

    With other organisations in the register nobody is reminded: deciding on reminders is done for all at
    once, and the others' clocks aren't ours to move.
    """

    def __init__(self, session: Session, links: Links, ours: Organisation, first: date) -> None:
        self.session, self.links, self.ours, self.next = session, links, ours, first
        self.alone = session.scalar(select(func.count()).select_from(Organisation)) == 1

    def until(self, moment: datetime) -> None:
        """Live through the mornings that have come by `moment`."""
        while self.alone and (morning := at(self.next, Rhythm().hour)) <= moment:
            if self._some_step_is_on(self.next):
                self.session.commit()  # whoever decides on reminders begins a transaction of its own
                if remind.remind_all(self.session, morning):
                    self.deliver(morning)
            if self._a_status_is_on(self.next):
                self.session.commit()
                if status_mails.send_due(self.session, morning):
                    self.deliver(morning)
            self.next = workdays.add(self.next, 1)

    def _some_step_is_on(self, day: date) -> bool:
        """Whether asking who is to be reminded is worth its while: half of the mornings nobody is."""
        deadlines = select(Task.due_on).where(
            Task.organisation_id == self.ours.id, Task.status == TaskStatus.OPEN, Task.due_on.is_not(None)
        )
        found = {due_on for due_on in self.session.scalars(deadlines.distinct()) if due_on}
        return any(due.on == day for due_on in found for due in steps(due_on, Rhythm()))

    def _a_status_is_on(self, day: date) -> bool:
        """Whether some meeting's status goes out that morning."""
        meetings = select(Meeting.starts_on).where(
            Meeting.organisation_id == self.ours.id, Meeting.starts_on > day
        )
        return any(status_mails.due_on(starts_on) == day for starts_on in self.session.scalars(meetings))

    def deliver(self, moment: datetime) -> None:
        """Write the mails that wait, and keep them as captured at `moment`.

        `services/deliver.py` leads to the same rows, in three transactions a mail that nobody waits for here.
        """
        waiting = select(Message).where(
            Message.organisation_id == self.ours.id, Message.state == MessageState.WAITING
        )
        for message in self.session.scalars(waiting.order_by(Message.id)).all():
            made = compose(self.session, message, moment, self.links, MAIL_FROM)
            if isinstance(made, Stopped):
                message.state, message.reason = MessageState.STOPPED, made.reason
                continue
            message.subject, message.body_text = made.letter.subject, made.letter.text
            message.body_html, message.state = made.letter.html, MessageState.CAPTURED
            message.sent_at, message.attempts = moment, 1
        self.session.flush()
