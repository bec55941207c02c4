"""Every night: remove what opens nothing any more, and what nobody needs to know."""

from __future__ import annotations

from tracker import db
from tracker.program import Program
from tracker.services import audit, bulk, deliver, replies, sign_in, sign_up


def run(program: Program) -> None:
    sweeps = (sign_in.sweep, sign_up.forget_diets, deliver.forget_words, replies.forget_settled, bulk.sweep)
    with db.writing(program.sessions) as session:
        for sweep in sweeps:
            sweep(session, program.clock())
        audit.sweep(session, program.clock(), program.settings.audit_months)
