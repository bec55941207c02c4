"""Every link of every mail: a hundred scanners opening it write nothing; pressed twice it counts once.

Whatever is outdated, foreign or tampered with gets a page that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.web.conftest import SetClock
from tests.web.story import answer_path
from tests.web.test_every_page import writes
from tracker.clock import at
from tracker.mail.transport import CaptureTransport
from tracker.models import (
    Action,
    Assignment,
    Base,
    Coming,
    History,
    MeetingKind,
    Message,
    MessageKind,
    MessageState,
    Source,
    SourceState,
    Task,
    Via,
)
from tracker.program import Program
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import (
    amend,
    comments,
    corrected,
    deliver,
    follow_up,
    inviting,
    moving,
    remind,
    sign_in,
    sign_up,
    status_mails,
)

TIMES = 100


@pytest.fixture
def mails(session: Session, cast: Cast, program: Program, clock: SetClock) -> list[Message]:
    """One mail of every kind there is, as it went."""
    begun = clock.now
    meeting = make_meeting(session, cast, begun, date(2026, 3, 11))
    meeting.register_by, meeting.seats = date(2026, 3, 11), 1
    inviting.invite(session, meeting, begun)
    asked = {invitation.person_id: invitation for invitation in meeting.invitations}
    for person, coming in (
        (cast.leader, Coming.YES),
        (cast.contributor, Coming.YES),
        (cast.leader, Coming.NO),
    ):
        sign_up.answer(session, asked[person.id], sign_up.Reply(coming), begun, Via.PAGE)
    gathering = make_meeting(session, cast, begun, date(2026, 4, 14), kind=MeetingKind.GATHERING)
    tasks = [
        make_task(session, cast, begun, what=what, contributors=[cast.contributor], due_on=date(2026, 3, 13))
        for what in ("Finne sted", "Bestille buss", "Lage program")
    ]
    tasks[2].set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    remind.announce(session, [part for task in tasks for part in task.assignments], begun)
    sign_in.ask_for_link(session, cast.owner.email or "", begun)
    part = tasks[0].owners[0]
    follow_up.ask_more_time(session, part, date(2026, 3, 27), "", begun, via="mail")
    moving.cancel(session, gathering, cast.secretary, begun)
    _correct(session, cast, tasks[1], begun + timedelta(minutes=1))
    comments.add(session, tasks[0], cast.secretary, "Hotellet er fullt.", begun)
    session.commit()
    clock.now = at(date(2026, 3, 6), time(7))
    with program.sessions.begin() as own:
        remind.remind_all(own, clock.now)
    with program.sessions.begin() as own:
        status_mails.send_due(own, clock.now)
    with program.sessions.begin() as own:
        sign_up.remind_due(own, clock.now)
    deliver.deliver_waiting(program.sessions, CaptureTransport(), program.compose, clock, "worker")
    session.expire_all()
    found = list(session.scalars(select(Message).order_by(Message.id)))
    assert {mail.kind for mail in found} == set(MessageKind)
    assert {mail.state for mail in found} == {MessageState.CAPTURED}
    return found


def _correct(session: Session, cast: Cast, task: Task, at: datetime) -> None:
    """Corrected minutes that say a task in other words."""
    source = Source(
        organisation_id=cast.organisation.id, name="referat.txt", sha256="0" * 64, content=b"", draft={},
        body=cast.body, taken_in_by=cast.secretary, taken_in_at=at, state=SourceState.PUBLISHED,
        published_at=at, published_by=cast.secretary,
    )  # fmt: skip
    session.add(source)
    session.flush()
    amend.note(task, Action.CHANGED, cast.secretary, at, before="Bestille", after=task.what)
    session.flush()
    assert corrected.tell(session, source, at)


def links_of(mails: list[Message], url: str) -> set[str]:
    """The paths that the mails lead to, by their texts, their buttons, and the mail program's own."""
    words = "".join(mail.body_text + mail.body_html for mail in mails)
    return {path.replace("&amp;", "&") for path in re.findall(rf"{url}(/[^\s\"<>]+)", words)}


def rows(engine: Engine) -> Iterator[tuple[str, list[object]]]:
    """Everything that is stored."""
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            yield table.name, sorted(map(str, connection.execute(table.select())))


