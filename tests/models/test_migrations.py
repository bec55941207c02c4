"""A user's database always upgrades, with what is in it, and starting twice at once does it once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from tracker import db
from tracker.errors import Misconfigured
from tracker.models import Action, Meeting, Message, Task

# A register as the first version kept it, written by hand: it must stay readable for good.
FIRST_VERSION = """
INSERT INTO organisation (id, slug, name, short_name, language)
    VALUES (1, 'gammel', 'Gamle råd', 'Gamle', 'nb');
INSERT INTO body (id, name, aliases, remind_on_assignment, remind_days_before, remind_working_days_before,
    overdue_after, overdue_every, overdue_most, remind_hour, organisation_id)
    VALUES (1, 'Rådet', '[]', true, 7, 1, 3, 7, 3, '07:00:00', 1);
INSERT INTO person (id, name, email, language, organisation_id)
    VALUES (1, 'Åse Øy', 'ase@gammel.example', 'nb', 1);
INSERT INTO membership (id, body_id, person_id, office, from_date, organisation_id)
    VALUES (1, 1, 1, 'secretary', '2020-01-01', 1);
INSERT INTO meeting (id, public_id, body_id, kind, status, title, starts_on, ends_on, zone, sequence,
    changed_at, evidence, registration, organisation_id)
    VALUES (1, 'abc', 1, 'gathering', 'called', 'Samling', '2026-04-01', '2026-04-02', 'Europe/Oslo', 0,
    '2026-01-05 07:30:00', '', '2026-03-15', 1),
    (2, 'def', 1, 'gathering', 'called', 'Samling', '2026-05-01', '2026-05-02', 'Europe/Oslo', 0,
    '2026-01-05 07:30:00', '', 'Påmelding er nødvendig', 1);
INSERT INTO task (id, body_id, what, status, due_kind, due_date, due_days, due_working, due_on, created_at,
    result, evidence, span_start, span_end, version, organisation_id)
    VALUES (1, 1, 'Finne sted', 'open', 'date', '2026-03-20', 0, false, '2026-03-20', '2026-01-05 07:30:00',
    '', 'Åse finner sted.', 0, 0, 1, 1),
    (2, 1, 'Leie buss', 'open', 'none', NULL, 0, false, NULL, '2026-01-05 07:30:00', '', '', 0, 0, 1, 1);
INSERT INTO assignment (id, task_id, person_id, part, assigned_at, answer, answered_at, comment,
    organisation_id) VALUES (1, 1, 1, 'owner', '2026-01-05 07:30:00', 'none', '2026-01-06 07:30:00', '', 1);
INSERT INTO message (id, kind, person_id, about, address, subject, body_text, body_html, message_id, state,
    created_at, send_at, attempts, maybe_twice, reason, organisation_id)
    VALUES (1, 'new_tasks', 1, '{}', 'ase@gammel.example', '', '', '', 'abc', 'sent', '2026-01-05 07:30:00',
    '2026-01-05 07:30:00', 1, false, '', 1);
INSERT INTO reminder (id, task_id, person_id, assignment_id, step, local_date, message_id, created_at,
    organisation_id) VALUES (1, 1, 1, 1, 'assigned', '2026-01-05', 1, '2026-01-05 07:30:00', 1);
INSERT INTO history (id, task_id, at, person_id, via, action, before, after, comment, organisation_id)
    VALUES (1, 1, '2026-01-05 07:30:00', 1, 'minutes', 'created', '', 'Finne sted', '', 1);
