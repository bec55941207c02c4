"""A batch's mails put into words and bytes shortly before they go: in the waits for database and server."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

import structlog

from tracker.errors import MailRefused
from tracker.links import without_secrets
from tracker.mail.mime import Outgoing
from tracker.mail.transport import Envelope, Transport
from tracker.services.batches import Words
from tracker.services.compose import Draft

UNWRITABLE = "E-posten kunne ikke skrives. Feilen er logget."
Made = TypeVar("Made")
log = structlog.get_logger(__name__)


class Written:
    """The bytes of a batch's mails, in order; where one can't be written, why it isn't to go.

    `drafts`: by their messages' ids. `at_once`: so many are put into words together.
    """

    def __init__(self, drafts: Mapping[int, Draft], transport: Transport, at_once: int) -> None:
        self._drafts, self._transport, self._at_once = iter(drafts.items()), transport, at_once
        self._ahead: deque[tuple[int, Outgoing | MailRefused]] = deque()
        self._words: list[Words] = []

    def __iter__(self) -> Iterator[Envelope | MailRefused]:
        while True:
            self.write_ahead()
            if not self._ahead:
                return
            number, mail = self._ahead.popleft()
            yield mail if isinstance(mail, MailRefused) else _tried(number, self._transport.pack, mail)

    def write_ahead(self) -> None:
        """Put the next mails into words, unless that is done."""
        if self._ahead:
            return
        for number, draft in islice(self._drafts, self._at_once):
            mail = _tried(number, draft)
            self._ahead.append((number, mail))
            if not isinstance(mail, MailRefused):
                self._words.append(self._kept(number, mail))

    def words(self) -> list[Words]:
        """What our copies are to say of the mails written since this was last asked."""
        words, self._words = self._words, []
        return words

    def _kept(self, number: int, mail: Outgoing) -> Words:
        """Our copy holds no secrets, unless it is the only one."""
        kept = str if self._transport.captures else without_secrets
        return {
            "message": number,
            "address": mail.to_address,
            "subject": mail.letter.subject,
            "body_text": kept(mail.letter.text),
            "body_html": kept(mail.letter.html),
        }


def _tried(number: int, write: Callable[..., Made], *given: object) -> Made | MailRefused:
    """What `write` gives, or that mail `number` can't be written."""
    try:
        return write(*given)
    except MailRefused as fault:
        return fault
    except Exception:
        log.exception("mail could not be written", message=number)  # without its words: logs.py
        return MailRefused(UNWRITABLE, permanent=True)
