"""Which reminders go: to whom, when, once, and what holds them back."""

from __future__ import annotations

import re
import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import Mornings
from tracker import db
from tracker.clock import at
from tracker.links import Links
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Message,
    MessageKind,
    MessageState,
    Part,
    Person,
    Reminder,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.rules.reminders import Rhythm
from tracker.services import due, follow_up, remind

DUE = date(2026, 3, 20)  # a Friday: reminders on the 13th and the 19th, notices on 25.3, 1.4 and 8.4
ASSIGNED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def morning(day: int, month: int = 3, hour: int = 7, minute: int = 0) -> datetime:
    return at(date(2026, month, day), time(hour, minute))


def ledger(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Reminder.step, Reminder.local_date).order_by(Reminder.local_date, Reminder.id)
    )
    return [(str(step), day.isoformat()) for step, day in rows]


def reminded(session: Session, now: datetime) -> list[str]:
    """Who is written to at this moment."""
    before = set(session.scalars(select(Message.id)))
    session.commit()
    remind.remind_all(session, now)
    session.commit()
    rows = session.scalars(select(Message).where(Message.id.not_in(before)).order_by(Message.person_id))
    return [row.person.first_name for row in rows]


def test_new_tasks_give_one_mail_each_and_a_row_in_the_ledger_for_every_task(
    session: Session, cast: Cast, now: datetime
) -> None:
    tasks = [
        make_task(session, cast, now, owners=[cast.owner], contributors=[cast.contributor]),
        make_task(session, cast, now, what="Invitere", owners=[cast.owner]),
    ]
    parts = [part for task in tasks for part in task.assignments]
    messages = remind.announce(session, parts, now)
    assert [(m.person, m.kind, m.state, len(m.reminders)) for m in messages] == [
        (cast.owner, MessageKind.NEW_TASKS, MessageState.WAITING, 2),
        (cast.contributor, MessageKind.NEW_TASKS, MessageState.WAITING, 1),
    ]
    assert ledger(session) == [("assigned", "2026-03-02")] * 3
    assert remind.announce(session, parts, now + timedelta(days=1)) == []
    assert len(ledger(session)) == 3


def test_who_has_no_address_is_left_out_of_the_news(session: Session, cast: Cast, now: datetime) -> None:
    cast.owner.email = None
    task = make_task(session, cast, now, contributors=[cast.contributor])
    assert [m.person for m in remind.announce(session, task.assignments, now)] == [cast.contributor]


def test_a_body_may_do_without_news(session: Session, cast: Cast, now: datetime) -> None:
    cast.body.rhythm = Rhythm(on_assignment=False)
    task = make_task(session, cast, now)
    assert remind.announce(session, task.assignments, now) == []
    assert ledger(session) == []


def test_a_task_given_away_and_back_on_the_same_day_is_news_once(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now)
    (first,) = remind.announce(session, task.assignments, now)
    follow_up.hand_over(session, task, cast.contributor, cast.secretary, now + timedelta(minutes=1))
    follow_up.hand_over(session, task, cast.owner, cast.secretary, now + timedelta(minutes=2))
    session.commit()
    assert [m.person for m in session.scalars(select(Message).order_by(Message.id))] == [
        cast.owner,
        cast.contributor,
    ]
    assert [row.assignment.ended_at for row in first.reminders] == [None]  # it tells of the new part


def test_a_task_given_back_after_its_news_was_stopped_is_news_again(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now)
    (first,) = remind.announce(session, task.assignments, now)
    follow_up.hand_over(session, task, cast.contributor, cast.secretary, now + timedelta(minutes=1))
    first.state = MessageState.STOPPED
    follow_up.hand_over(session, task, cast.owner, cast.secretary, now + timedelta(minutes=2))
    newest = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert newest is not None
    assert (newest.person, newest.state) == (cast.owner, MessageState.WAITING)


