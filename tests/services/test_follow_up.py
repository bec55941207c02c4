"""What the people of a task do to it: every answer, every settling, what history keeps, two at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker import db
from tracker.errors import ChangedMeanwhile, InvalidAnswer, LinkOutdated, NotFound
from tracker.links import Links
from tracker.models import (
    Action,
    Answer,
    Assignment,
    History,
    Message,
    MessageKind,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import follow_up, history, tasks

LATER = date(2026, 3, 27)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def task(session: Session, cast: Cast, now: datetime) -> Task:
    return make_task(session, cast, now)


@pytest.fixture
def part(task: Task) -> Assignment:
    return task.owners[0]


def story(task: Task) -> list[tuple[Action, str, str]]:
    return [(row.action, row.before, row.after) for row in task.history]


def mails(session: Session, kind: MessageKind) -> list[str]:
    return [m.person.name for m in session.scalars(select(Message).where(Message.kind == kind))]


def test_done_closes_the_task_and_says_who_and_how(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.report_done(session, part, now, via="mail")
    assert part.task.status is TaskStatus.DONE
    assert part.task.closed_at == now
    (row,) = part.task.history
    assert (row.action, row.person, row.via, row.at) == (Action.DONE, part.person, "mail", now)


def test_done_twice_is_done_once(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.report_done(session, part, now, via="mail")
    follow_up.report_done(session, part, now + A_MINUTE, via="page")
    assert part.task.closed_at == now
    assert len(part.task.history) == 1


def test_of_two_owners_the_last_one_closes_the_task(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now, owners=[cast.owner, cast.leader])
    first, second = task.owners
    follow_up.report_done(session, first, now, via="page")
    assert task.is_open
    follow_up.report_done(session, second, now, via="page")
    assert task.status is TaskStatus.DONE
    assert [action for action, _, _ in story(task)] == [Action.PART_DONE, Action.DONE]


def test_a_contributor_cannot_close_the_task(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now, contributors=[cast.contributor])
    follow_up.report_done(session, task.contributors[0], now, via="mail")
    assert task.is_open
    assert task.history == []


def test_the_result_is_kept_with_the_one_before(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.report_done(session, part, now, via="mail")
    follow_up.add_words(session, part, "  Fjellstua er bestilt. ", now, via="mail")
    follow_up.add_words(session, part, "Fjellstua er bestilt.", now, via="mail")
    follow_up.add_words(session, part, "Fjellheimen er bestilt.", now, via="mail")
    assert part.task.result == "Fjellheimen er bestilt."
    assert story(part.task)[1:] == [
        (Action.RESULT, "", "Fjellstua er bestilt."),
        (Action.RESULT, "Fjellstua er bestilt.", "Fjellheimen er bestilt."),
    ]


def test_nobody_writes_a_result_before_answering(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.add_words(session, part, "Ferdig", now, via="mail")
    assert part.task.result == ""
    assert part.task.history == []


def test_more_time_waits_for_the_secretary_who_is_told(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.ask_more_time(session, part, LATER, "Venter på svar", now, via="mail")
    assert part.task.due_on == date(2026, 3, 20)
    assert (part.answer, part.wanted_due_on, part.comment) == (Answer.MORE_TIME, LATER, "Venter på svar")
    assert story(part.task) == [(Action.MORE_TIME, "2026-03-20", "2026-03-27")]
    assert mails(session, MessageKind.REQUEST) == [cast.secretary.name]


def test_the_same_wish_twice_is_one_wish_and_one_mail(
    session: Session, part: Assignment, now: datetime
) -> None:
    for _ in range(2):
        follow_up.ask_more_time(session, part, LATER, "", now, via="mail")
    assert len(part.task.history) == 1
    assert len(mails(session, MessageKind.REQUEST)) == 1


def test_why_more_time_is_needed_can_be_said_afterwards(
    session: Session, part: Assignment, now: datetime
) -> None:
    follow_up.ask_more_time(session, part, LATER, "", now, via="mail")
    follow_up.add_words(session, part, "Venter på svar", now, via="mail")
    assert (part.comment, part.task.result) == ("Venter på svar", "")


@pytest.mark.parametrize("wanted", [date(2026, 3, 2), date(2026, 3, 20), date(2029, 1, 1)])
def test_a_date_that_gives_no_more_time_is_refused(
    session: Session, part: Assignment, now: datetime, wanted: date
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        follow_up.ask_more_time(session, part, wanted, "", now, via="mail")
    assert fault.value.field == "wanted"
    assert part.answer is Answer.NONE


def test_not_mine_goes_back_to_the_secretary_with_the_suggestion(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.not_mine(session, part, cast.leader, "", now, via="mail")
    follow_up.not_mine(session, part, cast.leader, "", now, via="mail")
    assert (part.answer, part.suggested_person) == (Answer.NOT_MINE, cast.leader)
    assert story(part.task) == [(Action.NOT_MINE, cast.owner.name, cast.leader.name)]
    assert mails(session, MessageKind.REQUEST) == [cast.secretary.name]


def test_an_answer_can_be_taken_back_within_a_day(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.report_done(session, part, now, via="mail")
    follow_up.undo(session, part, now + timedelta(hours=24), via="mail")
    follow_up.undo(session, part, now + timedelta(hours=24), via="mail")
    assert part.task.is_open
    assert part.task.closed_at is None
    assert story(part.task)[1:] == [(Action.UNDONE, "done", "")]


def test_after_a_day_the_answer_stands(session: Session, part: Assignment, now: datetime) -> None:
    follow_up.report_done(session, part, now, via="mail")
    with pytest.raises(LinkOutdated):
        follow_up.undo(session, part, now + timedelta(hours=24, seconds=1), via="mail")
    assert part.task.status is TaskStatus.DONE


def test_whoever_handed_the_task_over_cannot_undo_what_the_new_owner_did(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    task = part.task
    follow_up.not_mine(session, part, None, "", now, via="mail")
    follow_up.hand_over(session, task, cast.leader, cast.secretary, now)
    follow_up.report_done(session, task.owners[0], now, via="mail")
    follow_up.undo(session, part, now + A_MINUTE, via="mail")
    assert task.status is TaskStatus.DONE


def test_a_body_may_let_people_move_the_deadline_a_little_once(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    cast.body.accept_days = 7
    follow_up.ask_more_time(session, part, date(2026, 3, 27), "", now, via="mail")
    assert (part.task.due_on, part.answer) == (date(2026, 3, 27), Answer.NONE)
    assert story(part.task) == [(Action.DUE_CHANGED, "2026-03-20", "2026-03-27")]
    assert mails(session, MessageKind.REQUEST) == []
    follow_up.ask_more_time(session, part, date(2026, 3, 30), "", now, via="mail")
    assert (part.task.due_on, part.answer) == (date(2026, 3, 27), Answer.MORE_TIME)
    assert mails(session, MessageKind.REQUEST) == ["Berit Kampen"]


def test_moving_the_deadline_oneself_can_be_undone(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    cast.body.accept_days = 7
    follow_up.ask_more_time(session, part, date(2026, 3, 27), "", now, via="mail")
    for _ in range(2):
        follow_up.undo(session, part, now + A_MINUTE, via="mail")
    assert part.task.due_on == date(2026, 3, 20)
    assert [action for action, *_ in story(part.task)] == [Action.DUE_CHANGED, Action.UNDONE]


@pytest.mark.parametrize("fault", ["too far", "shared", "follows a meeting", "not allowed"])
def test_otherwise_the_secretary_is_asked(session: Session, cast: Cast, now: datetime, fault: str) -> None:
    cast.body.accept_days = 0 if fault == "not allowed" else 7
    owners = [cast.owner, cast.leader] if fault == "shared" else [cast.owner]
    task = make_task(session, cast, now, owners=owners)
    if fault == "follows a meeting":
        meeting = make_meeting(session, cast, now, date(2026, 3, 20))
        task.set_due(DueRule(DueKind.EVENT), meeting)
    wanted = date(2026, 3, 28) if fault == "too far" else date(2026, 3, 27)
    follow_up.ask_more_time(session, task.owners[0], wanted, "", now, via="mail")
    assert (task.due_on, task.owners[0].answer) == (date(2026, 3, 20), Answer.MORE_TIME)


def test_starting_is_kept_once_and_stops_no_reminder(
    session: Session, part: Assignment, now: datetime
) -> None:
    for _ in range(2):
        follow_up.start(session, part, now, via="mail")
    assert (part.confirmed_at, part.answer) == (now, Answer.NONE)
    assert story(part.task) == [(Action.STARTED, "", "")]


def test_every_answer_from_a_mail_is_confirmed_by_one(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.report_done(session, part, now, via="page")
    follow_up.undo(session, part, now, via="page")
    assert mails(session, MessageKind.RECEIPT) == []
    follow_up.report_done(session, part, now, via="mail")
    follow_up.undo(session, part, now, via="mail")
    follow_up.not_mine(session, part, None, "", now, via="mail")
    assert mails(session, MessageKind.RECEIPT) == ["Nils Arne Holmen"]  # it still waits, and says what holds


def test_accepting_moves_the_deadline_and_settles_the_wish(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.ask_more_time(session, part, LATER, "", now, via="mail")
    for _ in range(2):
        follow_up.accept_new_due(session, part, cast.secretary, now)
    assert (part.task.due_on, part.answer) == (LATER, Answer.NONE)
    assert story(part.task)[1:] == [(Action.DUE_CHANGED, "2026-03-20", "2026-03-27")]


def test_keeping_the_deadline_settles_the_wish_too(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.ask_more_time(session, part, LATER, "", now, via="mail")
    for _ in range(2):
        follow_up.keep_due(session, part, cast.secretary, now)
    assert (part.task.due_on, part.answer) == (date(2026, 3, 20), Answer.NONE)
    assert story(part.task)[1:] == [(Action.DUE_REFUSED, "2026-03-27", "")]


def test_a_date_of_its_own_ends_the_bond_to_a_gathering(
    session: Session, cast: Cast, task: Task, now: datetime
) -> None:
    gathering = make_meeting(session, cast, now, date(2026, 4, 20))
    task.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    follow_up.change_due(session, task, DueRule(DueKind.DATE, on=LATER), cast.secretary, now)
    assert (task.due_on, task.due_event) == (LATER, None)
    assert story(task) == [(Action.DUE_CHANGED, "2026-04-06", "2026-03-27")]


def test_a_task_can_go_without_a_deadline(session: Session, cast: Cast, task: Task, now: datetime) -> None:
    follow_up.change_due(session, task, DueRule(), cast.secretary, now)
    assert task.due_on is None
    assert story(task) == [(Action.DUE_CHANGED, "2026-03-20", "")]


def test_handing_over_ends_the_old_part_and_tells_the_new_owner(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    task = part.task
    for _ in range(2):
        follow_up.hand_over(session, task, cast.leader, cast.secretary, now)
    assert part.ended_at == now
    assert [owner.person for owner in task.owners] == [cast.leader]
    assert not follow_up.may_answer(part)
    assert story(task) == [(Action.OWNER_CHANGED, cast.owner.name, cast.leader.name)]
    assert mails(session, MessageKind.NEW_TASKS) == [cast.leader.name]


def test_a_contributor_who_becomes_owner_is_not_both(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now, contributors=[cast.contributor])
    follow_up.hand_over(session, task, cast.contributor, cast.secretary, now + A_MINUTE)
    parts = [(a.part, a.person) for a in task.assignments if a.ended_at is None]
    assert parts == [(Part.OWNER, cast.contributor)]


def test_the_owner_can_be_asked_to_keep_the_task(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.not_mine(session, part, None, "", now, via="mail")
    follow_up.hand_over(session, part.task, cast.owner, cast.secretary, now)
    assert (part.answer, part.ended_at) == (Answer.NONE, None)
    assert story(part.task)[1:] == [(Action.OWNER_CHANGED, cast.owner.name, cast.owner.name)]


def test_new_words_are_kept_beside_the_old(session: Session, cast: Cast, task: Task, now: datetime) -> None:
    old = task.what
    for _ in range(2):
        follow_up.reword(session, task, " Finne  sted ", cast.secretary, now)
    assert story(task) == [(Action.CHANGED, old, "Finne sted")]
    with pytest.raises(InvalidAnswer):
        follow_up.reword(session, task, "   ", cast.secretary, now)


def test_dropping_needs_a_reason_and_happens_once(
    session: Session, cast: Cast, task: Task, now: datetime
) -> None:
    with pytest.raises(InvalidAnswer):
        follow_up.drop(session, task, " ", cast.secretary, now)
    for _ in range(2):
        follow_up.drop(session, task, "Samlingen er avlyst", cast.secretary, now)
    assert (task.status, task.result) == (TaskStatus.DROPPED, "Samlingen er avlyst")
    assert [row.comment for row in task.history] == ["Samlingen er avlyst"]


def test_nobody_answers_for_a_dropped_task(
    session: Session, cast: Cast, part: Assignment, now: datetime
) -> None:
    follow_up.drop(session, part.task, "Avlyst", cast.secretary, now)
    follow_up.report_done(session, part, now, via="mail")
    follow_up.ask_more_time(session, part, LATER, "", now, via="mail")
    follow_up.not_mine(session, part, None, "", now, via="mail")
    follow_up.add_words(session, part, "Ferdig", now, via="mail")
    assert (part.task.status, part.task.result, part.answer) == (TaskStatus.DROPPED, "Avlyst", Answer.NONE)


def test_reopening_starts_afresh(session: Session, cast: Cast, part: Assignment, now: datetime) -> None:
    task = part.task
    follow_up.drop(session, task, "Avlyst", cast.secretary, now)
    for _ in range(2):
        follow_up.reopen(session, task, cast.secretary, now)
    assert (task.is_open, task.closed_at, task.result, part.answer) == (True, None, "", Answer.NONE)
    assert story(task)[1:] == [(Action.REOPENED, "dropped", "")]


def test_the_secretary_closes_what_an_owner_cannot(
    session: Session, cast: Cast, task: Task, now: datetime
) -> None:
    for _ in range(2):
        follow_up.close(session, task, cast.secretary, now)
    assert (task.status, task.closed_at) == (TaskStatus.DONE, now)
    assert [(row.action, row.person) for row in task.history] == [(Action.DONE, cast.secretary)]


VERBS: list[tuple[str, Callable[[Session, Cast, Task, datetime], None]]] = [
    ("done", lambda s, c, t, n: follow_up.report_done(s, t.owners[0], n, via="page")),
    ("more time", lambda s, c, t, n: follow_up.ask_more_time(s, t.owners[0], LATER, "", n, via="page")),
    ("not mine", lambda s, c, t, n: follow_up.not_mine(s, t.owners[0], None, "", n, via="page")),
    ("hand over", lambda s, c, t, n: follow_up.hand_over(s, t, c.leader, c.secretary, n)),
    ("reword", lambda s, c, t, n: follow_up.reword(s, t, "Noe annet", c.secretary, n)),
    ("drop", lambda s, c, t, n: follow_up.drop(s, t, "Avlyst", c.secretary, n)),
]


@pytest.mark.parametrize("verb", [verb for _, verb in VERBS], ids=[name for name, _ in VERBS])
def test_whatever_happens_raises_the_version_so_that_an_old_form_is_refused(
    session: Session,
    cast: Cast,
    task: Task,
    now: datetime,
    verb: Callable[[Session, Cast, Task, datetime], None],
) -> None:
    shown = task.version
    history.guard(task, shown)
    verb(session, cast, task, now)
    with pytest.raises(ChangedMeanwhile, match=r"endret denne oppgaven kl\. 09\.00"):
        history.guard(task, shown)


def test_a_link_opens_its_own_task(session: Session, links: Links, part: Assignment, now: datetime) -> None:
    token = links.answer(part.id, 1).rsplit("/", 1)[1]
    assert tasks.by_link(session, links, token, now) is part
    assert tasks.by_link(session, links, token, now, to_change=True) is part


def test_a_link_dies_ninety_days_after_the_task_is_closed(
    session: Session, links: Links, part: Assignment, now: datetime
) -> None:
    token = links.answer(part.id, 1).rsplit("/", 1)[1]
    follow_up.report_done(session, part, now, via="mail")
    tasks.by_link(session, links, token, now + timedelta(days=90))
    with pytest.raises(LinkOutdated):
        tasks.by_link(session, links, token, now + timedelta(days=90, seconds=1))


def test_a_link_for_something_else_is_not_found(session: Session, links: Links, now: datetime) -> None:
    for token in ("", "tull", links.pause(1).rsplit("/", 1)[1], links.answer(4711, 1).rsplit("/", 1)[1]):
        with pytest.raises(NotFound):
            tasks.by_link(session, links, token, now)


def test_of_two_presses_at_once_one_counts(
    engine: Engine, session: Session, links: Links, part: Assignment, now: datetime
) -> None:
    token = links.answer(part.id, 1).rsplit("/", 1)[1]
    session.commit()

    def press(_number: int) -> None:
        with db.sessions(engine)() as mine:
            db.write_at_once(mine)
            found = tasks.by_link(mine, links, token, now, to_change=True)
            follow_up.report_done(mine, found, now, via="mail")
            mine.commit()

    with ThreadPoolExecutor(4) as together:
        list(together.map(press, range(8)))
    session.expire_all()
    assert part.task.status is TaskStatus.DONE
    assert len(session.scalars(select(History)).all()) == 1


def test_of_two_wishes_at_once_one_is_kept_and_one_mail_goes(
    engine: Engine, session: Session, links: Links, part: Assignment, now: datetime
) -> None:
    token = links.answer(part.id, 1).rsplit("/", 1)[1]
    session.commit()

    def ask(_number: int) -> None:
        with db.sessions(engine)() as mine:
            db.write_at_once(mine)
            found = tasks.by_link(mine, links, token, now, to_change=True)
            follow_up.ask_more_time(mine, found, LATER, "", now, via="mail")
            mine.commit()

    with ThreadPoolExecutor(4) as together:
        list(together.map(ask, range(8)))
    session.expire_all()
    assert [row.action for row in part.task.history] == [Action.MORE_TIME]
    assert len(mails(session, MessageKind.REQUEST)) == 1


def test_of_two_secretaries_with_the_same_page_the_second_is_told_who_came_first(
    engine: Engine, session: Session, cast: Cast, task: Task, now: datetime
) -> None:
    shown = task.version
    session.commit()

    def give_to(person_id: int) -> str:
        with db.sessions(engine)() as mine:
            db.write_at_once(mine)
            held = history.hold(mine, task.id)
            try:
                history.guard(held, shown)
            except ChangedMeanwhile as told:
                return str(told)
            actor, to = mine.get_one(Person, cast.secretary.id), mine.get_one(Person, person_id)
            follow_up.hand_over(mine, held, to, actor, now)
            mine.commit()
            return ""

    with ThreadPoolExecutor(2) as together:
        told = list(together.map(give_to, [cast.leader.id, cast.contributor.id]))
    session.expire_all()
    assert sorted(bool(text) for text in told) == [False, True]
    assert "Berit Kampen endret denne oppgaven" in "".join(told)
    assert len(task.owners) == 1
