"""A worker that is killed, as by `kill -9`, at a step of its work: claim → send → record."""

from __future__ import annotations

import gc
import os
import random
import signal
import smtplib
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import configure_mappers

from tests.services.mornings import MAIL_FROM
from tracker import db
from tracker.clock import system_clock
from tracker.links import Links
from tracker.mail import letters, smtp
from tracker.services import batches, compose, deliver

LEASE = timedelta(seconds=1)
PAUSES = [timedelta(milliseconds=100)] * 8
TIMEOUT = 0.4
BATCH = 10

# Come to seldom, once a batch or when a mail is refused; and come to for every mail.
SELDOM = ("claiming", "claimed", "recording", "settled", "recorded", "refused", "refusal noted")
OFTEN = ("marking", "marked", "kept", "let go", "answered")
STEPS = SELDOM + OFTEN


# Done once, in the process that all workers are forked from.
configure_mappers()
db.open_engine("postgresql://nowhere").dispose()  # loads the driver
letters.sign_in(letters.Addressee("", ""), "", date(2026, 3, 2))
gc.freeze()  # so that fewer pages are copied


def work(address: str, port: int, name: str, step: str, left: int) -> None:
    """Deliver what waits, again and again, until killed at the `left`th time that `step` is come to."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    random.seed(name)
    batches.LEASE, deliver.PAUSES, deliver.BATCH = LEASE, PAUSES, BATCH
    times = left

    def at(here: str) -> None:
        nonlocal times
        if step and here == step:
            times -= 1
            if times == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    _hook(batches, "claim", at, "claiming")
    _hook(deliver._Run, "claim", at, after="claimed")
    _hook(batches, "mark", at, "marking", "marked")
    _hook(smtp._Open, "_begin", at, after="kept")
    _hook(smtp._Open, "_taken", at, after="answered")
    _hook(deliver._Run, "_refused", at, "refused", "refusal noted")
    _hook(deliver._Run, "_record", at, "recording", "recorded")
    _hook(batches, "settle", at, after="settled")
    sending = smtplib.SMTP.send

    def send(self: smtplib.SMTP, content: Any) -> None:
        sending(self, content)
        if isinstance(content, bytes) and b"\r\n.\r\n" in content and len(content) > 100:
            at("let go")

    smtplib.SMTP.send = send  # type: ignore[method-assign,assignment]
    engine = db.open_engine(address)
    sessions, transport = (
        db.sessions(engine),
        smtp.SmtpTransport("127.0.0.1", port, security="none", timeout=TIMEOUT),
    )
    links = Links(keys=("a secret for tests",), url="https://oppfolging.example")

    def written(session: Any, messages: Any, now: Any) -> Any:
        return compose.compose_all(session, messages, now, links, MAIL_FROM)

    while True:
        done = deliver.deliver_waiting(sessions, transport, written, system_clock, name)
        if done == batches.Counts():
            time.sleep(0.02)


def _hook(owner: Any, name: str, at: Callable[[str], None], before: str = "", after: str = "") -> None:
    real = getattr(owner, name)

    def hooked(*args: Any, **more: Any) -> Any:
        at(before)
        try:
            return real(*args, **more)
        finally:
            at(after)

    setattr(owner, name, hooked)