INSERT INTO message (id, kind, person_id, about, address, subject, body_text, body_html, message_id, state,
    created_at, send_at, attempts, leased_by, leased_until, maybe_twice, reason, organisation_id)
    VALUES (11, 'reminder', 1, '{}', 'ase@gammel.example', 'Frist', 'Hei', 'Hei', 'a1', 'sending',
    '2026-03-13 06:00:00', '2026-03-13 06:00:00', 0, 'w', '2026-03-13 06:10:00', false, '', 1),
    (12, 'reminder', 1, '{}', 'ase@gammel.example', 'Frist', 'Hei', 'Hei', 'a2', 'sending',
    '2026-03-13 06:00:00', '2026-03-13 06:00:00', 1, 'w', '2026-03-13 06:10:00', true, '', 1),
    (13, 'reminder', 1, '{}', 'ase@gammel.example', '', '', '', 'a3', 'waiting',
    '2026-03-13 06:00:00', '2026-03-13 06:00:00', 0, NULL, NULL, false, '', 1);
"""


def upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any of our tables."""
    if request.param == "sqlite":
        opened = db.open_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
        yield opened
        opened.dispose()
        return
    admin: Engine = request.getfixturevalue("postgresql_template")
    name = f"old_{abs(hash(tmp_path)) % 10**8}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    opened = db.open_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.dispose()


def test_a_register_of_the_first_version_upgrades_with_what_is_in_it(blank: Engine) -> None:
    upgrade(blank, "0001")
    with blank.begin() as connection:
        for statement in FIRST_VERSION.strip().split(";\n"):
            connection.execute(text(statement.rstrip(";")))
    db.migrate(blank)
    assert db.revision(blank) == db.newest_revision()
    with db.sessions(blank)() as session:
        task = session.get_one(Task, 1)
        assert (task.what, str(task.due_on), task.body.name) == ("Finne sted", "2026-03-20", "Rådet")
        assert task.body.rhythm.days_before == 7
        assert (task.body.accept_days, task.owners[0].person.bundled) == (0, True)
        assert task.owners[0].confirmed_at == task.owners[0].answered_at
        assert [found.owned for found in session.scalars(select(Task).order_by(Task.id))] == [True, False]
        assert [row.action for row in task.history] == [Action.CREATED]
        meeting, other = session.get_one(Meeting, 1), session.get_one(Meeting, 2)
        assert (meeting.register_by, meeting.registration) == (date(2026, 3, 15), None)
        assert (other.register_by, other.registration) == (None, "Påmelding er nødvendig")
        assert (meeting.asks_diet, meeting.invites, meeting.seats) == (False, False, None)
        assert meeting.invitations == []
    with blank.begin() as connection:  # new words may stand there now, and others still may not
        for kind in ("status", "invitation", "absence"):
            connection.execute(text(f"UPDATE message SET kind = '{kind}'"))
        connection.execute(text("UPDATE history SET action = 'started'"))
    for statement in ("UPDATE message SET kind = 'tull'", "UPDATE history SET action = 'tull'"):
        with pytest.raises(IntegrityError), blank.begin() as connection:
            connection.execute(text(statement))
    with db.sessions(blank)() as session:
        mails = [session.get_one(Message, number) for number in (11, 12, 13)]
        assert [(str(mail.state), mail.maybe_twice) for mail in mails] == [
            ("waiting", True),  # it was being sent when the program stopped
            ("failed", True),
            ("waiting", False),
        ]


def test_two_that_start_at_once_upgrade_it_once(blank: Engine) -> None:
    address = blank.url.render_as_string(hide_password=False)
    start = "import sys; from tracker import db; e = db.open_engine(sys.argv[1]); db.migrate(e); e.dispose()"
    command_line = [sys.executable, "-W", "error", "-c", start, address]
    starting = [subprocess.Popen(command_line, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate()[1], process.returncode) for process in starting] == [(b"", 0)] * 3
    assert db.revision(blank) == db.newest_revision()


def test_a_database_of_another_kind_is_refused_in_words() -> None:
    with pytest.raises(Misconfigured, match="sqlite eller postgresql"):
        db.open_engine("mysql+pymysql://localhost/x")


def test_an_up_to_date_database_is_left_alone(blank: Engine) -> None:
    assert db.migrate(blank) is True
    assert db.migrate(blank) is False
