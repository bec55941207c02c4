"""Going through a draft: what is asked, what is kept, what blocks, and that two at once lose nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.services.drafts import draft
from tracker import db
from tracker.errors import ChangedMeanwhile, NotReady
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.models import (
    AgendaItem,
    Attendance,
    Base,
    Decision,
    Meeting,
    MeetingStatus,
    Message,
    Person,
    Presence,
    Source,
    SourceState,
    Task,
)
from tracker.rules.deadlines import DueKind
from tracker.services import compose, preview, publish, verdicts
from tracker.services.cards import State
from tracker.services.review import Review, review


@pytest.fixture
def source(session: Session, cast: Cast, now: datetime) -> Source:
    row = Source(
        organisation_id=cast.organisation.id, name="referat.txt", sha256="0" * 64, content=b"",
        draft=draft().to_json(),
        body=cast.body, taken_in_by=cast.secretary, taken_in_at=now,
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


def say(session: Session, source: Source, cast: Cast, now: datetime, **values: dict[str, object]) -> Review:
    for card, value in values.items():
        verdicts.record(session, source, card, value, 0, cast.secretary, now)
    return review(session, source, now)


NO_DUE = {"kind": "none", "on": None, "event": None, "days": 0}
ACCEPT = {
    "o1": {"accepted": True, "due": {"kind": "event", "event": "m1", "days": -14, "on": None}},
    "o2": {"accepted": True},
    "o3": {"accepted": True, "owners": ["Ukjent Mann"], "due": NO_DUE},
    "m1": {"accepted": True},
    "m2": {"accepted": True},
    "m3": {"accepted": True},
}


def test_everything_waits_at_first_and_nothing_is_chosen(
    session: Session, source: Source, now: datetime
) -> None:
    state = review(session, source, now)
    assert [q.id for q in state.must_resolve] == ["q1"]
    assert [t.state for t in state.tasks] == [State.OPEN] * 3
    assert {e.id: e.state for e in state.events} == {
        "m1": State.WAITING,
        "m2": State.WAITING,
        "m3": State.OPEN,
    }
    assert state.missing == ("q1", "o1", "o2", "o3", "m1", "m2", "m3")
    assert state.current == "q1"
    assert state.tasks[0].due is None
    assert state.tasks[1].due is not None
    assert state.tasks[1].due.on == date(2026, 3, 27)
    assert state.told() == []


def test_deadlines_are_offered_from_the_event_a_task_prepares(
    session: Session, source: Source, now: datetime
) -> None:
    offers = review(session, source, now).tasks[0].offers
    assert [(offer.on, offer.reason, offer.days) for offer in offers] == [
        (
            date(2026, 4, 1),
            "two-weeks-before",
            -19,
        ),  # 6 April is Easter Monday: the last day people work before it
        (date(2026, 4, 13), "week-before", -7),
    ]


def test_a_group_is_nobody_to_send_mail_to_so_the_owner_is_asked(
    session: Session, source: Source, now: datetime
) -> None:
    read = draft()
    first, *others = read.tasks
    source.draft = replace(
        read, tasks=(replace(first, owners=("Alle",), contributors=("Kommunene",)), *others)
    ).to_json()
    card = review(session, source, now).tasks[0]
    assert (card.owners, card.contributors, card.groups) == ((), (), ("Alle",))


def test_the_answer_to_a_question_changes_the_draft(
    session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    state = say(session, source, cast, now, q1={"choice": "moved"})
    assert [e.id for e in state.events] == ["m2", "m3"]
    assert state.tasks[0].event is not None
    assert state.tasks[0].event.id == "m2"
    assert state.questions[0].answer == "Ja, den er flyttet"
    assert "m2" not in [e.id for e in state.events if e.state is State.WAITING]


def test_the_same_answer_twice_is_one_answer(
    session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    first = verdicts.record(session, source, "q1", {"choice": "two"}, 0, cast.secretary, now)
    again = verdicts.record(session, source, "q1", {"choice": "two"}, 0, cast.secretary, now)
    assert first is again
    assert again.revision == 1


def test_of_two_secretaries_the_second_is_told_and_nothing_is_overwritten(
    engine: Engine, session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    say(session, source, cast, now, q1={"choice": "two"})
    session.commit()
    with db.sessions(engine)() as other:
        theirs = other.get_one(Source, source.id)
        me = other.get_one(Person, cast.leader.id)
        with pytest.raises(ChangedMeanwhile, match="Berit Kampen"):
            verdicts.record(other, theirs, "q1", {"choice": "moved"}, 0, me, now)
        other.rollback()
        verdicts.record(other, theirs, "o3", {"skipped": True}, 0, me, now)
        other.commit()
    state = review(session, source, now)
    assert state.questions[0].choice == "two"
    assert state.tasks[2].state is State.SKIPPED


def test_sending_is_refused_while_something_is_open_and_says_what(
    session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    say(session, source, cast, now, q1={"choice": "two"}, o1={"skipped": True})
    with pytest.raises(NotReady) as refused:
        publish.publish(session, source, cast.secretary, now)
    assert refused.value.cards == ("o2", "o3", "m1", "m2", "m3")
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_what_is_sent_is_what_was_shown(session: Session, source: Source, cast: Cast, now: datetime) -> None:
    shown = say(session, source, cast, now, q1={"choice": "two"}, **ACCEPT).fingerprint
    verdicts.record(session, source, "s1", {"skipped": True}, 0, cast.leader, now)
    with pytest.raises(ChangedMeanwhile):
        publish.publish(session, source, cast.secretary, now, fingerprint=shown)


def test_the_mails_that_go_are_the_mails_that_were_shown(
    session: Session, source: Source, cast: Cast, now: datetime, links: Links
) -> None:
    state = say(session, source, cast, now, q1={"choice": "two"}, **ACCEPT)
    shown = {
        mail.name: (mail.letter.subject, *map(without_tokens, (mail.letter.text, mail.letter.html)))
        for mail in preview.mails(state, cast.secretary, links)
    }
    done = publish.publish(session, source, cast.secretary, now)
    sent = {}
    for message in done.messages:
        mail = compose.compose(session, message, now, links, "post@elvedal.example")
        assert isinstance(mail, Outgoing)
        told = mail.letter
        sent[message.person.name] = (told.subject, without_tokens(told.text), without_tokens(told.html))
    assert sent == shown


def without_tokens(text: str) -> str:
    return re.sub(r"/o/[\w.~-]*", "/o/", text)


def counts(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
        if name != "alembic_version"
    }


def test_publishing_writes_the_register_once(
    session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    say(session, source, cast, now, q1={"choice": "two"}, **ACCEPT)
    done = publish.publish(session, source, cast.secretary, now)
    session.commit()
    meeting = done.meeting
    assert meeting is not None
    assert (meeting.status, meeting.minutes, meeting.place) == (MeetingStatus.HELD, source, "Elvedal rådhus")
    assert source.state is SourceState.PUBLISHED
    tasks = {task.what: task for task in session.scalars(select(Task))}
    sted = tasks["Finne egnet sted til samlingen"]
    assert [a.person.name for a in sted.owners] == ["Nils Arne Holmen"]
    assert (sted.due.kind, sted.due_on, sted.case_number) == (DueKind.EVENT, date(2026, 4, 6), "4/26")
    assert sted.due_event is not None
    assert sted.due_event.title == "Samling"
    assert sted.decision is not None
    assert sted.history[0].after == sted.what
    program = tasks["Lage program for samlingen"]
    assert [a.person.name for a in program.contributors] == ["Kari Oremo"]
    assert program.due_on == date(2026, 3, 27)
    assert tasks["Bestille buss"].owners[0].person.email is None
    presence = {a.person.name: a.presence for a in session.scalars(select(Attendance))}
    assert presence["Kari Oremo"] is Presence.ABSENT
    coming = session.scalars(select(Meeting).where(Meeting.status == MeetingStatus.CALLED)).all()
    assert sorted(m.starts_on for m in coming) == [date(2026, 4, 7), date(2026, 4, 20), date(2026, 4, 27)]
    proposed = session.scalars(select(AgendaItem).where(AgendaItem.proposed_by_id == meeting.id)).all()
    assert [(item.title, item.meeting.starts_on) for item in proposed] == [("Budsjett", date(2026, 4, 7))]
    assert session.scalar(select(func.count()).select_from(Decision)) == 2
    assert sorted(m.person.name for m in session.scalars(select(Message))) == [
        "Berit Kampen", "Kari Oremo", "Nils Arne Holmen",
    ]  # fmt: skip

    before = counts(session)
    again = publish.publish(session, source, cast.secretary, now + timedelta(hours=1))
    session.commit()
    assert again.messages == ()
    assert counts(session) == before


def test_a_task_the_secretary_adds_is_published_too(
    session: Session, source: Source, cast: Cast, now: datetime
) -> None:
    added = {
        "accepted": True,
        "what": "Sende referatet",
        "owners": ["Sigurd Lien"],
        "contributors": [],
        "due": NO_DUE,
    }
    state = say(session, source, cast, now, q1={"choice": "two"}, **ACCEPT, t1=added)
    assert state.tasks[-1].added
    publish.publish(session, source, cast.secretary, now)
    task = session.scalars(select(Task).where(Task.what == "Sende referatet")).one()
    assert [a.person.name for a in task.owners] == ["Sigurd Lien"]
