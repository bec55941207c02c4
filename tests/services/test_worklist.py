"""What waits for whom: groups by deadline, what is done, and what only the secretary can settle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.factories import make_meeting, make_task, numbers
from tracker.errors import NotFound
from tracker.models import (
    MeetingKind,
    MeetingStatus,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Person,
    Source,
    SourceState,
)
from tracker.rules.access import Office, Rights
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import follow_up, moving, people, schedule, tasks, worklist
from tracker.services.waiting import waiting_for
from tracker.services.worklist import Group, Worklist, group_of

TODAY = date(2026, 3, 2)  # a Monday
SINCE_LAST = datetime.fromisoformat("2026-02-02T00:00:00+01:00")


def rights_of(session: Session, person: Person) -> Rights:
    return people.rights(session, person, TODAY)


def shown(work: Worklist) -> dict[Group, list[str]]:
    return {group: [item.task.what for item in items] for group, items in work.groups.items() if items}


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("due_on", "group"),
    [
        (date(2026, 3, 1), Group.OVERDUE),
        (date(2026, 3, 2), Group.THIS_WEEK),
        (date(2026, 3, 8), Group.THIS_WEEK),
        (date(2026, 3, 9), Group.NEXT_WEEK),
        (date(2026, 3, 15), Group.NEXT_WEEK),
        (date(2026, 3, 16), Group.LATER),
        (None, Group.UNDATED),
    ],
)
def test_weeks_begin_on_monday(due_on: date | None, group: Group) -> None:
    assert group_of(due_on, TODAY) is group


def test_on_a_sunday_this_week_ends_today() -> None:
    sunday = date(2026, 3, 8)
    assert group_of(sunday, sunday) is Group.THIS_WEEK
    assert group_of(sunday + timedelta(days=1), sunday) is Group.NEXT_WEEK


def test_my_list_holds_what_i_own_and_what_i_contribute_to(
    session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now, what="Min", due_on=date(2026, 3, 4))
    make_task(session, cast, now, what="Vår", owners=[cast.leader], contributors=[cast.owner], due_on=None)
    make_task(session, cast, now, what="En annens", owners=[cast.leader])
    work = worklist.my_tasks(session, cast.owner, TODAY, SINCE_LAST)
    assert shown(work) == {Group.THIS_WEEK: ["Min"], Group.UNDATED: ["Vår"]}
    assert [item.owned for items in work.groups.values() for item in items] == [True, False]
    assert work.remaining == 2


def test_what_was_handed_over_leaves_my_list(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now)
    follow_up.hand_over(session, task, cast.leader, cast.secretary, now)
    assert shown(worklist.my_tasks(session, cast.owner, TODAY, SINCE_LAST)) == {}
    assert worklist.my_tasks(session, cast.leader, TODAY, SINCE_LAST).remaining == 1


def test_done_tasks_are_those_since_the_previous_meeting_latest_first(
    session: Session, cast: Cast, now: datetime
) -> None:
    for what, days in (("Gammel", 40), ("Først", 9), ("Sist", 2)):
        task = make_task(session, cast, now, what=what)
        follow_up.report_done(session, task.owners[0], now - timedelta(days=days), via="page")
    work = worklist.my_tasks(session, cast.owner, TODAY, SINCE_LAST)
    assert [item.task.what for item in work.done] == ["Sist", "Først"]
    assert work.remaining == 0


def test_a_task_just_done_keeps_its_place_so_that_it_can_be_undone(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now, due_on=date(2026, 3, 4))
    follow_up.report_done(session, task.owners[0], now, via="page")
    work = worklist.my_tasks(session, cast.owner, TODAY, SINCE_LAST, just_done=task.id)
    assert shown(work) == {Group.THIS_WEEK: [task.what]}
    assert (work.done, work.remaining) == ([], 0)


def test_the_dates_around_today(session: Session, cast: Cast, now: datetime) -> None:
    held = make_meeting(session, cast, now, date(2026, 2, 2))
    gathering = make_meeting(session, cast, now, date(2026, 3, 5), kind=MeetingKind.GATHERING)
    cancelled = make_meeting(session, cast, now, date(2026, 3, 6))
    cancelled.status = MeetingStatus.CANCELLED
    called = make_meeting(session, cast, now, date(2026, 3, 9))
    session.flush()
    found = worklist.dates(session, rights_of(session, cast.owner), TODAY)
    assert found.held == {cast.body.id: held.starts_on}
    assert [m.id for m in found.coming] == [gathering.id, called.id]
    assert found.next == found.coming[1]
    assert found.since(TODAY) == SINCE_LAST
    assert worklist.dates(session, rights_of(session, cast.outsider), TODAY).coming == []


def test_requests_wait_for_the_secretary(session: Session, cast: Cast, now: datetime) -> None:
    late, wrong = make_task(session, cast, now), make_task(session, cast, now, owners=[cast.contributor])
    follow_up.ask_more_time(session, late.owners[0], date(2026, 3, 27), "", now, via="mail")
    follow_up.not_mine(session, wrong.owners[0], cast.leader, "", now, via="mail")
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert [part.task_id for part in waiting.requests] == [late.id]
    assert [part.task_id for part in waiting.refusals] == [wrong.id]
    assert len(waiting) == 2


def test_a_task_without_owner_and_an_owner_without_address_wait(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.contributor.email = None
    unowned = make_task(session, cast, now, owners=[])
    silent = make_task(session, cast, now, owners=[cast.contributor])
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert numbers(waiting.unowned) == [unowned.id]
    assert [(person.id, numbers(theirs)) for person, theirs in waiting.unreachable] == [
        (cast.contributor.id, [silent.id])
    ]


def test_an_overdue_task_waits_when_every_notice_has_had_its_day(
    session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now, what="Nettopp", due_on=date(2026, 2, 25))
    old = make_task(session, cast, now, what="Lenge siden", due_on=date(2026, 1, 15))
    asked = make_task(session, cast, now, what="Har spurt", due_on=date(2026, 1, 15))
    follow_up.ask_more_time(session, asked.owners[0], date(2026, 3, 27), "", now, via="mail")
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert numbers(waiting.escalated) == [old.id]
    assert [part.task_id for part in waiting.requests] == [asked.id]


def test_undelivered_mail_waits_until_the_address_is_mended(
    session: Session, cast: Cast, now: datetime
) -> None:
    for person in (cast.owner, cast.outsider, cast.stranger):
        session.add(
            Message(
                organisation_id=person.organisation_id,
                kind=MessageKind.REMINDER,
                person=person,
                address=(person.email or "").upper(),
                state=MessageState.FAILED,
                created_at=now,
                send_at=now,
            )
        )
    session.flush()
    rights = rights_of(session, cast.secretary)
    assert [m.name for m in waiting_for(session, rights, TODAY).undelivered] == [cast.owner.name]
    cast.owner.email = "nils@elvedal.example"
    session.flush()
    assert waiting_for(session, rights, TODAY).undelivered == []


def test_minutes_in_review_wait_for_the_secretary_of_their_body(
    session: Session, cast: Cast, now: datetime
) -> None:
    for number, body in enumerate((cast.body, None, cast.other_body)):
        session.add(
            Source(
                organisation_id=cast.organisation.id,
                name=f"Referat {number}",
                sha256=str(number) * 64,
                content=b"",
                draft={},
                state=SourceState.REVIEW,
                body=body,
                taken_in_at=now + timedelta(minutes=number),
            )
        )
    session.flush()
    drafts = waiting_for(session, rights_of(session, cast.secretary), TODAY).drafts
    assert [source.name for source in drafts] == ["Referat 1", "Referat 0"]


def test_nothing_waits_for_somebody_who_is_no_secretary(session: Session, cast: Cast, now: datetime) -> None:
    make_task(session, cast, now, owners=[])
    assert len(waiting_for(session, rights_of(session, cast.owner), TODAY)) == 0


def test_the_whole_page_takes_four_queries_and_none_for_each_row(
    engine: Engine, session: Session, cast: Cast, now: datetime
) -> None:
    for number in range(20):
        meeting = make_meeting(session, cast, now, date(2026, 2, 2) + timedelta(days=number))
        make_task(
            session, cast, now, owners=[cast.secretary], contributors=[cast.owner], meeting=meeting,
            due_on=date(2026, 1, 15) + timedelta(days=number),
        )  # fmt: skip
    session.commit()
    rights, helping = rights_of(session, cast.secretary), cast.owner.name
    session.expire_all()
    session.refresh(cast.secretary)
    with counted(engine) as statements:
        found = worklist.dates(session, rights, TODAY)
        work = worklist.my_tasks(session, cast.secretary, TODAY, found.since(TODAY))
        waiting = waiting_for(session, rights, TODAY)
        for items in work.groups.values():
            for item in items:
                assert item.task.body.name
                assert item.task.case_number == "4/26"
                assert [c.person.name for c in item.task.contributors] == [helping]
    assert waiting.escalated
    assert len(statements) == 4


def test_a_task_is_seen_by_its_body_and_by_those_who_have_a_part_in_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now, owners=[cast.outsider])
    for person in (cast.secretary, cast.leader, cast.outsider):
        assert tasks.task_of(session, rights_of(session, person), task.id) is task
    with pytest.raises(NotFound):
        tasks.task_of(session, rights_of(session, cast.stranger), task.id)
    follow_up.hand_over(session, task, cast.owner, cast.secretary, now)
    with pytest.raises(NotFound):
        tasks.task_of(session, rights_of(session, cast.outsider), task.id)


def test_many_of_one_kind_hide_none_of_another(
    session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.waiting.ROOM", 3)
    late = [
        make_task(session, cast, now, owners=[cast.leader], due_on=date(2026, 1, 5) + timedelta(days=number))
        for number in range(8)
    ]
    asking = [make_task(session, cast, now, due_on=None) for _ in range(5)]
    for minutes, task in enumerate(reversed(asking)):
        follow_up.ask_more_time(
            session, task.owners[0], date(2026, 3, 27), "", now + timedelta(minutes=minutes), via="mail"
        )
    unowned = [make_task(session, cast, now, owners=[], due_on=date(2026, 6, 1)) for _ in range(2)]
    meeting = make_meeting(session, cast, now, date(2026, 4, 14))
    lost = make_task(session, cast, now, owners=[cast.leader])
    lost.set_due(DueRule(DueKind.EVENT, days=-7), meeting)
    moving.cancel(session, meeting, cast.secretary, now)
    cast.contributor.email = None
    silent = make_task(session, cast, now, owners=[cast.contributor], due_on=date(2026, 7, 1))
    session.commit()
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert numbers(waiting.escalated) == numbers(late[:3])  # the oldest
    assert {part.task_id for part in waiting.requests} == set(numbers(asking[2:]))  # those that asked first
    assert numbers(waiting.unowned) == numbers(unowned)
    assert numbers(waiting.lost_due) == [lost.id]
    assert [(person.id, numbers(theirs)) for person, theirs in waiting.unreachable] == [
        (cast.contributor.id, [silent.id])
    ]
    assert waiting.full
    monkeypatch.setattr("tracker.services.waiting.ROOM", 50)
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert (len(waiting.escalated), len(waiting.requests), waiting.full) == (8, 5, False)


def test_what_other_bodies_wait_for_takes_no_room(
    session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.waiting.ROOM", 2)
    for _ in range(4):
        task = make_task(session, cast, now, due_on=date(2026, 6, 1))
        task.body = cast.other_body
        follow_up.ask_more_time(session, task.owners[0], date(2026, 6, 5), "", now, via="mail")
    mine = make_task(session, cast, now, due_on=date(2026, 6, 1))
    later = now + timedelta(hours=1)
    follow_up.ask_more_time(session, mine.owners[0], date(2026, 6, 5), "", later, via="mail")
    session.commit()
    waiting = waiting_for(session, rights_of(session, cast.secretary), TODAY)
    assert [part.task_id for part in waiting.requests] == [mine.id]


def test_an_office_that_has_ended_gives_nothing(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now)
    session.add(
        Membership(
            organisation_id=cast.organisation.id,
            body=cast.body,
            person=cast.outsider,
            office=Office.SECRETARY,
            from_date=SINCE,
            to_date=TODAY - timedelta(days=1),
        )
    )
    session.flush()
    with pytest.raises(NotFound):
        tasks.task_of(session, rights_of(session, cast.outsider), task.id)


def test_who_has_not_reacted_for_five_working_days_stands_on_the_list(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now, owners=[cast.owner, cast.leader], due_on=date(2026, 6, 1))
    follow_up.start(session, task.owners[1], now, via="page")
    session.commit()
    rights = people.rights(session, cast.secretary, date(2026, 3, 2))
    # given on Monday 2 March: the fifth working day after it is Monday the 9th
    assert waiting_for(session, rights, date(2026, 3, 9)).unconfirmed == []
    waiting = waiting_for(session, rights, date(2026, 3, 10))
    assert [part.person_id for part in waiting.unconfirmed] == [cast.owner.id]
    assert len(waiting) == 0  # no hurry
    follow_up.start(session, task.owners[0], now, via="page")
    session.commit()
    assert waiting_for(session, rights, date(2026, 3, 10)).unconfirmed == []


def test_a_deadline_that_fell_away_with_its_meeting_waits_for_the_secretary(
    session: Session, cast: Cast, now: datetime
) -> None:
    meeting = make_meeting(session, cast, now, date(2026, 4, 14))
    task = make_task(session, cast, now)
    task.set_due(DueRule(DueKind.EVENT, days=-7), meeting)
    moving.cancel(session, meeting, cast.secretary, now)
    session.commit()
    rights = people.rights(session, cast.secretary, date(2026, 3, 2))
    assert numbers(waiting_for(session, rights, date(2026, 3, 2)).lost_due) == [task.id]


def test_what_has_gone_on_for_months_still_lies_ahead(session: Session, cast: Cast, now: datetime) -> None:
    long = make_meeting(session, cast, now, TODAY - timedelta(days=100), kind=MeetingKind.GATHERING)
    long.ends_on = TODAY + timedelta(days=1)
    session.flush()
    ours, bodies = cast.organisation.id, [cast.body.id]
    assert [m.id for m in worklist.dates(session, rights_of(session, cast.owner), TODAY).coming] == [long.id]
    assert schedule.coming(session, ours, bodies, TODAY) == [long]
    assert schedule.between(session, ours, bodies, TODAY, TODAY) == [long]
    assert schedule.held(session, ours, bodies, TODAY) == []
