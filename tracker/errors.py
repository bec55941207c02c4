"""Errors that people meet: each says what happened and what to do, in words that can be translated.

An error carries a message id (bokmål, the source language) and its values apart, so that whoever shows it
(web: `web/error_pages.py`, cli: exit codes, mail: `mail/refusals.py`) translates it once.
"""

from __future__ import annotations


class TrackerError(Exception):
    """Something a person can understand and act on.

    `message` is bokmål with `%(name)s` places, `values` fill them. `str(error)` is the bokmål sentence.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class UnreadableDocument(TrackerError):
    """The document can't be read: wrong type, empty, encrypted, scanned, too large, damaged."""


class NotFound(TrackerError):
    """There is no such thing here, or it belongs to somebody else (which is never told apart)."""


class NotAllowed(TrackerError):
    """The person is known, but this is not theirs to do."""


class ChangedMeanwhile(TrackerError):
    """Somebody else changed the thing after it was shown; nothing was written."""


class InvalidAnswer(TrackerError):
    """A form holds something that can't be used. `field` names the form field it belongs to."""

    def __init__(self, message: str, field: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class TooManyTries(TrackerError):
    """Somebody asks more often than people do; waiting helps."""


class LinkOutdated(TrackerError):
    """A signed link that was right once: expired, used, or about something that has moved on."""


class NotReady(TrackerError):
    """Publishing was asked for while something must be settled first. `cards` names what, in order."""

    def __init__(self, message: str, cards: tuple[str, ...] = (), **values: object) -> None:
        super().__init__(message, **values)
        self.cards = cards


class MailRefused(TrackerError):
    """The mail server will not take this mail, now or ever (`permanent`).

    `uncertain`: it had all of it when the connection broke, and may have taken it.
    """

    def __init__(self, message: str, *, permanent: bool, uncertain: bool = False, **values: object) -> None:
        super().__init__(message, **values)
        self.permanent = permanent
        self.uncertain = uncertain


class MailboxUnreachable(TrackerError):
    """Mail that has come can't be fetched now; it stays where it is, and is fetched later."""


class Misconfigured(TrackerError):
    """A setting is missing or wrong."""
