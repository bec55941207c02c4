"""Every five seconds: send what waits in the outbox."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import deliver


def run(program: Program) -> None:
    how = program.transport, program.compose, program.clock, program.worker
    deliver.deliver_waiting(program.sessions, *how, an_hour=program.settings.mails_an_hour)
