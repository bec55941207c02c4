"""What the mails about coming to a meeting say when their turn comes, or why there is nothing left to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from tracker.errors import LinkOutdated
from tracker.links import Links
from tracker.mail import meeting_letters
from tracker.mail.letters import Addressee, Letter, Occasion, Sender
from tracker.models import Coming, Invitation, MessageKind, Person, Role
from tracker.rules.reminders import paused
from tracker.services import inviting, sign_up

KINDS = (MessageKind.INVITATION, MessageKind.SIGN_UP_REMINDER, MessageKind.MOVED_UP, MessageKind.ABSENCE)


def letter_of(
    session: Session,
    kind: MessageKind,
    invitation: Invitation,
    person: Person,
    sender: Sender,
    links: Links,
    today: date,
) -> Letter | str:
    """The letter to `person`, or why it isn't to go (bokmål, for Utboks)."""
    try:
        sign_up.check_current(invitation, today)
    except LinkOutdated as fault:
        return fault.message
    to = Addressee(person.name, person.first_name, person.language)
    gathering = gathering_of(invitation, links)
    if kind is MessageKind.ABSENCE:
        return _absence(session, invitation, to, gathering, sender, links, today)
    if kind is MessageKind.MOVED_UP:
        if invitation not in sign_up.line(invitation.meeting).seated:
            return "Mottakeren har ikke lenger plass."
        return meeting_letters.moved_up(to, gathering, sender, today)
    if kind is MessageKind.INVITATION:
        return meeting_letters.invitation(to, gathering, sender, today)
    if invitation.answer is not Coming.NONE:
        return "Mottakeren har svart."
    if gathering.register_by is None or not sign_up.is_open(invitation, today):
        return "Påmeldingsfristen er ute."
    if paused(person.pause_from, person.pause_until, today):
        return "Mottakeren har satt påminnelser på pause."
    told = replace(to, pause_url=links.pause(person.id))
    return meeting_letters.sign_up_reminder(told, gathering, sender, today)


def gathering_of(invitation: Invitation, links: Links) -> meeting_letters.Gathering:
    """The meeting as the invited person's mails tell of it."""
    meeting = invitation.meeting
    absent = next(
        (
            i
            for i in meeting.invitations
            if i.stands and i.answer is Coming.NO and i.substitute_id == invitation.person_id
        ),
        None,
    )
    return meeting_letters.Gathering(
        title=meeting.title,
        kind=meeting.kind.value,
        occasion=Occasion(
            meeting.starts_on, meeting.starts_at, meeting.ends_on, meeting.ends_at, meeting.place or ""
        ),
        answer_url=links.sign_up(invitation.id),
        role=invitation.role.value,
        remote_link=meeting.remote_link or "",
        register_by=meeting.register_by,
        stands_in_for=absent.person.name if absent and invitation.role is Role.SUBSTITUTE else "",
    )


def _absence(
    session: Session,
    invitation: Invitation,
    to: Addressee,
    gathering: meeting_letters.Gathering,
    sender: Sender,
    links: Links,
    today: date,
) -> Letter | str:
    """To a secretary, on behalf of the person who can't come."""
    if invitation.answer is not Coming.NO:
        return "Svaret er endret."
    meeting = invitation.meeting
    offers = [a.offer for a in inviting.absences(session, meeting) if a.offer is not None]
    return meeting_letters.absence(
        to,
        gathering,
        sender,
        today,
        who=invitation.person.name,
        offer=offers[0].name if offers else "",
        url=f"{links.url}/moter/{meeting.id}/innkalte",
    )
