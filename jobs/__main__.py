"""`python -m jobs`: the jobs alone, for an installation with several processes. SIGTERM stops it cleanly."""

from __future__ import annotations

import signal
import sys
import threading

import structlog

from jobs import schedule
from tracker import collector, logs, settings
from tracker.errors import TrackerError
from tracker.program import open_program

UNCOLLECTED = 50_000  # new objects; a batch of mails makes some


def main() -> int:
    """Run the timetable until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        own = settings.load()
        logs.set_up(own.log_level)
        program = open_program(own)
        collector.leave_loaded_alone(UNCOLLECTED)
    except TrackerError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    clock = schedule.start(program)
    structlog.get_logger(__name__).info("jobs run", jobs=[job.id for job in clock.get_jobs()])
    stop.wait()
    clock.shutdown(wait=True)
    program.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
