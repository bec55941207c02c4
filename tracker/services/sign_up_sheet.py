"""Who comes to a meeting, as a table for spreadsheets: for ordering food, and for name badges."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.language import Language
from tracker.models import Coming, Invitation, Role
from tracker.services import sign_up, spreadsheet

COLUMNS = ("Navn", "Arbeidsgiver", "Rolle", "Svar", "Når", "Mat", "Merknad", "E-post")
ROLES = {Role.MEMBER: "Medlem", Role.SUBSTITUTE: "Vara", Role.GUEST: "Gjest"}
ANSWERS = {
    Coming.NONE: "Har ikke svart",
    Coming.YES: "Kommer",
    Coming.PARTLY: "Kommer deler av tiden",
    Coming.NO: "Kommer ikke",
}
WAITS = "Venteliste %(number)d"


def of_invitations(invitations: Iterable[Invitation], tongue: Language) -> bytes:
    """One row each; who waits for a seat with their number."""
    return spreadsheet.written((_row(invitation, tongue) for invitation in invitations), tongue, COLUMNS)


def _row(invitation: Invitation, tongue: Language) -> list[str]:
    person, place = invitation.person, sign_up.line(invitation.meeting).place(invitation)
    waits = tongue.gettext(WAITS) % {"number": place} if place else ""
    return [
        person.name,
        person.employer or "",
        tongue.gettext(ROLES[invitation.role]),
        waits or tongue.gettext(ANSWERS[invitation.answer]),
        invitation.partly_text,
        invitation.diet or "",
        invitation.comment,
        person.email or "",
    ]