def test_the_rhythm_of_a_task_that_nobody_answers_for(
    session: Session, cast: Cast, engine: Engine, links: Links
) -> None:
    task = make_task(session, cast, ASSIGNED, contributors=[cast.contributor], due_on=DUE)
    remind.announce(session, task.assignments, ASSIGNED)
    session.commit()
    life = Mornings(db.sessions(engine), links)
    life.live(date(2026, 3, 2), date(2026, 5, 10))
    assert life.gone() == [
        ("2026-03-02", "Nils Arne", "Ny oppgave: Finne egnet sted til samlingen"),
        ("2026-03-02", "Kari", "Ny oppgave: Finne egnet sted til samlingen"),
        ("2026-03-13", "Nils Arne", "Frist fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-03-13", "Kari", "Frist fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-03-19", "Nils Arne", "Frist fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-03-19", "Kari", "Frist fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-03-25", "Nils Arne", "Fristen var fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-04-01", "Nils Arne", "Fristen var fredag 20. mars: Finne egnet sted til samlingen"),
        ("2026-04-08", "Nils Arne", "Fristen var fredag 20. mars: Finne egnet sted til samlingen"),
    ]
    assert (life.failed, life.stopped) == (0, 0)
    session.expire_all()
    last = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert last is not None
    assert "Dette er siste påminnelse. Berit Kampen tar kontakt med deg." in last.body_text


def test_nothing_goes_before_the_hour_of_the_body(session: Session, cast: Cast) -> None:
    cast.body.rhythm = Rhythm(hour=time(8, 30))
    make_task(session, cast, ASSIGNED, due_on=DUE)
    session.commit()
    assert reminded(session, morning(13, hour=8, minute=29)) == []
    assert reminded(session, morning(13, hour=8, minute=30)) == ["Nils Arne"]
    assert reminded(session, morning(13, hour=8, minute=31)) == []


def test_there_is_one_mail_a_morning_for_all_bodies(session: Session, cast: Cast) -> None:
    """What a body with a later hour wants to say comes along, since nothing more goes that day."""
    cast.other_body.rhythm = Rhythm(hour=time(9, 0))
    make_task(session, cast, ASSIGNED, due_on=DUE)
    other = make_task(session, cast, ASSIGNED, due_on=DUE, what="Låne lokale")
    other.body = cast.other_body
    session.commit()
    assert reminded(session, morning(13)) == ["Nils Arne"]
    assert len(ledger(session)) == 2
    assert reminded(session, morning(13, hour=9)) == []


def test_several_tasks_share_a_mail_and_a_later_one_waits_for_the_next_morning(
    session: Session, cast: Cast
) -> None:
    for what in ("Finne sted", "Invitere", "Lage program"):
        make_task(session, cast, ASSIGNED, due_on=DUE, what=what)
    session.commit()
    assert reminded(session, morning(13)) == ["Nils Arne"]
    make_task(session, cast, ASSIGNED, due_on=DUE, what="Bestille buss")
    session.commit()
    assert reminded(session, morning(13, hour=10)) == []
    assert reminded(session, morning(16)) == ["Nils Arne"]
    assert ledger(session) == [("before", "2026-03-13")] * 4


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.MORE_TIME, Answer.NOT_MINE])
def test_who_has_answered_is_left_in_peace(session: Session, cast: Cast, answer: Answer) -> None:
    task = make_task(session, cast, ASSIGNED, owners=[cast.owner, cast.leader], due_on=DUE)
    task.assignments[0].answer = answer
    session.commit()
    assert reminded(session, morning(13)) == ["Sigurd"]


@pytest.mark.parametrize("status", [TaskStatus.DONE, TaskStatus.DROPPED])
def test_closed_tasks_are_not_reminded_of(session: Session, cast: Cast, status: TaskStatus) -> None:
    task = make_task(session, cast, ASSIGNED, due_on=DUE)
    task.status = status
    session.commit()
    assert reminded(session, morning(13)) == []


def test_a_part_that_has_ended_is_not_reminded_of(session: Session, cast: Cast) -> None:
    task = make_task(session, cast, ASSIGNED, due_on=DUE)
    follow_up.hand_over(session, task, cast.leader, cast.secretary, ASSIGNED + timedelta(days=1))
    session.commit()
    assert reminded(session, morning(13)) == ["Sigurd"]


