"""Every minute: write down the answers that have come by mail."""

from __future__ import annotations

from tracker.program import Program
from tracker.services import replies


def run(program: Program) -> None:
    own, clock, links = program.own_addresses, program.clock, program.links
    replies.collect(program.sessions, program.mailboxes, own, clock, links)
