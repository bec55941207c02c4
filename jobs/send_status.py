"""Every minute: the status to leader and secretary, three working days before a meeting."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import status_mails


def run(program: Program) -> None:
    with program.sessions.begin() as session:
        status_mails.send_due(session, program.clock())
