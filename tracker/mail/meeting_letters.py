"""The letters about coming to a meeting: the invitation, its one reminder, a seat, and forfall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.mail.filling import write
from tracker.mail.values import Addressee, Letter, Occasion, Sender


@dataclass(frozen=True, slots=True)
class Gathering:
    """A meeting as its invitations tell of it. `kind` and `role` as the register words them.

    `answer_url`: the reader's own page; `stands_in_for`: whose place a substitute is to take.
    """

    title: str
    kind: str
    occasion: Occasion
    answer_url: str
    role: str = "member"
    remote_link: str = ""
    register_by: date | None = None
    stands_in_for: str = ""


def invitation(addressee: Addressee, gathering: Gathering, sender: Sender, today: date) -> Letter:
    """Somebody is asked to come."""
    return write("invitation", addressee, sender, today, [], gathering=gathering)


def sign_up_reminder(addressee: Addressee, gathering: Gathering, sender: Sender, today: date) -> Letter:
    """To somebody who hasn't answered, some days before the deadline."""
    return write("sign_up_reminder", addressee, sender, today, [], gathering=gathering)


def moved_up(addressee: Addressee, gathering: Gathering, sender: Sender, today: date) -> Letter:
    """To somebody who waited for a seat, and now has one."""
    return write("moved_up", addressee, sender, today, [], gathering=gathering)


def absence(
    addressee: Addressee, gathering: Gathering, sender: Sender, today: date, *, who: str, offer: str, url: str
) -> Letter:
    """To the secretary: somebody can't come. `offer`: the substitute to call, empty when there is none."""
    return write("absence", addressee, sender, today, [], gathering=gathering, who=who, offer=offer, url=url)
