"""The whole timetable, one line a job. APScheduler is the clock; all truth is in the database.

Its defaults are traps (CALENDAR_AND_MAIL.md): a grace time of one second, and a second run beside a slow one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs import deliver_mail, keep_house, receive_mail, send_reminders, send_status
from tracker import db
from tracker.clock import OSLO
from tracker.program import Program
from tracker.services import pulse

Job = Callable[[Program], None]
Trigger: TypeAlias = "CronTrigger | IntervalTrigger"
log = structlog.get_logger(__name__)

TIMETABLE: list[tuple[str, Job, Trigger]] = [
    ("send_reminders", send_reminders.run, IntervalTrigger(minutes=1, timezone=OSLO)),
    ("send_status", send_status.run, IntervalTrigger(minutes=1, timezone=OSLO)),
    ("deliver_mail", deliver_mail.run, IntervalTrigger(seconds=5, timezone=OSLO)),
    ("receive_mail", receive_mail.run, IntervalTrigger(minutes=1, timezone=OSLO)),
    ("keep_house", keep_house.run, CronTrigger(hour=4, minute=15, timezone=OSLO)),
]


GRACE = timedelta(minutes=5)  # so much later than its time a job may be before it is missed
BEAT = timedelta(seconds=30)  # no need to tell more often that all is well


def start(program: Program) -> BackgroundScheduler:
    """Start the clock. `shutdown()` of what is returned stops it."""
    clock = BackgroundScheduler(
        timezone=OSLO, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    )
    now = program.clock()
    with db.writing(program.sessions) as session:
        pulse.begin(session, {name: _expected(trigger, now) for name, _, trigger in TIMETABLE})
    for name, job, trigger in TIMETABLE:
        clock.add_job(_guarded(name, job, trigger), trigger, args=[program], id=name)
    clock.start()
    return clock


def _expected(trigger: Trigger, now: datetime) -> datetime:
    following: datetime = trigger.get_next_fire_time(now, now) or now
    return following + GRACE


def _guarded(name: str, job: Job, trigger: Trigger) -> Job:
    """A job that fails is told of, and tried again at its next time. Its heart beats either way."""
    told_at: datetime | None = None

    def run(program: Program) -> None:
        nonlocal told_at
        failed = False
        try:
            job(program)
        except Exception:
            log.exception("job failed", job=name)  # without its words: logs.py
            failed = True
        now = program.clock()
        if failed or told_at is None or now - told_at >= BEAT:
            try:
                with db.writing(program.sessions) as session:
                    pulse.beat(session, name, now, _expected(trigger, now), failed=failed)
            except Exception:
                log.exception("heart did not beat", job=name)
                return
            told_at = None if failed else now

    return run
