"""The status before a meeting, and the spreadsheets: what is counted, and what stays out of them."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task, numbers
from tracker.language import language
from tracker.models import AgendaItem, Decision, Meeting, MeetingStatus, Task, TaskStatus
from tracker.rules.access import Rights
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import follow_up, people, register, reports, spreadsheet
from tracker.services.counts import Counts, State, count, counted, of_bodies, state_of
from tracker.services.register import Filter
from tracker.services.reports import Point
from tracker.services.standing import Standing, decision_state

TODAY = date(2026, 3, 2)
NB = language("nb")


@pytest.fixture
def previous(session: Session, cast: Cast, now: datetime) -> Meeting:
    meeting = make_meeting(session, cast, now, date(2026, 2, 2))
    meeting.status = MeetingStatus.HELD
    session.flush()
    return meeting


@pytest.fixture
def rights(session: Session, cast: Cast) -> Rights:
    return people.rights(session, cast.leader, TODAY)


def done(session: Session, task: Task, at: datetime, result: str = "") -> Task:
    follow_up.report_done(session, task.owners[0], at, via="page")
    follow_up.add_words(session, task.owners[0], result, at, via="page")
    return task


def decide(session: Session, item: AgendaItem, text: str, *, needs_follow_up: bool = True) -> Decision:
    decision = Decision(
        organisation_id=item.organisation_id,
        agenda_item=item,
        position=len(item.decisions) + 1,
        text=text,
        needs_follow_up=needs_follow_up,
    )
    session.add(decision)
    session.flush()
    return decision


def listed(session: Session, rights: Rights, **wanted: object) -> list[Decision]:
    found = register.search(session, rights, Filter(**wanted), TODAY)  # type: ignore[arg-type]
    return [session.get_one(Decision, line.id) for line in found.decisions]


def rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_a_task_stands_in_one_state(session: Session, cast: Cast, now: datetime) -> None:
    late = make_task(session, cast, now, due_on=date(2026, 3, 1))
    assert state_of(late, TODAY) is State.OVERDUE
    assert state_of(late, date(2026, 3, 1)) is State.ON_TRACK
    assert state_of(make_task(session, cast, now, owners=[], due_on=date(2026, 3, 1)), TODAY) is State.UNOWNED
    assert state_of(done(session, late, now), TODAY) is State.DONE


def test_the_four_numbers_are_the_same_counted_by_the_database_and_by_the_report(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    make_task(session, cast, now, due_on=date(2026, 3, 20))
    make_task(session, cast, now, due_on=None)
    make_task(session, cast, now, due_on=date(2026, 2, 20))
    make_task(session, cast, now, owners=[], due_on=date(2026, 2, 20))
    done(session, make_task(session, cast, now), now - timedelta(days=3))
    done(session, make_task(session, cast, now), now - timedelta(days=60))
    follow_up.drop(session, make_task(session, cast, now), "Avlyst", cast.secretary, now)
    report = reports.report(session, rights, TODAY)
    expected = Counts(done=1, on_track=2, overdue=1, unowned=1)
    assert report.counts == counted(report.tasks, TODAY) == expected
    assert count(session, rights, cast.body.id, report.since[cast.body.id], TODAY) == expected
    assert (expected.total, expected.remaining) == (5, 4)
    assert len(report.tasks) == 6  # the dropped one is listed too


def test_many_bodies_are_counted_a_hundred_at_a_time(
    session: Session, cast: Cast, now: datetime, previous: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.counts.AT_ONCE", 1)
    make_task(session, cast, now, due_on=date(2026, 2, 20))
    make_task(session, cast, now).body = cast.other_body
    session.flush()
    bodies = [cast.body.id, cast.other_body.id]
    found = of_bodies(session, cast.organisation.id, bodies, {}, TODAY)
    assert list(found) == bodies
    assert [found[body].remaining for body in bodies] == [1, 1]


def test_a_report_of_more_tasks_than_it_shows_counts_them_all_and_shows_the_first_deadlines(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    make_task(session, cast, now, due_on=None)
    make_task(session, cast, now, owners=[], due_on=date(2026, 3, 25))
    make_task(session, cast, now, due_on=date(2026, 2, 20))
    make_task(session, cast, now, due_on=date(2026, 3, 10))
    done(session, make_task(session, cast, now, due_on=date(2026, 4, 1)), now - timedelta(days=3))
    whole = reports.report(session, rights, TODAY)
    short = reports.report(session, rights, TODAY, most=2)
    assert short.counts == whole.counts == Counts(done=1, on_track=2, overdue=1, unowned=1)
    assert short.per_body == whole.per_body
    assert sorted(task.due_on for task in short.known if task.due_on) == [
        date(2026, 2, 20),
        date(2026, 3, 10),
    ]
    assert len(short.known) == 2
    assert (whole.more, short.more, short.over_time.actual) == (False, True, [])
    shorter = reports.report(session, rights, TODAY, most=4, of_many=1)
    assert [task.due_on for task in shorter.known] == [date(2026, 2, 20)]
    assert not reports.report(session, rights, TODAY, most=5, of_many=1).more


def test_a_report_for_a_meeting_holds_its_own_body_only(
    session: Session, cast: Cast, now: datetime, previous: Meeting
) -> None:
    both = Rights(1, cast.organisation.id, member_of=frozenset({cast.body.id, cast.other_body.id}))
    make_task(session, cast, now)
    other = make_task(session, cast, now)
    other.body = cast.other_body
    session.flush()
    coming = make_meeting(session, cast, now, date(2026, 3, 9))
    assert len(reports.report(session, both, TODAY, coming).tasks) == 1
    everything = reports.report(session, both, TODAY)
    assert [(body.name, counts.total) for body, counts in everything.per_body] == [
        ("Elvedalsrådet", 1),
        ("Kulturnemnda", 1),
    ]


def test_nothing_of_other_bodies_or_organisations_is_reported(
    session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now)
    for person in (cast.outsider, cast.stranger):
        assert reports.report(session, people.rights(session, person, TODAY), TODAY).tasks == []


def test_the_meeting_settles_what_is_stuck_and_what_is_asked_for(
    session: Session, cast: Cast, now: datetime, rights: Rights
) -> None:
    make_task(session, cast, now, what="I rute")
    make_task(session, cast, now, what="Sen", due_on=date(2026, 2, 20))
    make_task(session, cast, now, what="Ingens", owners=[])
    asked = make_task(session, cast, now, what="Spurt")
    follow_up.ask_more_time(session, asked.owners[0], date(2026, 3, 27), "", now, via="mail")
    report = reports.report(session, rights, TODAY)
    assert [task.what for task in report.to_settle] == ["Sen", "Ingens", "Spurt"]
    assert [task.what for task in report.ahead] == ["I rute", "Ingens", "Spurt"]


def test_what_remains_over_time_goes_down_as_tasks_are_done(
    session: Session, cast: Cast, previous: Meeting, rights: Rights
) -> None:
    begun = datetime(2026, 2, 2, 12, tzinfo=UTC)
    first = make_task(session, cast, begun, due_on=date(2026, 2, 10))
    make_task(session, cast, begun, due_on=date(2026, 2, 20))
    make_task(session, cast, begun, due_on=None)
    done(session, first, datetime(2026, 2, 16, 12, tzinfo=UTC))
    over_time = reports.report(session, rights, TODAY).over_time
    assert over_time.actual == [Point(date(2026, 2, 2), 3), Point(date(2026, 2, 16), 2)]
    assert over_time.planned == [
        Point(date(2026, 2, 2), 3),
        Point(date(2026, 2, 10), 2),
        Point(date(2026, 2, 20), 1),
    ]


def test_the_columns_are_those_that_councils_ask_for(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    task = make_task(session, cast, now, meeting=previous)
    assert task.agenda_item is not None
    task.decision = decide(session, task.agenda_item, "Rådet holder samling i april.")
    done(session, task, now, "Fjellstua er bestilt.")
    head, row = rows(spreadsheet.of_tasks(reports.report(session, rights, TODAY).tasks, TODAY, NB))
    assert head == ["Utvalg", "Møtedato", "Ansvarlig", "Sak", "Vedtak", "Status", "Merknader"]
    assert row == [
        "Elvedalsrådet",
        "2.2.2026",
        "Nils Arne Holmen",
        "4/26 Samarbeid om samlingen",
        "Rådet holder samling i april.",
        "Utført",
        "Oppgave: Finne egnet sted til samlingen. Frist 20.3.2026. Meldt 2.3.2026. Fjellstua er bestilt.",
    ]


@pytest.mark.parametrize("words", ["=HYPERLINK(1)", "+47", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_read_as_a_formula(session: Session, cast: Cast, now: datetime, words: str) -> None:
    task = make_task(session, cast, now, what=words)
    assert rows(spreadsheet.of_tasks([task], TODAY, NB))[1][4] == f"'{words}"


def test_semicolons_quotes_and_line_breaks_stay_in_their_cell(
    session: Session, cast: Cast, now: datetime
) -> None:
    words = 'Finne sted; "helst" i fjellet\nsnart'
    task = make_task(session, cast, now, what=words)
    assert rows(spreadsheet.of_tasks([task], TODAY, NB))[1][4] == words


def test_what_is_not_public_stays_out_of_the_spreadsheets(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    task = make_task(session, cast, now, meeting=previous, restricted="offl. § 13", what="Hemmelig oppgave")
    assert task.agenda_item is not None
    task.agenda_item.title = "Hemmelig sak"
    task.decision = decide(session, task.agenda_item, "Hemmelig vedtak")
    done(session, task, now, "Hemmelig resultat")
    decisions = register.every(session, rights, Filter(), TODAY)
    assert decisions
    tables = (
        spreadsheet.of_tasks([task], TODAY, NB),
        spreadsheet.written(
            [
                spreadsheet.decision_row(d, TODAY, NB)
                for d in register.every(session, rights, Filter(), TODAY) or []
            ],
            NB,
        ),
    )
    for table in tables:
        (_, row) = rows(table)
        assert "Hemmelig" not in " ".join(row)
        assert row[3] == "4/26 Unntatt offentlighet (offl. § 13)"


def test_the_register_is_searched_by_words_number_and_state(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    task = make_task(session, cast, now, meeting=previous, due_on=date(2026, 2, 20))
    item = task.agenda_item
    assert item is not None
    late = task.decision = decide(session, item, "Rådet holder Ørretdagen i april.")
    info = decide(session, item, "Saken tas til orientering.", needs_follow_up=False)
    loose = decide(session, item, "Noen bør se på 100 % av saken.")

    def found(**wanted: str | int) -> list[Decision]:
        return listed(session, rights, **wanted)

    assert found() == [late, info, loose]
    assert found(words="ørretdagen") == found(words="april rådet") == [late]
    assert found(words="4/26") == [late, info, loose]
    assert found(words="100 %") == [loose]
    assert found(words="_") == []
    assert found(state="overdue") == found(state="open") == [late]
    assert found(state="unowned") == [loose]
    assert found(follow_up="nei") == [info]
    assert found(year=2025) == []
    done(session, task, now)
    assert found(state="done") == [late]


def test_the_register_tells_how_decisions_stand_as_their_pages_do(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    late, soon = date(2026, 2, 20), date(2026, 3, 20)
    first = make_task(session, cast, now, meeting=previous, due_on=late)
    assert first.agenda_item is not None
    names = ("late", "done", "dropped", "unowned", "on track", "none", "nothing to do")
    decisions = {
        name: decide(session, first.agenda_item, name, needs_follow_up=name != "nothing to do")
        for name in names
    }
    first.decision = decisions["late"]
    for name, owners in (
        ("late", None),
        ("done", None),
        ("dropped", None),
        ("unowned", []),
        ("on track", None),
    ):
        make_task(session, cast, now, owners=owners, due_on=soon).decision = decisions[name]
    session.flush()
    done(session, decisions["done"].tasks[0], now)
    decisions["dropped"].tasks[0].status = TaskStatus.DROPPED
    session.commit()
    found = register.search(session, rights, Filter(), TODAY)
    tallied = {d.text: found.standings.get(d.id, Standing()) for d in found.decisions}
    assert {d.text: tallied[d.text].state(needs_follow_up=d.needs_follow_up) for d in found.decisions} == {
        name: decision_state(decision, TODAY) for name, decision in decisions.items()
    }
    assert (tallied["late"].counts, tallied["late"].next_due) == (Counts(overdue=1, on_track=1), late)
    assert (tallied["done"].counts, tallied["done"].next_due) == (Counts(done=1), None)
    assert [tallied[name].state(needs_follow_up=True) for name in names[:5]] == [
        State.OVERDUE, State.DONE, State.DROPPED, State.UNOWNED, State.ON_TRACK,
    ]  # fmt: skip


def test_the_register_is_filtered_by_whose_and_when_and_sorted_by_what_is_next(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    soon = make_task(session, cast, now, meeting=previous, due_on=date(2026, 3, 10))
    item = soon.agenda_item
    assert item is not None
    later = make_task(session, cast, now, owners=[cast.leader], due_on=date(2026, 4, 1))
    ended = make_task(session, cast, now, owners=[cast.leader], due_on=date(2026, 3, 5))
    first, second, third = (decide(session, item, text) for text in ("Ett", "To", "Tre"))
    soon.decision, later.decision, ended.decision = second, first, second
    done(session, ended, now)

    def found(**wanted: object) -> list[Decision]:
        return listed(session, rights, **wanted)

    assert found(owner_id=cast.owner.id) == [second]
    assert found(owner_id=cast.leader.id) == [first, second]
    assert found(owner_id=cast.leader.id, state="open") == [first]  # of one and the same task
    assert found(owner_id=cast.leader.id, state="unowned") == []
    assert found(owner_id=cast.outsider.id) == []
    assert found(due_from=date(2026, 3, 10), due_to=date(2026, 3, 10)) == [second]
    assert found(due_from=date(2026, 3, 11)) == [first]
    assert found(owner_id=cast.leader.id, due_to=date(2026, 3, 31)) == [second]
    assert found(meeting_id=previous.id) == [first, second, third]
    assert found(meeting_id=previous.id + 1) == []
    assert found(sort="frist") == [second, first, third]
    assert found(sort="-frist") == [first, second, third]
    wanted = Filter(owner_id=cast.owner.id)
    assert register.every(session, rights, wanted, TODAY) == [second]


def test_restricted_words_are_not_searched(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    task = make_task(session, cast, now, meeting=previous, restricted="offl. § 13", case="9/26")
    assert task.agenda_item is not None
    secret = decide(session, task.agenda_item, "Hemmelig vedtak")
    assert listed(session, rights, words="hemmelig") == []
    assert listed(session, rights, words="9/26") == [secret]


def test_a_stranger_finds_no_decision(session: Session, cast: Cast, now: datetime, previous: Meeting) -> None:
    task = make_task(session, cast, now, meeting=previous)
    assert task.agenda_item is not None
    decide(session, task.agenda_item, "Vedtak")
    for person in (cast.outsider, cast.stranger):
        found = register.search(session, people.rights(session, person, TODAY), Filter(), TODAY)
        assert (found.decisions, found.total) == ([], 0)


def test_decisions_come_fifty_a_page(
    session: Session, cast: Cast, now: datetime, previous: Meeting, rights: Rights
) -> None:
    task = make_task(session, cast, now, meeting=previous)
    assert task.agenda_item is not None
    for number in range(51):
        decide(session, task.agenda_item, f"Punkt {number}")
    first, second = (register.search(session, rights, Filter(), TODAY, page) for page in (1, 2))
    assert (len(first.decisions), len(second.decisions), first.pages) == (50, 1, 2)
    assert register.search(session, rights, Filter(), TODAY, 99).page == 2


def test_a_meeting_hears_first_what_changed_since_it_last_met(
    session: Session, cast: Cast, now: datetime, previous: Meeting
) -> None:
    coming = make_meeting(session, cast, now, date(2026, 3, 9))
    quiet, moved, done = (make_task(session, cast, now, what=what) for what in ("A", "B", "C"))
    rule = DueRule(DueKind.DATE, on=date(2026, 4, 1))
    follow_up.change_due(session, moved, rule, cast.secretary, now)
    follow_up.report_done(session, done.owners[0], now, via="page")
    session.commit()
    rights = people.rights(session, cast.secretary, TODAY)
    report = reports.report(session, rights, TODAY, coming)
    assert [(task.what, [str(row.action) for row in rows]) for task, rows in report.changed] == [
        ("B", ["due_changed"]),
        ("C", ["done"]),
    ]
    assert quiet.id in numbers(report.tasks)
    assert reports.report(session, rights, TODAY).changed == []