def test_who_has_no_address_or_has_paused_gets_nothing_until_it_is_over(session: Session, cast: Cast) -> None:
    make_task(session, cast, ASSIGNED, owners=[cast.owner], due_on=DUE)
    make_task(session, cast, ASSIGNED, owners=[cast.leader], due_on=DUE)
    cast.owner.email = None
    cast.leader.pause_from, cast.leader.pause_until = date(2026, 3, 9), date(2026, 3, 16)
    session.commit()
    assert reminded(session, morning(13)) == []
    assert reminded(session, morning(16)) == []
    cast.owner.email = "nils@elvedal.example"
    session.commit()
    assert reminded(session, morning(17)) == ["Sigurd", "Nils Arne"]  # the step that was missed


def test_after_three_days_of_downtime_only_the_step_that_counts_goes(session: Session, cast: Cast) -> None:
    make_task(session, cast, ASSIGNED, due_on=DUE)
    session.commit()
    assert reminded(session, morning(1, 4)) == ["Nils Arne"]  # the second notice; nothing went before
    assert ledger(session) == [("overdue_2", "2026-04-01")]
    assert reminded(session, morning(7, 4)) == []  # after Easter, before the third


def test_a_moved_deadline_gives_new_reminders(session: Session, cast: Cast) -> None:
    gathering = make_meeting(session, cast, ASSIGNED, date(2026, 4, 3))
    task = make_task(session, cast, ASSIGNED)
    task.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    session.commit()
    assert task.due_on == DUE
    assert reminded(session, morning(13)) == ["Nils Arne"]
    gathering.starts_on = date(2026, 4, 24)
    follow_up.change_due(session, task, task.due, cast.secretary, morning(16))
    session.commit()
    assert [reminded(session, morning(day)) for day in (17, 18, 19, 20)] == [[]] * 4
    assert [reminded(session, morning(day, 4)) for day in (1, 7, 8, 9, 10)] == [
        ["Nils Arne"],
        [],
        [],
        ["Nils Arne"],
        [],
    ]
    assert ledger(session) == [
        ("before", "2026-03-13"),
        ("before", "2026-04-01"),  # the 3rd is Good Friday
        ("day_before", "2026-04-09"),
    ]


def test_who_wants_one_mail_a_task_gets_so_many_on_the_same_morning(session: Session, cast: Cast) -> None:
    cast.owner.bundled = False
    for what in ("Finne sted", "Invitere", "Lage program"):
        make_task(session, cast, ASSIGNED, due_on=DUE, what=what)
    session.commit()
    assert reminded(session, morning(13)) == ["Nils Arne"] * 3
    assert reminded(session, morning(13, minute=1)) == []
    rows = session.execute(select(Reminder.message_id, Reminder.task_id)).all()
    assert len({message for message, _task in rows}) == len({task for _message, task in rows}) == 3


