"""Every minute: put in the outbox what is due. Which hour and day that is, the rules say."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import calendar_mails, remind, sign_up


def run(program: Program) -> None:
    with program.sessions.begin() as session:
        remind.remind_all(session, program.clock())
    with program.sessions.begin() as session:
        calendar_mails.send_due(session, program.clock())
    with program.sessions.begin() as session:
        sign_up.remind_due(session, program.clock())
