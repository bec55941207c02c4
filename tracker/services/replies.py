"""Answers that come by mail: each is written down as the person's own, or waits for the secretary.

Nothing is lost: a mail is kept until it is placed or put away (`unplaced.py`). And nothing is ever answered.
A mail that comes again changes nothing, and of two answers the newer counts, in whichever order they arrive.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker import db
from tracker.calendars.reply import Ask, Reply, replies
from tracker.clock import Clock, local_date
from tracker.errors import TrackerError
from tracker.language import language
from tracker.links import Links
from tracker.mail.mailboxes import Mailbox
from tracker.mail.received import LARGEST, Machine, Received, opened
from tracker.models import Coming, Invitation, Outcome, ReceivedMail, Via
from tracker.services import outbox, placing, sign_up

REMEMBERED = timedelta(days=180)  # how long we know that a settled mail has come
ANSWERS = {"ACCEPTED": Coming.YES, "DECLINED": Coming.NO, "TENTATIVE": Coming.NONE}
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What became of one answer in a mail."""

    outcome: Outcome
    invitation: Invitation | None = None
    partstat: str = ""


def collect(
    sessions: db.Sessions, mailboxes: Iterable[Mailbox], own: Iterable[str], clock: Clock, links: Links
) -> int:
    """Read what has come, each mail in a transaction of its own; gives how many. `own`: our addresses.

    A mail is marked as read after its transaction; one that fails stays, and comes again. Raises
    MailboxUnreachable.
    """
    count, addresses = 0, list(own)
    for mailbox in mailboxes:
        for content, done in mailbox.waiting():
            try:
                with sessions.begin() as session:
                    receive(session, content, addresses, clock(), links)
            except Exception:
                log.exception("mail could not be taken in")  # without its words: logs.py
                continue
            done()
            count += 1
    return count


def receive(
    session: Session, content: bytes, own: Iterable[str], now: datetime, links: Links
) -> ReceivedMail:
    """Take in one mail. Whatever is in it, there is a row that tells what became of it."""
    db.write_at_once(session)
    mail, digest = opened(content), _digest(content)
    known = session.scalar(select(ReceivedMail).where(ReceivedMail.digest == digest))
    if known is not None:
        return known
    answers = [found for part in mail.calendars for found in replies(part.content, part.method)]
    verdict = _verdict(session, mail, answers, own, now, links)
    outcome, uid = verdict.outcome, answers[0].uid if answers else ""
    row = ReceivedMail(
        organisation_id=placing.organisation_id(session, mail, verdict.invitation, uid),
        digest=digest,
        received_at=now,
        from_name=mail.from_name,
        from_address=mail.from_address,
        subject=mail.subject[:300],
        said=mail.words if outcome.waits else "",
        content=content[:LARGEST] if outcome.waits else None,
        outcome=outcome,
        partstat=verdict.partstat,
        invitation=verdict.invitation,
        settled_at=None if outcome.waits else now,
    )
    session.add(row)
    session.flush()
    log.info("mail taken in", outcome=outcome.value, row=row.id)
    return row


def _digest(content: bytes) -> str:
    """The same for a mail that comes again by another way: what servers on the way write is left out."""
    head, _, body = content.partition(b"\r\n\r\n") if b"\r\n\r\n" in content else content.partition(b"\n\n")
    kept = re.findall(rb"^(?:message-id|date|from|subject):[^\r\n]*", head, re.IGNORECASE | re.MULTILINE)
    told = b"\n".join([*sorted(kept), body.replace(b"\r\n", b"\n").strip()]) if kept else content
    return hashlib.sha256(told).hexdigest()


def _verdict(
    session: Session,
    mail: Received,
    answers: list[Reply],
    own: Iterable[str],
    now: datetime,
    links: Links,
) -> _Verdict:
    """What becomes of the mail. Of several answers in it, the first that needs a human tells."""
    if _is_ours(mail.from_address, own):
        return _Verdict(Outcome.OURS)
    if mail.machine and (not answers or mail.machine is not Machine.AUTO_REPLY):
        return _from_machine(session, mail, answers, links)
    if not answers:
        found = placing.of_mail(session, mail, links) or placing.by_sender(session, mail.from_address)
        return _Verdict(Outcome.NO_ANSWER if mail.whole else Outcome.TOO_LARGE, found)
    verdicts = [_answered(session, mail, reply, now, links) for reply in answers]
    return next((verdict for verdict in verdicts if verdict.outcome.waits), verdicts[0])


