"""Every night: remove what opens nothing any more, and what nobody needs to know."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import audit, bulk, deliver, replies, sign_in, sign_up


def run(program: Program) -> None:
    with program.sessions.begin() as session:
        sign_in.sweep(session, program.clock())
        sign_up.forget_diets(session, program.clock())
        deliver.forget_words(session, program.clock())
        replies.forget_settled(session, program.clock())
        audit.sweep(session, program.clock(), program.settings.audit_months)
        bulk.sweep(session, program.clock())
