"""Who may what. A person's rights follow from the offices held today in the bodies of one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Office(StrEnum):
    """What somebody is in a body."""

    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    MEMBER = "member"
    SUBSTITUTE = "substitute"
    SECRETARY = "secretary"
    GUEST = "guest"  # sees what the body does, but nothing of restricted cases


class Who(StrEnum):
    """Who may use a route; every route declares one (`web/access.py`)."""

    ANYONE = "anyone"  # public pages
    LINK = "link"  # whoever holds a signed link to just this
    MEMBER = "member"  # signed in
    SECRETARY = "secretary"  # signed in, secretary of a body
    MACHINE = "machine"  # a monitor with the token of the settings


@dataclass(frozen=True, slots=True)
class Rights:
    """The bodies (ids) in which a person holds an office today.

    `elsewhere`: whether the organisation has others, in which the person may have tasks of their own.
    """

    person_id: int
    organisation_id: int
    member_of: frozenset[int] = frozenset()
    secretary_of: frozenset[int] = frozenset()
    leader_of: frozenset[int] = frozenset()
    guest_of: frozenset[int] = frozenset()
    elsewhere: bool = True

    @property
    def is_secretary(self) -> bool:
        return bool(self.secretary_of)

    @property
    def is_leader(self) -> bool:
        return bool(self.leader_of)

    @property
    def bodies(self) -> frozenset[int]:
        """All bodies whose meetings, decisions and tasks the person may see."""
        return self.trusted_in | self.guest_of

    @property
    def trusted_in(self) -> frozenset[int]:
        """The bodies whose restricted cases the person may read as well: not those where they are a guest."""
        return self.member_of | self.secretary_of | self.leader_of

    def may_manage(self, body_id: int) -> bool:
        """Change meetings and tasks of the body, and answer requests."""
        return body_id in self.secretary_of

    def may_see_restricted(self, body_id: int) -> bool:
        """See what a restricted case says: secretary and members of that body, after signing in."""
        return body_id in self.trusted_in


def hidden(basis: str | None, body_id: int, rights: Rights | None = None) -> bool:
    """Whether what a case of the body says must not be told to the holder of `rights` (offentleglova).

    `basis`: the legal basis of a restricted case. Without `rights`: to anybody at all, which is what mails,
    calendars, exports, search and public pages must reckon with. The same question as a condition of a query
    is `services/visible.py`.
    """
    return bool(basis) and (rights is None or not rights.may_see_restricted(body_id))
