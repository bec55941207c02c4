"""Changing many tasks in one press, and taking it back in another."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_task
from tracker.errors import InvalidAnswer, NotAllowed, NotFound
from tracker.models import Action, Answer, Message, MessageKind, Task, TaskStatus
from tracker.services import bulk, follow_up, people
from tracker.services.bulk import Order, Outcome, What

TODAY, FRIDAY = date(2026, 3, 2), date(2026, 4, 10)


@pytest.fixture
def tasks(session: Session, cast: Cast, now: datetime) -> list[Task]:
    made = [make_task(session, cast, now, what=f"Oppgave {number}") for number in range(3)]
    session.commit()
    return made


def do(session: Session, cast: Cast, tasks: list[Task], order: Order, now: datetime) -> Outcome:
    rights = people.rights(session, cast.secretary, TODAY)
    versions = {task.id: task.version for task in tasks}
    return bulk.change(session, rights, cast.secretary, versions, order, now)


def undo(session: Session, cast: Cast, outcome: Outcome, now: datetime) -> Outcome:
    rights = people.rights(session, cast.secretary, TODAY)
    return bulk.undo(session, rights, cast.secretary, outcome.change.id, now)


def standing(tasks: list[Task]) -> list[tuple[object, ...]]:
    return [
        (
            t.status,
            t.due_on,
            [(o.person.name, o.answer, o.wanted_due_on) for o in t.owners],
            t.result,
            t.closed_at,
        )
        for t in tasks
    ]


@pytest.mark.parametrize("what", list(What))
def test_every_change_is_written_down_and_taken_back_whole(
    session: Session, cast: Cast, now: datetime, tasks: list[Task], what: What
) -> None:
    follow_up.ask_more_time(session, tasks[0].owners[0], FRIDAY, "Syk", now, via="page")
    before = standing(tasks)
    order = Order(what, on=FRIDAY, to=cast.leader, reason="Ikke aktuelt")
    outcome = do(session, cast, tasks, order, now)
    assert (outcome.changed, outcome.left) == (3, 0)
    assert all(one != other for one, other in zip(standing(tasks), before, strict=True))
    actions = {"frist": Action.DUE_CHANGED, "ansvarlig": Action.OWNER_CHANGED, "utfort": Action.DONE}
    for task in tasks:
        assert task.history[-1].action is actions.get(what, Action.DROPPED)
        assert task.history[-1].person_id == cast.secretary.id
    back = undo(session, cast, outcome, now + timedelta(hours=2))
    session.expire_all()
    assert (back.changed, back.left) == (3, 0)
    assert standing(tasks) == before
    assert len(tasks[1].history) == 2


def test_the_new_owner_gets_one_mail_for_all(
    session: Session, cast: Cast, now: datetime, tasks: list[Task]
) -> None:
    do(session, cast, tasks, Order(What.OWNER, to=cast.contributor), now)
    mails = session.scalars(select(Message).where(Message.kind == MessageKind.NEW_TASKS)).all()
    assert [(mail.person_id, len(mail.reminders)) for mail in mails] == [(cast.contributor.id, 3)]


def test_what_somebody_changed_meanwhile_is_left_alone(
    session: Session, cast: Cast, now: datetime, tasks: list[Task]
) -> None:
    rights = people.rights(session, cast.secretary, TODAY)
    shown = {task.id: task.version for task in tasks}
    follow_up.start(session, tasks[0].owners[0], now, via="page")
    outcome = bulk.change(session, rights, cast.secretary, shown, Order(What.DUE, on=FRIDAY), now)
    assert (outcome.changed, outcome.left) == (2, 1)
    follow_up.report_done(session, tasks[1].owners[0], now, via="page")
    back = undo(session, cast, outcome, now)
    assert (back.changed, back.left) == (1, 1)
    assert [t.due_on for t in tasks] == [date(2026, 3, 20), FRIDAY, date(2026, 3, 20)]
    assert tasks[1].owners[0].answer is Answer.DONE


def test_closed_tasks_stay_and_a_form_sent_twice_has_one_effect(
    session: Session, cast: Cast, now: datetime, tasks: list[Task]
) -> None:
    follow_up.close(session, tasks[0], cast.secretary, now)
    assert do(session, cast, tasks, Order(What.DROP, reason="Nei"), now).changed == 2
    assert tasks[0].status is TaskStatus.DONE
    assert do(session, cast, tasks, Order(What.DROP, reason="Nei"), now).changed == 0


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (Order(What.DUE), "frist"),
        (Order(What.DUE, on=date(2026, 4, 4)), "frist"),  # a Saturday
        (Order(What.OWNER), "ansvarlig"),
        (Order(What.DROP, reason="  "), "grunn"),
    ],
)
def test_what_is_missing_is_asked_for(
    session: Session, cast: Cast, now: datetime, tasks: list[Task], order: Order, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        do(session, cast, tasks, order, now)
    assert fault.value.field == field


def test_only_the_secretary_of_every_marked_task_may(
    session: Session, cast: Cast, now: datetime, tasks: list[Task]
) -> None:
    elsewhere = make_task(session, cast, now)
    elsewhere.body = cast.other_body
    session.commit()
    with pytest.raises(NotAllowed):
        do(session, cast, [*tasks, elsewhere], Order(What.DONE), now)
    with pytest.raises(NotAllowed):
        bulk.change(
            session, people.rights(session, cast.leader, TODAY), cast.leader, {tasks[0].id: tasks[0].version},
            Order(What.DONE), now,
        )  # fmt: skip
    with pytest.raises(InvalidAnswer):
        do(session, cast, [], Order(What.DONE), now)


def test_a_change_is_undone_once_within_the_day_by_who_made_it(
    session: Session, cast: Cast, now: datetime, tasks: list[Task]
) -> None:
    outcome = do(session, cast, tasks, Order(What.DONE), now)
    assert bulk.undoable(session, cast.leader, outcome.change.id, now) is None
    assert bulk.undoable(session, cast.stranger, outcome.change.id, now) is None
    with pytest.raises(NotFound):
        undo(session, cast, outcome, now + timedelta(hours=25))
    undo(session, cast, outcome, now)
    with pytest.raises(NotFound):
        undo(session, cast, outcome, now)
    bulk.sweep(session, now + timedelta(days=31))
    assert bulk.undoable(session, cast.secretary, outcome.change.id, now) is None
