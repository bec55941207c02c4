"""The whole timetable, one line a job. APScheduler is the clock; all truth is in the database.

Its defaults are traps (CALENDAR_AND_MAIL.md): a grace time of one second, and a second run beside a slow one.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs import deliver_mail, keep_house, send_reminders, send_status
from tracker.clock import OSLO
from tracker.program import Program

Job = Callable[[Program], None]
log = structlog.get_logger(__name__)

TIMETABLE: list[tuple[str, Job, CronTrigger | IntervalTrigger]] = [
    ("send_reminders", send_reminders.run, IntervalTrigger(minutes=1, timezone=OSLO)),
    ("send_status", send_status.run, IntervalTrigger(minutes=1, timezone=OSLO)),
    ("deliver_mail", deliver_mail.run, IntervalTrigger(seconds=5, timezone=OSLO)),
    ("keep_house", keep_house.run, CronTrigger(hour=4, minute=15, timezone=OSLO)),
]


def start(program: Program) -> BackgroundScheduler:
    """Start the clock. `shutdown()` of what is returned stops it."""
    clock = BackgroundScheduler(
        timezone=OSLO, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    )
    for name, job, trigger in TIMETABLE:
        clock.add_job(_guarded(name, job), trigger, args=[program], id=name)
    clock.start()
    return clock


def _guarded(name: str, job: Job) -> Job:
    """A job that fails is told of, and tried again at its next time."""

    def run(program: Program) -> None:
        try:
            job(program)
        except Exception:
            log.exception("job failed", job=name)  # without its words: logs.py

    return run
