"""Slowing down those who ask for sign-in links again and again: per address, and per network.

Nothing here tells whether an address is somebody's: the limits are the same for all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from tracker.errors import TooManyTries
from tracker.links import Links
from tracker.models import Attempt

ADDRESS_WITHIN = timedelta(minutes=30)
MOST_OF_ADDRESS = 5  # enough for a slow mail server, too few to flood somebody
NETWORK_WITHIN = timedelta(hours=1)
MOST_OF_NETWORK = 60  # a whole town hall comes from one network


def note(session: Session, links: Links, email: str, remote: str, now: datetime) -> None:
    """Somebody at `remote` (an IP address) asks for a link to `email`. Raises TooManyTries.

    A try that is refused isn't counted, so that waiting helps.
    """
    address, network = links.masked(email.strip().lower()), links.masked(network_of(remote))
    if _count(session, Attempt.address == address, now - ADDRESS_WITHIN) >= MOST_OF_ADDRESS:
        raise TooManyTries(
            "Det er alt bedt om flere lenker til denne adressen. Se i innboksen og i søppelposten, "
            "eller vent en halv time og prøv igjen."
        )
    if _count(session, Attempt.network == network, now - NETWORK_WITHIN) >= MOST_OF_NETWORK:
        raise TooManyTries("Det er bedt om svært mange lenker herfra. Vent en time og prøv igjen.")
    session.add(Attempt(at=now, address=address, network=network))
    session.flush()


def network_of(remote: str) -> str:
    """The network that an IP address is in: IPv4 without its last number, of IPv6 what a household has."""
    try:
        bits = 24 if ip_address(remote).version == 4 else 56
    except ValueError:
        return "unknown"
    return str(ip_network(f"{remote}/{bits}", strict=False))


def sweep(session: Session, now: datetime) -> None:
    """Forget what limits nothing any more."""
    session.execute(delete(Attempt).where(Attempt.at < now - timedelta(days=1)))


def _count(session: Session, which: ColumnElement[bool], since: datetime) -> int:
    return session.scalar(select(func.count(Attempt.id)).where(which, Attempt.at > since)) or 0