def _is_ours(address: str, own: Iterable[str]) -> bool:
    """Whether it is one of our addresses, with or without a tag."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" in {name.lower() for name in own}


def _from_machine(session: Session, mail: Received, answers: list[Reply], links: Links) -> _Verdict:
    """No human wrote it: it is passed over. An answer from a calendar in it is too much to pass over.

    A report that a mail of ours did not arrive is told where mails that were refused at once are.
    """
    if mail.undelivered is not None:
        outbox.came_back(session, mail.undelivered)
    if answers:
        place = placing.place(session, mail, answers[0], links)
        said = placing.partstat(place.invitation, mail, answers[0]) if place.invitation else ""
        return _Verdict(Outcome.BY_MACHINE, place.invitation, said)
    return _Verdict(Outcome(mail.machine or Machine.AUTO_REPLY))


def _answered(session: Session, mail: Received, reply: Reply, now: datetime, links: Links) -> _Verdict:
    place = placing.place(session, mail, reply, links)
    invitation = place.invitation
    partstat = placing.partstat(invitation, mail, reply) if invitation else _only(reply)
    if invitation is None or place.doubt is not None:
        return _Verdict(place.doubt or Outcome.UNKNOWN_SENDER, invitation, partstat)
    if partstat == "DELEGATED":
        return _Verdict(Outcome.DELEGATED, invitation, partstat)
    if reply.ask is Ask.REPLY and partstat not in (*ANSWERS, "NEEDS-ACTION"):
        return _Verdict(Outcome.UNCLEAR, invitation, partstat)
    return _Verdict(_note(session, invitation, mail, reply, partstat, now), invitation, partstat)


def _only(reply: Reply) -> str:
    return reply.answers[0].partstat if len(reply.answers) == 1 else reply.said


def _note(
    session: Session, invitation: Invitation, mail: Received, reply: Reply, partstat: str, now: datetime
) -> Outcome:
    """Write the answer down, unless something newer is known (SEQUENCE, then DTSTAMP: RFC 5546 §2.1.5).

    What was answered on a page after the calendar's answer was given is newer, too.
    """
    sign_up.hold(session, invitation.meeting)
    stamp = min(reply.stamp or mail.date or now, now)
    known = (invitation.reply_sequence, invitation.reply_stamp)
    if known[0] is not None and known[1] is not None:
        if (reply.sequence, stamp) < known:
            return Outcome.STALE
        if (reply.sequence, stamp) == known and reply.ask is Ask.REPLY and _says(invitation, partstat):
            return Outcome.SAME
    answered = invitation.answered_at
    if answered is not None and invitation.answered_via is not Via.MAIL and stamp < answered:
        return Outcome.STALE
    try:
        sign_up.check_current(invitation, local_date(now))
        _write(session, invitation, reply, partstat, now)
    except TrackerError:
        return Outcome.REFUSED
    invitation.reply_sequence, invitation.reply_stamp = reply.sequence, stamp
    return Outcome.NOTED


def _says(invitation: Invitation, partstat: str) -> bool:
    """Whether that is what is written down."""
    return invitation.comes if partstat == "ACCEPTED" else invitation.answer is ANSWERS.get(partstat)


def _write(session: Session, invitation: Invitation, reply: Reply, partstat: str, now: datetime) -> None:
    """Who comes for a part of the time still does when their calendar says that they come."""
    comment = _comment(reply, partstat)
    coming = ANSWERS.get(partstat)
    keeps = coming is None or (coming is Coming.YES and invitation.comes)
    if reply.ask is Ask.COUNTER or keeps:
        invitation.comment = " ".join(comment.split())[:500] or invitation.comment
        session.flush()
        return
    assert coming is not None
    sign_up.answer(session, invitation, with_all_else(invitation, coming, comment), now, Via.MAIL)


def with_all_else(invitation: Invitation, coming: Coming, comment: str = "") -> sign_up.Reply:
    """The answer, with all else that the person has said."""
    return sign_up.Reply(
        coming=coming,
        partly_text=invitation.partly_text,
        comment=comment or invitation.comment,
    )


def _comment(reply: Reply, partstat: str) -> str:
    """What the secretary reads beside the answer: a proposed time, a «maybe», the person's own words."""
    said = []
    starts, ends = reply.proposal
    if reply.ask is Ask.COUNTER:
        when = _occasion(starts, ends) if starts is not None else ""
        said.append(f"Foreslår et annet tidspunkt: {when}" if when else "Foreslår et annet tidspunkt.")
    elif partstat == "TENTATIVE":
        said.append("Har svart «kanskje» i kalenderen.")
    return "\n".join([*said, reply.comment]).strip()


def _occasion(starts: date | datetime, ends: date | datetime | None) -> str:
    start_day, starts_at = _civil(starts)
    end_day, ends_at = _civil(ends) if ends is not None else (start_day, None)
    if starts_at is None and ends is not None:  # DTEND of whole days is exclusive
        end_day -= timedelta(days=1)
    return language("nb").occasion(start_day, starts_at, max(end_day, start_day), ends_at)


def _civil(moment: date | datetime) -> tuple[date, time | None]:
    return (moment.date(), moment.time()) if isinstance(moment, datetime) else (moment, None)


def forget_settled(session: Session, now: datetime) -> None:
    """Remove what nobody needs to know any more: who wrote when, long ago."""
    session.execute(delete(ReceivedMail).where(ReceivedMail.settled_at < now - REMEMBERED))
