"""The example has something for every page to show, hangs together, and is true on any day."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from tests.conftest import NOW, SHARED
from tracker import db, example
from tracker.clock import at, local_date
from tracker.example import earlier, register, waiting
from tracker.example.days import days
from tracker.links import Links
from tracker.minutes.document import open_document
from tracker.minutes.names import Known
from tracker.minutes.reader import read
from tracker.models import (
    Action,
    Answer,
    Base,
    Coming,
    Comment,
    Decision,
    History,
    Invitation,
    Meeting,
    MeetingKind,
    Message,
    MessageKind,
    MessageState,
    Organisation,
    Person,
    Source,
    SourceState,
    Task,
    TaskStatus,
)
from tracker.rules import workdays
from tracker.rules.deadlines import DueKind
from tracker.rules.reminders import Step, escalated
from tracker.services import intake, people
from tracker.services.cards import State
from tracker.services.review import review

LINKS = Links(keys=("a secret for tests",), url="https://oppfolging.example")


def reads(content: bytes, name: str, known_json: str) -> str:
    """The reader in this process: the same draft as from a process of its own, sooner."""
    known = Known.from_json(json.loads(known_json))
    return json.dumps(read(open_document(content, name), known).to_json())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The example on each engine, loaded once for all tests that only look at it."""
    if request.param == "sqlite":
        place = tmp_path_factory.mktemp("example") / "register.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), place)
        address = f"sqlite:///{place}"
    else:
        admin: Engine = request.getfixturevalue("postgresql_template")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE example TEMPLATE template"))
        address = admin.url.set(database="example").render_as_string(hide_password=False)
    engine = db.open_engine(address)
    with db.sessions(engine)() as session:
        assert example.load(session, NOW, links=LINKS, reader=reads)
        session.commit()
        yield session
    engine.dispose()


def task(session: Session, what: str) -> Task:
    return session.scalars(select(Task).where(Task.what.contains(what))).one()


def rows(session: Session) -> dict[str, int]:
    tables = Base.metadata.sorted_tables
    return {t.name: session.scalars(select(func.count()).select_from(t)).one() for t in tables}


def test_loading_twice_is_loading_once(loaded: Session) -> None:
    before = rows(loaded)
    assert example.load(loaded, NOW + timedelta(days=3), links=LINKS, reader=reads) is False
    loaded.commit()
    assert rows(loaded) == before


def test_a_loading_cut_short_is_begun_again(session: Session, now: datetime, links: Links) -> None:
    def breaks(*_: str | bytes) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        example.load(session, now, links=links, reader=breaks)
    session.rollback()
    session.expunge_all()
    assert example.load(session, now, links=links, reader=reads)
    session.commit()
    assert session.scalars(select(Organisation.slug)).all() == [example.SLUG]
    assert session.scalar(select(func.count()).select_from(Source)) == 4


def test_the_waiting_minutes_are_read_in_a_process_of_their_own(session: Session, now: datetime) -> None:
    """As the demo does it, and without links: nobody has been reminded then."""
    assert example.load(session, now)
    session.commit()
    assert intake.waiting(session, session.scalars(select(Organisation.id)).one())
    assert set(session.scalars(select(Message.state))) == {MessageState.WAITING}


def test_others_in_the_register_are_left_alone(session: Session, now: datetime, links: Links) -> None:
    session.add(Organisation(slug="andre", name="Andre", short_name="Andre"))
    session.commit()
    assert example.load(session, now, links=links, reader=reads)
    assert MessageKind.REMINDER not in set(session.scalars(select(Message.kind)))


def test_tasks_stand_in_every_state(loaded: Session) -> None:
    today = local_date(NOW)
    tasks = loaded.scalars(select(Task)).all()
    answers = {part.answer for each in tasks for part in each.assignments}
    done = [each for each in tasks if each.status is TaskStatus.DONE]
    assert {Answer.MORE_TIME, Answer.NOT_MINE, Answer.DONE, Answer.NONE} <= answers
    assert any(each.result for each in done)
    assert any(local_date(each.closed_at) > each.due_on for each in done if each.closed_at and each.due_on)
    assert any(each.status is TaskStatus.DROPPED and each.result for each in tasks)
    assert any(not each.assignments for each in tasks if each.is_open)
    assert any(each.contributors for each in tasks if each.is_open)
    assert any(each.restricted for each in tasks if each.is_open)
    assert any(each.due.kind is DueKind.EVENT and each.due_event for each in tasks)
    assert any(each.due.kind is DueKind.NEXT_MEETING and each.due_on for each in tasks)
    two = task(loaded, "felles utlysning")
    assert [owner.answer for owner in two.owners] == [Answer.DONE, Answer.NONE]
    assert two.is_open
    late = [each for each in tasks if each.is_overdue(today)]
    assert any(escalated(each.due_on, each.body.rhythm, today) for each in late if each.due_on)
    assert any(not escalated(each.due_on, each.body.rhythm, today) for each in late if each.due_on)


