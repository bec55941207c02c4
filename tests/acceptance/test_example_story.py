"""The waiting minutes of the example, gone through as a secretary does, sent, and answered from the mail."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tracker import db, example
from tracker.errors import NotReady
from tracker.links import Links
from tracker.mail.transport import CaptureTransport
from tracker.minutes.document import open_document
from tracker.minutes.names import Known
from tracker.minutes.reader import read
from tracker.models import Meeting, MeetingKind, MeetingStatus, Message, MessageState, Person, Source, Task
from tracker.rules.deadlines import DueKind
from tracker.services import compose, deliver, follow_up, intake, publish, tasks, verdicts
from tracker.services.cards import DuePlan, State
from tracker.services.review import Review, review


def reads(content: bytes, name: str, known_json: str) -> str:
    known = Known.from_json(json.loads(known_json))
    return json.dumps(read(open_document(content, name), known).to_json())


class Secretary:
    """Goes through a review one card at a time, and counts what she had to do."""

    def __init__(self, session: Session, source: Source, person: Person, now: datetime) -> None:
        self.session, self.source, self.person, self.now = session, source, person, now
        self.clicks = 0

    def state(self) -> Review:
        return review(self.session, self.source, self.now)

    def says(self, card: str, value: dict[str, Any]) -> None:
        verdicts.record(self.session, self.source, card, value, 0, self.person, self.now)
        self.clicks += 1

    def answers_questions(self) -> None:
        for card in self.state().open_questions:
            question = card.question
            self.says(card.id, {"choice": question.suggested or question.choices[0].value})

    def accepts_events(self) -> None:
        for card in self.state().open_events:
            self.says(card.id, {"accepted": True})

    def accepts_tasks(self) -> None:
        """As proposed, with the first deadline offered where the minutes give none."""
        for card in self.state().open_tasks:
            assert card.state is State.OPEN, f"{card.what} still waits for {card.waits_for}"
            value: dict[str, Any] = {"accepted": True}
            if card.due is None:
                value["due"] = DuePlan(kind=DueKind.DATE, on=card.offers[0].on).to_json()
            self.says(card.id, value)


@pytest.fixture
def secretary(session: Session, now: datetime, links: Links) -> Secretary:
    assert example.load(session, now, links=links, reader=reads)
    session.commit()
    person = session.scalars(select(Person).order_by(Person.id).limit(1)).one()
    (source,) = intake.waiting(session, person.organisation_id)
    return Secretary(session, source, person, now)


def test_from_waiting_minutes_to_owners_who_have_mail_and_answer_it(
    secretary: Secretary, session: Session, engine: Engine, links: Links
) -> None:
    now, source = secretary.now, secretary.source
    with pytest.raises(NotReady):
        publish.publish(session, source, secretary.person, now)

    secretary.answers_questions()
    secretary.accepts_events()
    secretary.accepts_tasks()
    state = secretary.state()
    assert state.missing == ()
    assert secretary.clicks <= 25
    told = {person.name for person, _cards in state.told() if person.address}
    assert told

    done = publish.publish(session, source, secretary.person, now, fingerprint=state.fingerprint)
    session.commit()
    assert {message.person.name for message in done.messages} == told
    assert done.meeting is not None
    assert done.meeting.status is MeetingStatus.HELD
    assert publish.publish(session, source, secretary.person, now).messages == ()
    session.commit()

    counts = deliver.deliver_waiting(
        db.sessions(engine),
        CaptureTransport(),
        lambda opened, waiting, moment: compose.compose_all(
            opened, waiting, moment, links, "oppfolging@elvedal.example"
        ),
        lambda: now + timedelta(minutes=1),
        "test",
    )
    assert counts.sent == len(told)
    sent = select(Message).where(Message.created_at == now).execution_options(populate_existing=True)
    mails = session.scalars(sent).all()
    assert {mail.state for mail in mails} == {MessageState.CAPTURED}

    task = next(t for t in session.scalars(select(Task).where(Task.source_id == source.id)) if t.owners)
    part = next(owner for owner in task.owners if owner.person.email)
    mail = next(mail for mail in mails if mail.person_id == part.person_id)
    token = links.answer(part.id, task.version).rpartition("/")[2]
    assert token in mail.body_text
    for owner in task.owners:
        address = links.answer(owner.id, task.version).rpartition("/")[2]
        found = tasks.by_link(session, links, address, now, to_change=True)
        follow_up.report_done(session, found, now + timedelta(days=1), via="mail")
    assert not task.is_open


def test_what_the_register_already_knew_is_not_doubled(secretary: Secretary, session: Session) -> None:
    """The meeting, the next one and the gathering were called before these minutes were written."""
    gatherings = select(func.count()).select_from(Meeting).where(Meeting.kind == MeetingKind.GATHERING)
    before = session.scalar(gatherings)
    people = session.scalar(select(func.count()).select_from(Person))
    secretary.answers_questions()
    secretary.accepts_events()
    secretary.accepts_tasks()
    new = [card for card in secretary.state().people if card.person is None]
    publish.publish(session, secretary.source, secretary.person, secretary.now)
    session.commit()
    assert session.scalar(gatherings) == before
    assert session.scalar(select(func.count()).select_from(Person)) == (people or 0) + len(new)
    days = session.scalars(select(Meeting.starts_on).where(Meeting.kind == MeetingKind.MEETING)).all()
    assert len(days) == len(set(days))
