"""The pages everybody begins with, as the secretary of a council with few tasks and with a million.

Server time from request to bytes, the middle and the 95th percentile: beside rendering the same page's
template alone, from what it was given. On both engines, where PostgreSQL is installed.

PAGE_TASKS=1000,100000 takes other numbers of tasks.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from tests import postgresql
from tests.benchmarks.measuring import Figure, NotYet, milliseconds, per_second, settle
from tracker.app import serving
from tracker.clock import local_date
from tracker.models import Body, Meeting, MeetingKind, Membership, Organisation, Person
from tracker.models.base import UTCDateTime
from tracker.program import Program, open_program
from tracker.rules.access import Office
from tracker.services import sign_in
from tracker.settings import Settings

TASKS = [int(number) for number in os.environ.get("PAGE_TASKS", "1000,1000000").split(",")]
BODIES, PEOPLE = 12, 5000
FEWEST_MEETINGS, TASKS_A_MEETING = 600, 100
DAYS_APART = 1.5  # from one meeting to the next, of any body
OPEN = 100  # one task of so many is open, as in a register that has lived long
WARM_UP, ROUNDS = 15, 100
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
PAGES = {
    "my tasks": "/oppgaver",
    "register of tasks": "/oppgaver/alle",
    "register of tasks, one owner's, by words": "/oppgaver/alle?status=all&ansvarlig=7&q=fergen+nummer77",
    "register of tasks, by words of one in ninety": "/oppgaver/alle?status=all&q=fergen+nummer77",
    "one task": "/oppgaver/400",
    "register of decisions": "/vedtak",
    "status": "/status",
    "search": "/sok?q=nummer77",
}


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for tasks in TASKS:
            addresses = {"SQLite": ""}
            if postgresql.programs():
                addresses["PostgreSQL"] = stack.enter_context(postgresql.cluster())
            for engine, address in addresses.items():
                data = folder / f"{engine}{tasks}"
                settings = Settings(data=data, database_url=address, base_url="http://localhost")
                program = open_program(settings)
                yield from _pages(program, tasks, f"{engine}, {tasks:,} tasks")
                program.close()


def _pages(program: Program, tasks: int, name: str) -> Iterator[Figure]:
    today = local_date(program.clock())
    with program.sessions() as session:
        secretary = _council(session, _meetings(tasks), today)
        _fill(session, tasks, today)
        secret = sign_in.start_session(session, secretary, program.clock())
        session.commit()
    settle(program.engine)
    program.engine.dispose()  # SQLite's last connection, when closed, writes its log into the file
    client = serving(program).test_client()
    with client.session_transaction() as held:
        held["key"] = secret
    for page, path in PAGES.items():
        middle, late = _times(client, path)
        bare = _template_alone(client, path)
        yield Figure(f"{page}: p50 on {name}", middle, bare, "ms", "its template alone")
        yield Figure(f"{page}: p95 on {name}", late, None, "ms")
        if page == "my tasks":
            rate = per_second(lambda: client.get(PAGES["my tasks"]).close())
            yield Figure(f"{page}: requests on {name}", rate, 1000 / bare, "/s", "its template alone")


def _times(client: FlaskClient, path: str) -> tuple[float, float]:
    """The middle and the 95th percentile of ROUNDS requests, ms, after those that warm up: psycopg prepares a
    statement at its sixth use, and PostgreSQL keeps a plan for it after five more.
    """
    taken = []
    for _ in range(WARM_UP + ROUNDS):
        begun = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        answer.close()  # as a server does when it has sent it: then the collector works
        if answer.status_code != 200:
            raise NotYet(f"{path} answers {answer.status_code}")
    in_order = sorted(taken[WARM_UP:])
    return in_order[len(in_order) // 2], in_order[int(len(in_order) * 0.95)]


def _template_alone(client: FlaskClient, path: str) -> float:
    seen: list[tuple[Template, dict[str, Any]]] = []

    def note(_sender: object, template: Template, context: dict[str, Any], **_more: object) -> None:
        seen.append((template, dict(context)))

    app = client.application
    with template_rendered.connected_to(note, app):
        client.get(path)
    template, context = seen[-1]
    with app.test_request_context(path):
        app.preprocess_request()
        return milliseconds(lambda: template.render(context), seconds=0.5)


def _meetings(tasks: int) -> int:
    return max(FEWEST_MEETINGS, tasks // TASKS_A_MEETING)


def _council(session: Session, meetings: int, today: date) -> Person:
    """Bodies, people and meetings around today; gives the secretary of all the bodies."""
    ours = Organisation(slug="stort", name="Stort råd", short_name="Stort")
    session.add(ours)
    session.flush()
    bodies = [
        Body(organisation_id=ours.id, name=f"Utvalget for region {n}", aliases=[]) for n in range(BODIES)
    ]
    people = [
        Person(organisation_id=ours.id, name=f"Silje Grønli {n}", email=f"p{n}@stort.example")
        for n in range(PEOPLE)
    ]
    session.add_all([*bodies, *people])
    session.flush()
    for number, person in enumerate(people):
        secretary = number == 0
        for body in bodies if secretary else [bodies[number % BODIES]]:
            office = Office.SECRETARY if secretary else Office.MEMBER
            session.add(
                Membership(
                    organisation_id=ours.id, body=body, person=person, office=office,
                    from_date=date(2020, 1, 1),
                )
            )  # fmt: skip
    for number in range(meetings):
        day = today + timedelta(days=30 - int(number * DAYS_APART))
        session.add(
            Meeting(
                organisation_id=ours.id, body=bodies[number % BODIES], kind=MeetingKind.MEETING,
                title=f"Møte {number}", starts_on=day, ends_on=day, changed_at=LONG_AGO,
            )
        )  # fmt: skip
    session.flush()
    return people[0]


def _fill(session: Session, tasks: int, today: date) -> None:
    """Cases, decisions and tasks, an owner for each; meeting n belongs to body n modulo their number."""
    postgres = session.get_bind().dialect.name == "postgresql"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {tasks}) "
    place = f"((i / 5) % {_meetings(tasks)})"
    meeting, body = f"1 + {place}", f"1 + {place} % {BODIES}"
    day = f"date('{today}', '-' || (i % 900) || ' days')"
    soon = f"date('{today}', (i * 7 / 100 % 90 - 3) || ' days')"
    if postgres:
        day, soon = f"date '{today}' - (i % 900)", f"date '{today}' + (i * 7 / 100 % 90 - 3)"
    case = "i - i % 5 + CASE WHEN i < 5 THEN 5 ELSE 0 END"
    opened = f"i % {OPEN} = 0"
    due = f"CASE WHEN {opened} THEN {soon} ELSE {day} END"
    if postgres:  # the owners are told of with the tasks; a million triggers would take minutes
        session.execute(text("SET LOCAL session_replication_role TO replica"))
    for statement in (
        f"INSERT INTO agenda_item (id, organisation_id, meeting_id, position, number, title, type) "
        f"{numbers}SELECT i, 1, {meeting}, 1, i || '/26', 'Sak nummer' || i, 'other' FROM n WHERE i % 5 = 0",
        "INSERT INTO decision (id, organisation_id, agenda_item_id, position, text, kind, needs_follow_up, "
        f"span_start, span_end) {numbers}SELECT i, 1, i, 1, 'Lage plan for fergen nummer' || i, "
        "'substantive', true, 0, 0 FROM n WHERE i % 5 = 0",
        "INSERT INTO task (id, organisation_id, body_id, meeting_id, agenda_item_id, decision_id, what, "
        "status, due_kind, due_date, due_days, due_working, due_on, created_at, closed_at, result, evidence, "
        f"span_start, span_end, version, owned) {numbers}SELECT i, 1, {body}, {meeting}, {case}, "
        f"{case}, 'Skrive utkast om fergen nummer' || i, "
        f"CASE WHEN {opened} THEN 'open' ELSE 'done' END, 'date', {due}, 0, false, {due}, :then, "
        f"CASE WHEN {opened} THEN NULL ELSE :then END, '', '', 0, 0, 1, true FROM n",
        "INSERT INTO assignment (organisation_id, task_id, person_id, part, assigned_at, confirmed_at, "
        f"answer, comment) {numbers}SELECT 1, i, 1 + i % {PEOPLE - 1}, 'owner', :then, :then, 'none', '' "
        "FROM n",
    ):
        typed = text(statement)
        if ":then" in statement:
            typed = typed.bindparams(bindparam("then", LONG_AGO, type_=UTCDateTime()))
        session.execute(typed)
    session.flush()