@pytest.mark.parametrize("name", ["Berit Kampen", "Silje Grønli Aamot"])
def test_those_to_try_as_have_tasks_late_this_week_and_done(loaded: Session, name: str) -> None:
    today = local_date(NOW)
    sunday = today + timedelta(days=6 - today.weekday())
    person = loaded.scalars(select(Person).where(Person.name == name)).one()
    mine = [t for t in loaded.scalars(select(Task)) if any(a.person_id == person.id for a in t.assignments)]
    assert any(each.is_overdue(today) for each in mine)
    assert any(each.is_open and each.due_on and today <= each.due_on <= sunday for each in mine)
    assert any(each.status is TaskStatus.DONE for each in mine)


def test_the_secretary_has_tasks_in_every_group(loaded: Session) -> None:
    today = local_date(NOW)
    sunday = today + timedelta(days=6 - today.weekday())
    secretary = loaded.scalars(select(Person).order_by(Person.id)).first()
    assert secretary is not None
    assert secretary.name == "Berit Kampen"
    mine = [
        t for t in loaded.scalars(select(Task)) if t.is_open and secretary in {a.person for a in t.owners}
    ]
    assert any(each.due_on is None for each in mine)
    dates = [each.due_on for each in mine if each.due_on]
    assert any(sunday < day <= sunday + timedelta(days=7) for day in dates)
    assert any(day > sunday + timedelta(days=7) for day in dates)


def test_the_secretary_keeps_both_bodies_and_the_first_member_is_a_plain_one(loaded: Session) -> None:
    first, second, third = loaded.scalars(select(Person).order_by(Person.id).limit(3)).all()
    today = local_date(NOW)
    assert len(people.rights(loaded, first, today).secretary_of) == 2
    plain = people.rights(loaded, second, today)
    assert plain.bodies
    assert not plain.is_secretary
    assert not plain.is_leader
    assert people.rights(loaded, third, today).is_leader
    assert third.name == "Nils Arne Holmen"
    addresses = loaded.scalars(select(Person.email)).all()
    assert all(address and address.endswith("@elvedal.example") for address in addresses)


def test_decisions_meetings_and_a_gathering_are_there(loaded: Session) -> None:
    decisions = loaded.scalars(select(Decision)).all()
    assert len(decisions) >= 12
    assert {d.needs_follow_up for d in decisions} == {True, False}
    assert any(d.vote and "mot" in d.vote for d in decisions)
    for decision in decisions:
        source = loaded.get_one(Source, decision.source_id)
        assert source.draft["text"][decision.span_start : decision.span_end] == decision.text
    coming = loaded.scalars(select(Meeting).where(Meeting.starts_on > local_date(NOW))).all()
    assert sorted(m.kind for m in coming) == [MeetingKind.GATHERING, MeetingKind.MEETING, MeetingKind.MEETING]
    published = select(func.count()).where(Source.state == SourceState.PUBLISHED)
    assert loaded.scalar(published) == 3


def test_case_numbers_carry_the_year_of_their_meeting(loaded: Session) -> None:
    for meeting in loaded.scalars(select(Meeting)):
        for item in meeting.agenda:
            assert item.number is None or item.number.endswith(f"/{meeting.starts_on:%y}")


def test_mail_has_gone_at_its_time_and_was_captured(loaded: Session) -> None:
    messages = loaded.scalars(select(Message)).all()
    assert {m.kind for m in messages} <= {*MessageKind} - {MessageKind.SIGN_IN, MessageKind.MEETING_CHANGED}
    assert {m.kind for m in messages} >= {MessageKind.NEW_TASKS, MessageKind.REMINDER, MessageKind.REQUEST}
    assert {m.state for m in messages} == {MessageState.CAPTURED}
    assert all(m.subject and m.body_text and m.body_html and m.sent_at == m.created_at for m in messages)
    assert all(m.created_at <= NOW for m in messages)
    steps = {reminder.step for m in messages for reminder in m.reminders}
    assert steps == {*Step}
    restricted = [m.body_text + m.subject for m in messages if any(r.task.restricted for r in m.reminders)]
    assert restricted
    assert not any("utleier" in words for words in restricted)


def test_comments_and_answers_to_an_invitation_are_there(loaded: Session) -> None:
    said = loaded.scalars(select(Comment)).all()
    assert len({comment.person_id for comment in said}) > 2
    coming = Counter(loaded.scalars(select(Invitation.answer)))
    assert coming[Coming.YES] == 2
    assert coming[Coming.NO] == 1
    assert coming[Coming.NONE] > 1


