"""The timetable: every job stands in it, none can harm the clock, and `python -m jobs` stops when told to."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select
from structlog.testing import capture_logs

from jobs import deliver_mail, keep_house, schedule, send_reminders
from tests.cast import make_cast
from tests.conftest import NOW
from tests.factories import make_task
from tests.services.mornings import SetClock
from tracker.clock import OSLO
from tracker.models import Heartbeat, Key, Message, MessageState
from tracker.program import Program, open_program
from tracker.services import sign_in
from tracker.settings import Settings

JOBS = Path(schedule.__file__).parent


@pytest.fixture
def program(address: str, tmp_path: Path) -> Iterator[Program]:
    opened = open_program(Settings(data=tmp_path, database_url=address), SetClock(NOW))
    yield opened
    opened.close()


def test_every_job_stands_in_the_timetable_and_calls_on_to_services() -> None:
    files = {path.stem for path in JOBS.glob("*.py")} - {"__init__", "__main__", "schedule"}
    assert [name for name, _, _ in schedule.TIMETABLE] == sorted(files, key=_order)
    for name in files:
        lines = (JOBS / f"{name}.py").read_text("utf-8").splitlines()
        assert len(lines) <= 15, name
        assert ast.get_docstring(ast.parse("\n".join(lines))), name


def _order(name: str) -> int:
    return [entry[0] for entry in schedule.TIMETABLE].index(name)


def test_the_clock_forgives_delays_and_never_runs_a_job_beside_itself(program: Program) -> None:
    clock = schedule.start(program)
    try:
        jobs = clock.get_jobs()
        assert {job.id for job in jobs} == {name for name, _, _ in schedule.TIMETABLE}
        for job in jobs:
            assert (job.coalesce, job.max_instances) == (True, 1)
            assert job.misfire_grace_time >= 3600
            assert job.trigger.timezone == OSLO
    finally:
        clock.shutdown(wait=True)


def test_nothing_is_timed_in_the_hours_that_come_twice_or_never() -> None:
    for name, _, trigger in schedule.TIMETABLE:
        if isinstance(trigger, CronTrigger):
            hour = next(field for field in trigger.fields if field.name == "hour")
            assert str(hour) not in ("2", "3"), name


def test_a_job_that_fails_is_told_of_and_harms_nothing(program: Program) -> None:
    def failing(_program: Program) -> None:
        raise RuntimeError("kari@elvedal.example")

    with capture_logs() as logs:
        schedule._guarded("failing", failing, IntervalTrigger(minutes=1, timezone=OSLO))(program)
    assert logs == [{"event": "job failed", "job": "failing", "exc_info": True, "log_level": "error"}]


def test_a_jobs_heart_beats_and_tells_when_it_will_again(program: Program) -> None:
    trouble: list[Exception] = []

    def job(_program: Program) -> None:
        if trouble:
            raise trouble.pop()

    def heart() -> Heartbeat:
        with program.sessions() as session:
            return session.scalars(select(Heartbeat)).one()

    clock = program.clock
    assert isinstance(clock, SetClock)
    run = schedule._guarded("job", job, IntervalTrigger(minutes=1, timezone=OSLO))
    run(program)
    first = heart()
    assert (first.ran_at, first.failed_at, first.failing) == (NOW, None, False)
    assert first.expected_by == NOW + timedelta(minutes=1) + schedule.GRACE
    assert not first.late(first.expected_by)
    assert first.late(first.expected_by + timedelta(seconds=1))

    clock.now += timedelta(seconds=5)  # all is well, and has just been told
    run(program)
    assert heart().ran_at == NOW
    trouble.append(ValueError())
    run(program)
    assert heart().failing
    clock.now += timedelta(seconds=5)
    run(program)  # well again: told at once
    assert (heart().ran_at, heart().failing) == (clock.now, False)


def test_hearts_that_beat_at_once_all_beat(program: Program) -> None:
    """In the first minute of a process the jobs begin at the same moment."""

    def beats(number: int) -> None:
        job = schedule._guarded(
            f"job{number}", lambda _program: None, IntervalTrigger(minutes=1, timezone=OSLO)
        )
        together.wait(10)
        job(program)

    with capture_logs() as logs:
        for _ in range(10):
            together = threading.Barrier(6)
            threads = [threading.Thread(target=beats, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert logs == []


def test_a_starting_process_expects_its_jobs_and_no_others(program: Program) -> None:
    with program.sessions.begin() as session:
        session.add(Heartbeat(job="of_an_older_version", expected_by=NOW - timedelta(days=3)))
        session.add(Heartbeat(job="deliver_mail", expected_by=NOW - timedelta(days=3), ran_at=NOW))
    schedule.start(program).shutdown(wait=True)
    with program.sessions() as session:
        found = {row.job: row for row in session.scalars(select(Heartbeat))}
    assert set(found) == {name for name, _, _ in schedule.TIMETABLE}
    assert not any(row.late(NOW) for row in found.values())
    assert found["deliver_mail"].ran_at == NOW


def test_a_reminder_goes_from_being_due_to_being_captured(program: Program) -> None:
    with program.sessions() as session:
        cast = make_cast(session, NOW)
        make_task(session, cast, NOW - timedelta(days=30), due_on=(NOW + timedelta(days=7)).date())
        session.commit()
    for _ in range(2):
        send_reminders.run(program)
        deliver_mail.run(program)
    with program.sessions() as session:
        (message,) = session.scalars(select(Message)).all()
        assert (message.state, message.sent_at) == (MessageState.CAPTURED, NOW)
        assert message.subject == "Frist mandag 9. mars: Finne egnet sted til samlingen"


def test_old_keys_and_the_words_of_old_sign_in_mails_are_swept_away(program: Program) -> None:
    with program.sessions() as session:
        person = make_cast(session, NOW).secretary
        sign_in.ask_for_link(session, person.email or "", NOW)
        session.commit()
    deliver_mail.run(program)
    later = replace(program, clock=SetClock(NOW + timedelta(days=3)))
    keep_house.run(later)
    with program.sessions() as session:
        assert session.scalars(select(Key)).all() == []
        (message,) = session.scalars(select(Message)).all()
        assert (message.subject, message.body_text) == ("Logg inn på Oppfølging", "")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_process_stops_cleanly_when_told_to(tmp_path: Path, told: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs"],
        env={**os.environ, "OPPFOLGING_DATA": str(tmp_path), "OPPFOLGING_LOG_LEVEL": "INFO"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "send_reminders" in first
    process.send_signal(told)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, first + rest
    assert "Traceback" not in first + rest


def test_wrong_settings_are_said_and_not_traced(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "jobs"],
        env={**os.environ, "OPPFOLGING_DATA": str(tmp_path), "OPPFOLGING_DATABASE_URL": "mysql://x/y"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Databasen må være sqlite eller postgresql")
