"""The year in figures: what each month, body and year counts."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker.language import language
from tracker.models import Decision, Meeting, MeetingStatus, Task
from tracker.rules.access import Rights
from tracker.services import follow_up, people, yearly
from tracker.services.yearly import Numbers, Year

TODAY = date(2026, 3, 2)


def both(cast: Cast) -> Rights:
    return Rights(1, cast.organisation.id, member_of=frozenset({cast.body.id, cast.other_body.id}))


def counted(session: Session, rights: Rights, number: int = 2026) -> Year:
    return yearly.year(session, rights, number, TODAY, language("nb"))


def month(found: Year, number: int) -> Numbers:
    return found.months[number - 1][1]


def decide(session: Session, task: Task) -> Decision:
    assert task.agenda_item is not None
    task.decision = Decision(
        organisation_id=task.organisation_id, agenda_item=task.agenda_item, position=1, text="Vedtak",
        needs_follow_up=True,
    )  # fmt: skip
    session.add(task.decision)
    session.flush()
    return task.decision


def done(session: Session, task: Task, *at: int) -> None:
    follow_up.report_done(session, task.owners[0], datetime(*at, tzinfo=UTC), via="page")  # type: ignore[misc]


def test_decisions_count_in_the_month_of_their_meeting(session: Session, cast: Cast, now: datetime) -> None:
    def decision(day: date) -> tuple[Meeting, Decision]:
        meeting = make_meeting(session, cast, now, day)
        return meeting, decide(session, make_task(session, cast, now, meeting=meeting, due_on=None))

    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)):
        decision(day)
    decision(date(2026, 1, 15))[0].status = MeetingStatus.CANCELLED
    decision(date(2026, 1, 16))[1].withdrawn_at = now
    session.flush()
    found = counted(session, both(cast))
    assert [month(found, number).decided for number in (1, 2, 3)] == [2, 1, 0]
    assert found.total.decided == 3
    assert [(number, numbers.decided) for number, numbers in found.years][-2:] == [(2025, 1), (2026, 3)]
    assert len(found.years) == yearly.YEARS_BESIDE


def test_tasks_count_as_done_by_the_clock_on_the_wall(session: Session, cast: Cast, now: datetime) -> None:
    done(session, make_task(session, cast, now), 2026, 1, 31, 22, 59)  # 23.59 in Oslo
    done(session, make_task(session, cast, now), 2026, 1, 31, 23, 0)  # midnight: February has begun
    follow_up.drop(session, make_task(session, cast, now), "Avlyst", cast.secretary, now)
    found = counted(session, both(cast))
    assert [month(found, number).done for number in (1, 2)] == [1, 1]


def test_late_is_what_stood_overdue_when_the_month_ended(session: Session, cast: Cast, now: datetime) -> None:
    make_task(session, cast, now, due_on=date(2026, 1, 20))  # late ever since
    done(session, make_task(session, cast, now, due_on=date(2026, 1, 20)), 2026, 2, 10, 12)  # late in January
    done(session, make_task(session, cast, now, due_on=date(2026, 1, 20)), 2026, 1, 25, 12)  # done by the end
    make_task(session, cast, now, due_on=date(2026, 3, 2))  # due today
    found = counted(session, both(cast))
    assert [month(found, number).late for number in range(1, 5)] == [2, 1, 1, None]
    assert found.total.late == 1
    assert counted(session, both(cast), 2027).total.late is None


def test_each_body_has_its_numbers_and_others_none(session: Session, cast: Cast, now: datetime) -> None:
    done(session, make_task(session, cast, now), 2026, 2, 1, 12)
    theirs = make_task(session, cast, now, due_on=date(2026, 1, 1))
    theirs.body = cast.other_body
    session.flush()
    found = counted(session, both(cast))
    assert [(body.name, n) for body, n in found.bodies] == [
        ("Elvedalsrådet", Numbers(0, 1, 0)),
        ("Kulturnemnda", Numbers(0, 0, 1)),
    ]
    assert counted(session, people.rights(session, cast.leader, TODAY)).total == Numbers(0, 1, 0)
    assert counted(session, people.rights(session, cast.stranger, TODAY)).empty