def test_history_says_who_did_what_and_when(loaded: Session) -> None:
    for each in loaded.scalars(select(Task)):
        created = each.history[0]
        assert (created.action, created.at) == (Action.CREATED, each.created_at)
        assert all(h.person is not None for h in each.history)
        moments = [h.at for h in each.history]
        assert moments == sorted(moments)
        assert moments[-1] <= NOW
        if each.status is TaskStatus.DONE:
            owners = {part.person for part in each.owners}
            finished = next(h for h in each.history if h.action is Action.DONE)
            assert finished.at == each.closed_at
            assert finished.person in owners
    moved = loaded.scalars(select(History).where(History.action == Action.DUE_CHANGED)).one()
    assert moved.before < moved.after


def test_the_waiting_minutes_give_every_kind_of_card(loaded: Session) -> None:
    source = loaded.scalars(select(Source).where(Source.state == SourceState.REVIEW)).one()
    state = review(loaded, source, NOW)
    assert state.body is not None
    assert state.meeting_date == days(local_date(NOW))["m3"]
    asked = {card.question.code for card in state.must_resolve}
    assert {"YEAR_TYPO", "WEEKDAY_MISMATCH", "PERSON_AMBIGUOUS"} <= asked
    assert state.should_check
    assert len(state.tasks) >= 7
    assert any(card.due is None and card.owners for card in state.tasks)
    assert any(not card.owners for card in state.tasks)
    assert any(card.contributors for card in state.tasks)
    assert any(card.due and card.due.kind is DueKind.EVENT for card in state.tasks)
    assert any(card.state is State.WAITING for card in state.tasks)
    assert {card.event.kind for card in state.events} >= {"meeting", "gathering"}
    assert len(state.decisions) >= 8
    assert state.proposals
    assert any(person.person is None for person in state.people)


DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 12, 31))


@given(DAYS)
@settings(max_examples=300, deadline=None)
def test_all_days_are_working_days_in_their_order(today: date) -> None:
    when = days(today)
    assert all(workdays.is_working_day(day) for day in when.values())
    in_order = ("m1", "k1", "m2", "over", "was_lately", "just_over", "m3")
    past = [when[name] for name in in_order]
    assert past == sorted(set(past))
    assert past[-1] < today
    assert when["m1"] < when["long_over"] < when["was_early"] < when["was"] < today
    assert today <= when["week"] <= when["next_week"] < when["later"] < when["far"]
    ahead = [when[name] for name in ("k2", "m4", "g1", "g2")]
    assert today < ahead[0]
    assert ahead == sorted(set(ahead))
    assert when["g2"] - when["g1"] == timedelta(days=1)
    if workdays.is_working_day(today):
        assert when["week"].isocalendar()[:2] == today.isocalendar()[:2]


@given(DAYS, st.times(min_value=time(0, 0), max_value=time(23, 59)))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_loads_on_any_day(sqlite_template: Path, links: Links, today: date, hour: time) -> None:
    now = at(today, hour.replace(microsecond=0))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, f"{folder}/register.sqlite3")
        engine = db.open_engine(f"sqlite:///{folder}/register.sqlite3")
        with db.sessions(engine)() as session:
            assert example.load(session, now, links=links, reader=reads)
            session.commit()
            for meeting in session.scalars(select(Meeting)):
                assert workdays.is_working_day(meeting.starts_on)
                assert workdays.is_working_day(meeting.ends_on)
            for each in session.scalars(select(Task)):
                assert each.due_on is None or workdays.is_working_day(each.due_on)
                assert each.created_at < now
            tasks = session.scalars(select(Task)).all()
            assert any(each.is_overdue(local_date(now)) for each in tasks)
            waits = session.scalars(select(Source).where(Source.state == SourceState.REVIEW)).one()
            assert len(review(session, waits, now).must_resolve) >= 2
        engine.dispose()


@pytest.mark.shared
def test_nobody_in_it_is_somebody_in_the_shared_minutes() -> None:
    files = sorted((SHARED / "minutes").glob("*.gold.json"))
    theirs = {person["name"] for file in files for person in json.loads(file.read_text())["people"]}
    ours = {told["name"] for told in register.TOLD["people"]}
    real = json.loads(next(f for f in files if "ringerik" in f.name).read_text())
    family_names = {person["name"].split()[-1] for person in real["people"]}
    assert not ours & theirs
    assert not {name.split()[-1] for name in ours} & family_names
    texts = "\n".join(p.read_text("utf-8") for p in Path(earlier.HERE).glob("*.t*"))
    words = set(re.findall(r"[A-ZÆØÅ][a-zæøå]+", texts))
    assert not words & (family_names | {"Hole", "Modum", "Krødsherad", "Jevnaker", "Ringerike", "Norefjell"})


def test_the_documents_name_nobody_but_the_people_of_the_example() -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    when = days(local_date(now))
    told = earlier.read_all(when, {key: register.members(key) for key in register.TOLD["bodies"]})
    content, name = waiting.document(when, told[-1])
    draft = read(open_document(content, name))
    known = {told["name"] for told in register.TOLD["people"]}
    named = {person.name for person in draft.people if " " in person.name}
    assert named - known == {"Kjersti Aurdal", "Ingrid Vestby"}
