"""How the installation is: whether the jobs run, when mail last went, what waits, what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, bindparam, delete, func, select
from sqlalchemy.orm import Session

from tracker.models import Batch, Heartbeat, Message
from tracker.models.message import FAILED, GONE, WAITING

STUCK = timedelta(minutes=15)  # a mail that should have gone so long ago tells that something is wrong
LATELY = timedelta(days=7)
REASONS = 10


@dataclass(frozen=True, slots=True)
class Pulse:
    """`waiting`: mails whose time hasn't come are counted too; `overdue`: how long the oldest should have
    gone; `failed`: of the last seven days, and why, the commonest first."""

    jobs: list[Heartbeat]
    last_sent_at: datetime | None
    sent_last_hour: int
    waiting: int
    in_hand: int
    overdue: timedelta
    failed: int
    reasons: list[tuple[str, int]]

    def faults(self, now: datetime) -> list[str]:
        """What is wrong with the installation (bokmål); a mail that was refused isn't."""
        found = [] if self.jobs else ["Jobbene har aldri gått. Start «tracker serve» eller «python -m jobs»."]
        found += [f"Jobben {job.job} har ikke gått når den skulle." for job in self.jobs if job.late(now)]
        found += [f"Jobben {job.job} feilet sist. Se i loggen." for job in self.jobs if job.failing]
        if self.overdue > STUCK:
            found.append("E-post som skulle ha gått, venter fortsatt.")
        return found


def take(session: Session, now: datetime) -> Pulse:
    """The pulse now, from narrow indexes alone: cheap with a million mails."""
    waiting, oldest = session.execute(select(func.count(), func.min(Message.send_at)).where(WAITING)).one()
    lately = (FAILED, Message.created_at > now - LATELY)
    reasons = session.execute(
        select(Message.reason, func.count())
        .where(*lately)
        .group_by(Message.reason)
        .order_by(func.count().desc(), Message.reason)
    ).all()
    gone = select(func.count()).select_from(Message).where(Message.sent_at > now - timedelta(hours=1))
    return Pulse(
        jobs=list(session.scalars(select(Heartbeat).order_by(Heartbeat.job))),
        last_sent_at=session.scalar(select(func.max(Message.sent_at)).where(GONE)),
        sent_last_hour=session.scalar(gone) or 0,
        waiting=waiting,
        in_hand=sum(len(ids) for ids in session.scalars(select(Batch.message_ids))),
        overdue=max(now - oldest, timedelta()) if oldest else timedelta(),
        failed=sum(count for _, count in reasons),
        reasons=[(reason, count) for reason, count in reasons[:REASONS]],
    )


def silent_since(session: Session, now: datetime) -> datetime | None:
    """Since when a job that should have run has not; None while all do, and before any ever did."""
    return session.scalar(select(SILENT), {"now": now})


SILENT: ScalarSelect[datetime] = (
    select(func.min(func.coalesce(Heartbeat.ran_at, Heartbeat.expected_by)))
    .where(Heartbeat.expected_by < bindparam("now"))
    .scalar_subquery()
)
"""`silent_since`, for a query that asks for more, and says when `now` is."""


def begin(session: Session, expected: Mapping[str, datetime]) -> None:
    """A process with this timetable starts: its jobs are expected anew, and others no more."""
    session.execute(delete(Heartbeat).where(Heartbeat.job.not_in(expected)))
    for job, by in expected.items():
        session.merge(Heartbeat(job=job, expected_by=by))


def beat(session: Session, job: str, now: datetime, expected_by: datetime, *, failed: bool) -> None:
    """A job has run, or failed."""
    moment = {"failed_at": now} if failed else {"ran_at": now}
    session.merge(Heartbeat(job=job, expected_by=expected_by, **moment))


def metrics(pulse: Pulse, now: datetime) -> str:
    """For Prometheus, in its text format (version 0.0.4)."""
    lines: list[str] = []

    def gauge(name: str, says: str, *values: tuple[str, float]) -> None:
        lines.append(f"# HELP oppfolging_{name} {says}")
        lines.append(f"# TYPE oppfolging_{name} gauge")
        lines.extend(f"oppfolging_{name}{labels} {value:.15g}" for labels, value in values)

    def of_jobs(value: Callable[[Heartbeat], float]) -> list[tuple[str, float]]:
        return [(f'{{job="{job.job}"}}', value(job)) for job in pulse.jobs]

    def last_run(job: Heartbeat) -> float:
        return job.ran_at.timestamp() if job.ran_at else 0

    gauge("mails_waiting", "Mails in the outbox, those to be sent later too", ("", pulse.waiting))
    gauge("mails_in_hand", "Mails that workers have claimed", ("", pulse.in_hand))
    gauge("mails_sent_last_hour", "Mails sent in the last hour", ("", pulse.sent_last_hour))
    gauge("mails_failed_last_week", "Mails of the last 7 days that were given up", ("", pulse.failed))
    overdue = pulse.overdue.total_seconds()
    gauge(
        "mail_oldest_waiting_seconds", "How long ago the oldest waiting mail should have gone", ("", overdue)
    )
    last = pulse.last_sent_at.timestamp() if pulse.last_sent_at else 0
    gauge("mail_last_sent_timestamp_seconds", "When the last mail went", ("", last))
    gauge("job_last_run_timestamp_seconds", "When the job last ran to its end", *of_jobs(last_run))
    gauge("job_late", "Whether the job should have run by now", *of_jobs(lambda job: job.late(now)))
    gauge("job_failing", "Whether the job failed the last time", *of_jobs(lambda job: job.failing))
    return "\n".join(lines) + "\n"