def test_two_processes_at_once_are_harmless(engine: Engine, session: Session, cast: Cast) -> None:
    for number in range(5):
        make_task(
            session, cast, ASSIGNED, due_on=DUE, what=f"Oppgave {number}", owners=[cast.owner, cast.leader]
        )
    session.commit()
    start, found = threading.Barrier(4), []

    def run() -> None:
        start.wait()
        with db.sessions(engine).begin() as own:
            found.append(remind.remind_all(own, morning(13)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [0, 0, 0, 2]
    assert session.scalar(select(func.count()).select_from(Message)) == 2
    assert len(ledger(session)) == 10


def test_the_unique_key_stands_behind_it_all(session: Session, cast: Cast) -> None:
    """Should somebody write the row in between, ours is left out, and our mail has nothing to say."""
    make_task(session, cast, ASSIGNED, due_on=DUE)
    session.commit()
    found = due.mailings(session, morning(13))
    for _ in range(2):
        ids = remind._write_messages(session, found, morning(13))
        remind._write_ledger(session, found, ids, morning(13))
    session.commit()
    assert ledger(session) == [("before", "2026-03-13")]


def test_organisations_do_not_mix(session: Session, cast: Cast) -> None:
    theirs = Body(organisation_id=cast.stranger.organisation_id, name="Styret", aliases=[])
    task = Task(organisation_id=cast.stranger.organisation_id, body=theirs, what="Male", created_at=ASSIGNED)
    task.set_due(DueRule(DueKind.DATE, on=DUE))
    task.assignments.append(
        Assignment(
            organisation_id=cast.stranger.organisation_id,
            person=cast.stranger,
            part=Part.OWNER,
            assigned_at=ASSIGNED,
        )
    )
    session.add(task)
    make_task(session, cast, ASSIGNED, due_on=DUE)
    session.commit()
    assert reminded(session, morning(13)) == ["Nils Arne", "Even"]
    for message in session.scalars(select(Message)):
        owned = {message.organisation_id, message.person.organisation_id}
        assert owned | {row.organisation_id for row in message.reminders} == {message.organisation_id}


def test_many_tasks_take_few_queries(session: Session, cast: Cast) -> None:
    people = [
        Person(organisation_id=cast.organisation.id, name=f"Person {n}", email=f"p{n}@elvedal.example")
        for n in range(40)
    ]
    session.add_all(people)
    for person in people:
        make_task(session, cast, ASSIGNED, due_on=DUE, owners=[person])
    session.commit()
    seen: list[str] = []
    listen = lambda _c, _cursor, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    assert remind.remind_all(session, morning(13)) == 40
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    assert len(seen) <= 6


INDEXES = ("ix_task_open_due_on", "ix_assignment_unanswered", "ix_message_person_id_created_at")


def test_what_is_due_is_found_by_indexes_alone(session: Session, cast: Cast) -> None:
    """However many tasks are done: the tasks by deadline, the parts by task, the ledger by its key."""
    make_task(session, cast, ASSIGNED, due_on=DUE)
    session.commit()
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:  # so small a table is read whole otherwise
        session.execute(text("SET enable_seqscan = off"))
    plans = plans_of_the_search(session)
    for index in INDEXES:
        assert index in plans, plans
    if sqlite:
        assert plans.count("USING COVERING INDEX") == 3, plans
    for table in ("task", "assignment", "reminder", "message", "person"):
        assert not re.search(rf"(SCAN|Seq Scan on) {table}\b", plans), plans


@pytest.mark.postgresql
@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_what_is_due_is_found_by_indexes_where_no_sizes_are_known(session: Session, cast: Cast) -> None:
    """A register that was just restored: PostgreSQL guesses that each table holds next to nothing."""
    for table in ("task", "assignment", "reminder", "message", "person"):
        session.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
    people = [
        Person(organisation_id=cast.organisation.id, name=f"Person {n}", email=f"p{n}@elvedal.example")
        for n in range(2000)
    ]
    session.add_all(people)
    session.flush()
    for n, person in enumerate(people):
        make_task(session, cast, ASSIGNED, due_on=DUE + timedelta(days=n % 2), owners=[person])
    session.commit()
    plans = plans_of_the_search(session)
    for index in (*INDEXES, "pk_person", "uq_reminder_organisation_id_task_id_person_id_step_local_date"):
        assert index in plans, plans
    for look_up in ("due_on = steps.due_on", "task_id = task.id", "id = people.id", "person_id = person.id"):
        assert re.search(rf"Index Cond: .*\({look_up}\)", plans), plans
    assert "Seq Scan" not in plans, plans


def plans_of_the_search(session: Session) -> str:
    """How the database goes about finding what is due, and who is to be told."""
    seen: list[tuple[str, Any]] = []
    listen = lambda _c, _cursor, statement, parameters, *_: seen.append((statement, parameters))  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    assert due.mailings(session, morning(13))
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    explain = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    plans = [
        session.connection().exec_driver_sql(explain + statement, parameters)
        for statement, parameters in seen[-2:]
    ]
    return "\n".join(str(line[-1]) for plan in plans for line in plan)


def test_the_secretary_is_asked_once_while_the_question_waits(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = make_task(session, cast, now).assignments[0]
    follow_up.ask_more_time(session, part, date(2026, 4, 1), "", now, via="page")
    follow_up.ask_more_time(session, part, date(2026, 4, 8), "", now, via="page")
    (message,) = session.scalars(select(Message)).all()
    assert (message.kind, message.person, message.about) == (
        MessageKind.REQUEST,
        cast.secretary,
        {"assignment": part.id},
    )
    message.state = MessageState.SENT
    follow_up.ask_more_time(session, part, date(2026, 4, 15), "", now, via="page")
    assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_a_secretary_who_asks_is_not_written_to(session: Session, cast: Cast, now: datetime) -> None:
    part = make_task(session, cast, now, owners=[cast.secretary]).assignments[0]
    assert remind.request_answer(session, part, now) == []
