"""Every night: remove what opens nothing any more."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import bulk, deliver, sign_in


def run(program: Program) -> None:
    with program.sessions.begin() as session:
        sign_in.sweep(session, program.clock())
        deliver.forget_words(session, program.clock())
        bulk.sweep(session, program.clock())
