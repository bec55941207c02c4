"""The register of tasks: who sees what, every filter, every order, and that it stays a short read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task, numbers
from tests.services.test_worklist import counted
from tracker.errors import InvalidAnswer, NotFound
from tracker.language import language
from tracker.models import Membership, Person, Task, TaskStatus
from tracker.rules.access import Office, Rights
from tracker.services import choices, follow_up, people, saved_filters, task_register
from tracker.services.task_register import Filter

TODAY = date(2026, 3, 2)
BY_NAME = language("nb").sort_key


def rights_of(session: Session, person: Person) -> Rights:
    return people.rights(session, person, TODAY)


def found(session: Session, person: Person, wanted: Filter = Filter()) -> list[str]:  # noqa: B008
    result = task_register.find(session, rights_of(session, person), wanted, TODAY, 1, BY_NAME)
    assert result.matching == len(result.tasks)
    every = task_register.every(session, rights_of(session, person), wanted, TODAY, BY_NAME)
    assert every is not None
    assert numbers(every) == numbers(result.tasks)  # a file holds what is seen
    return [task.what for task in result.tasks]


@pytest.fixture
def tasks(session: Session, cast: Cast, now: datetime) -> dict[str, Task]:
    """Tasks in every state, of two bodies, with owners and a meeting."""
    held = make_meeting(session, cast, now, date(2026, 2, 2))
    made = {
        "late": make_task(session, cast, now, what="Ære være", due_on=date(2026, 2, 20)),
        "soon": make_task(session, cast, now, what="Bestille buss", due_on=date(2026, 3, 5), meeting=held),
        "other": make_task(
            session, cast, now, what="Åpne døra", owners=[cast.contributor], due_on=date(2026, 4, 1)
        ),
        "undated": make_task(session, cast, now, what="Ørret", due_on=None),
        "unowned": make_task(session, cast, now, what="Ansette", owners=[], due_on=date(2026, 3, 30)),
        "done": make_task(session, cast, now, what="Ferdig"),
        "dropped": make_task(session, cast, now, what="Utgått"),
        "elsewhere": make_task(session, cast, now, what="Andre steder", owners=[cast.outsider]),
    }
    made["elsewhere"].body = cast.other_body
    follow_up.report_done(session, made["done"].owners[0], now, via="page")
    follow_up.drop(session, made["dropped"], "Nei", cast.secretary, now)
    session.commit()
    return made


OPEN = ["Ære være", "Bestille buss", "Ansette", "Åpne døra", "Ørret"]


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        (Filter(), OPEN),
        (Filter(sort="-frist"), ["Åpne døra", "Ansette", "Bestille buss", "Ære være", "Ørret"]),
        (Filter(sort="oppgave"), ["Ansette", "Bestille buss", "Ære være", "Ørret", "Åpne døra"]),
        (Filter(sort="-oppgave"), ["Åpne døra", "Ørret", "Ære være", "Bestille buss", "Ansette"]),
        (Filter(sort="ansvarlig"), ["Åpne døra", "Ære være", "Bestille buss", "Ørret", "Ansette"]),
        (Filter(state="overdue"), ["Ære være"]),
        (Filter(state="unowned"), ["Ansette"]),
        (Filter(state="done"), ["Ferdig"]),
        (Filter(state="dropped"), ["Utgått"]),
        (Filter(due_from=date(2026, 3, 5), due_to=date(2026, 3, 30)), ["Bestille buss", "Ansette"]),
        (Filter(words="buss"), ["Bestille buss"]),
        (Filter(words="snøscooter"), []),
        (Filter(words="((("), []),
    ],
)
@pytest.mark.usefixtures("tasks")
def test_what_filters_and_orders_give(
    session: Session, cast: Cast, wanted: Filter, result: list[str]
) -> None:
    assert found(session, cast.leader, wanted) == result


@pytest.mark.parametrize("office", [Office.MEMBER, Office.GUEST])
def test_who_is_in_all_bodies_is_shown_the_same_with_less_to_read(
    session: Session, cast: Cast, tasks: dict[str, Task], office: Office
) -> None:
    item = tasks["soon"].agenda_item
    assert item is not None
    item.restricted = "offl. § 13"
    session.add_all(
        Membership(
            organisation_id=cast.organisation.id, body=body, person=cast.stranger, office=office,
            from_date=date(2020, 1, 1),
        )
        for body in (cast.body, cast.other_body)
    )  # fmt: skip
    cast.stranger.organisation_id = cast.organisation.id
    session.commit()
    anywhere = rights_of(session, cast.stranger)
    for wanted in (
        Filter(),
        Filter(state="all"),
        Filter(words="buss"),
        Filter(words="andre"),
        Filter(body_id=cast.body.id),
        Filter(sort="oppgave"),
        Filter(owner_id=cast.owner.id),
    ):
        both = [
            task_register.find(session, replace(anywhere, elsewhere=elsewhere), wanted, TODAY)
            for elsewhere in (True, False)
        ]
        assert numbers(both[0].tasks) == numbers(both[1].tasks)
        assert both[0].matching == both[1].matching
    shown = task_register.find(session, replace(anywhere, elsewhere=False), Filter(words="buss"), TODAY)
    assert [task.what for task in shown.tasks] == (["Bestille buss"] if office is Office.MEMBER else [])


def test_filters_that_name_somebody_or_something(
    session: Session, cast: Cast, tasks: dict[str, Task]
) -> None:
    assert found(session, cast.leader, Filter(owner_id=cast.contributor.id)) == ["Åpne døra"]
    assert found(session, cast.leader, Filter(meeting_id=tasks["soon"].meeting_id or 0)) == ["Bestille buss"]
    assert found(session, cast.leader, Filter(body_id=cast.body.id)) == OPEN
    assert found(session, cast.leader, Filter(body_id=cast.other_body.id)) == []
    assert len(found(session, cast.leader, Filter(state="all"))) == 7


def test_everybody_sees_their_bodies_and_their_own(
    session: Session, cast: Cast, tasks: dict[str, Task]
) -> None:
    assert found(session, cast.outsider) == ["Andre steder"]
    for part in tasks["soon"].assignments:
        part.person = cast.outsider
    session.commit()
    assert found(session, cast.outsider) == ["Bestille buss", "Andre steder"]
    assert found(session, cast.stranger) == []
    offered = choices.offered(session, rights_of(session, cast.outsider), Filter())
    assert [name for _, name in offered.bodies] == ["Kulturnemnda"]
    assert [name for _, name in offered.people] == ["Tove Strand"]


def test_words_of_restricted_tasks_are_not_searched_nor_sorted_by(
    session: Session, cast: Cast, tasks: dict[str, Task]
) -> None:
    for part in tasks["soon"].assignments:
        part.person = cast.outsider
    item = tasks["soon"].agenda_item
    assert item is not None
    item.restricted = "offl. § 13"
    session.commit()
    assert found(session, cast.outsider, Filter(words="buss")) == []
    assert found(session, cast.outsider, Filter(sort="oppgave")) == ["Andre steder", "Bestille buss"]
    assert found(session, cast.leader, Filter(words="buss")) == ["Bestille buss"]


def test_a_thousand_and_more_are_counted_so_and_paged_through(
    session: Session, cast: Cast, now: datetime, engine: Engine
) -> None:
    first = make_task(session, cast, now)
    row = {column.name: getattr(first, column.name, None) for column in Task.__table__.columns}
    row |= {
        "due_kind": "date",
        "due_date": TODAY,
        "due_days": 0,
        "due_working": False,
        "status": TaskStatus.OPEN,
    }
    session.execute(
        insert(Task),
        [
            {**row, "id": first.id + n, "what": f"Oppgave {n}", "due_on": TODAY + timedelta(days=n % 90)}
            for n in range(1, 1100)
        ],
    )
    session.commit()
    rights = rights_of(session, cast.leader)
    session.expunge_all()
    with counted(engine) as statements:
        page = task_register.find(session, rights, Filter(), TODAY, 2)
        choices.offered(session, rights, Filter())
        assert [(t.body.name, t.owners, t.case_number) for t in page.tasks]
    assert len(statements) == 2
    assert (page.matching, page.more, page.pages, len(page.tasks)) == (1000, True, 20, 50)
    assert task_register.find(session, rights, Filter(), TODAY, 999).page == 20
    assert task_register.find(session, rights, Filter(sort="oppgave"), TODAY).unsorted
    whole = task_register.every(session, rights, Filter(), TODAY)
    assert whole is not None
    assert len(whole) == 1100


def test_saved_selections_are_each_persons_own(session: Session, cast: Cast) -> None:
    kept = saved_filters.keep(session, cast.leader, "tasks", " Mine  sene ", "status=overdue")
    again = saved_filters.keep(session, cast.leader, "tasks", "Mine sene", "status=open")
    assert (kept.id, again.query) == (again.id, "status=open")
    mine = choices.offered(session, rights_of(session, cast.leader), Filter()).saved
    assert mine == [(kept.id, "Mine sene", "status=open")]
    assert choices.offered(session, rights_of(session, cast.owner), Filter()).saved == []
    with pytest.raises(NotFound, match="ikke utvalget"):
        saved_filters.forget(session, cast.owner, kept.id)
    assert saved_filters.forget(session, cast.leader, kept.id) == "tasks"


@pytest.mark.parametrize(("name", "query"), [("", "x"), ("  ", "x"), ("Langt", "x" * 1001)])
def test_a_selection_that_cannot_be_kept_is_refused(
    session: Session, cast: Cast, name: str, query: str
) -> None:
    with pytest.raises(InvalidAnswer, match=r"[Uu]tvalg"):
        saved_filters.keep(session, cast.leader, "tasks", name, query)


def test_there_is_an_end_to_saved_selections(session: Session, cast: Cast) -> None:
    for number in range(saved_filters.MOST):
        saved_filters.keep(session, cast.leader, "tasks", f"Nr. {number}", "x=1")
    with pytest.raises(InvalidAnswer, match="høyst 20"):
        saved_filters.keep(session, cast.leader, "decisions", "En til", "x=1")