def test_opening_every_link_a_hundred_times_writes_nothing(
    mails: list[Message], client: FlaskClient, program: Program
) -> None:
    paths = links_of(mails, "http://localhost")
    kinds = {re.sub(r"[\w.~-]{16,}", "…", path) for path in paths}
    assert {"/o/…", "/o/…?svar=utfort", "/o/…/kvittering", "/o/varsler/…", "/inn/…"} <= kinds
    assert {re.sub(r"\d+", "1", kind) for kind in kinds} >= {"/moter/1", "/oppgaver/1", "/status/1"}
    before = dict(rows(program.engine))
    with writes(program.engine) as written:
        for path in sorted(paths):
            for _ in range(TIMES):
                assert client.get(path, buffered=True).status_code in (200, 303)
                assert client.head(path, buffered=True).status_code in (200, 303)
            assert written == [], path
    assert dict(rows(program.engine)) == before


ANSWERS = {
    "utfort": {},
    "start": {},
    "mer-tid": {"wanted": "2026-04-17"},
    "ikke-min": {"who": ""},
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_pressed_twice_it_counts_once(
    session: Session, cast: Cast, client: FlaskClient, program: Program, now: datetime, answer: str
) -> None:
    task = make_task(session, cast, now)
    session.commit()
    place = answer_path(program.links, task.owners[0])
    seen = []
    for _ in range(2):
        assert client.post(f"{place}/{answer}", data=ANSWERS[answer]).status_code == 303
        session.rollback()
        session.expire_all()
        count = [session.scalar(select(func.count()).select_from(table)) for table in (History, Message)]
        seen.append((count, session.get_one(Task, task.id).version))
    assert seen[0] == seen[1]
    assert seen[0][0][0] == 1


def broken(program: Program, part: Assignment, how: str) -> str:
    good = answer_path(program.links, part)
    return {
        "tampered": good[:-3] + ("abc" if not good.endswith("abc") else "xyz"),
        "another purpose": f"/o/{program.links.token('pause', [part.id, part.task.version])}",
        "another shape": f"/o/{program.links.token('answer', [part.id])}",
        "somebody who is not": f"/o/{program.links.token('answer', [10**6, 1])}",
        "no token": "/o/tull",
        "too long": f"/o/{'x' * 5000}",
    }[how]


@pytest.mark.parametrize(
    "how", ["tampered", "another purpose", "another shape", "somebody who is not", "no token", "too long"]
)
def test_a_link_that_is_not_ours_gets_a_page_and_writes_nothing(
    session: Session, cast: Cast, client: FlaskClient, program: Program, now: datetime, how: str
) -> None:
    task = make_task(session, cast, now)
    session.commit()
    place, before = broken(program, task.owners[0], how), dict(rows(program.engine))
    for answer in ["", *(f"/{name}" for name in ANSWERS), "/angre", "/resultat"]:
        page = client.post(place + answer, data={"wanted": "2026-04-17"}) if answer else client.get(place)
        assert page.status_code in (404, 405)
        if page.status_code == 404:
            assert "Vi fant ikke siden. Lenken kan være gammel eller skrevet feil." in page.text
    assert dict(rows(program.engine)) == before


@pytest.mark.parametrize("how", ["expired", "handed over", "dropped"])
def test_a_link_that_was_right_once_says_what_to_do_and_writes_nothing(
    session: Session, cast: Cast, client: FlaskClient, program: Program, clock: SetClock, how: str
) -> None:
    task = make_task(session, cast, clock.now)
    part = task.owners[0]
    if how == "expired":
        follow_up.report_done(session, part, clock.now, via="page")
    elif how == "handed over":
        follow_up.hand_over(session, task, cast.leader, cast.secretary, clock.now)
    else:
        follow_up.drop(session, task, "Ikke aktuelt", cast.secretary, clock.now)
    session.commit()
    clock.now += timedelta(days=91 if how == "expired" else 1)
    place, before = answer_path(program.links, part, version=1), dict(rows(program.engine))
    said = {
        "expired": "Lenken virker ikke lenger.",
        "handed over": "Sigurd Lien har ansvaret nå. Du trenger ikke gjøre noe.",
        "dropped": "Oppgaven utgår. Du trenger ikke gjøre noe.",
    }[how]
    assert said in client.get(place).text
    for name, form in {**ANSWERS, "angre": {}, "resultat": {"words": "Nei"}}.items():
        page = client.post(f"{place}/{name}", data=form, follow_redirects=True)
        assert said in page.text
    assert dict(rows(program.engine)) == before
