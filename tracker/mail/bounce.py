"""A delivery report (RFC 3464): which mails did not arrive, and why, in plain words.

Only what has failed for good is a failure: servers also report that they are still trying, or that they
delivered. Gmail and Exim name those who failed in a header of their own, beside the report or in place of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message

MOST_RECIPIENTS = 50
ID = re.compile(r"<([^<>\s]{1,300})>")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that did not arrive: the Message-ID of what came back, and why (RFC 3463 §3), or empty."""

    message_id: str
    status: str = ""


def undelivered(message: Message) -> Undelivered | None:
    """What the report says has failed, with the mail it is about; None for what is no such report."""
    groups = list(_groups(message))
    failed = [g for g in groups if str(g.get("action", "")).strip().lower() == "failed"]
    if not failed and (groups or "x-failed-recipients" not in message):
        return None
    returned = next((found[1] for text in _returned(message) if (found := ID.search(text))), "")
    if not returned:
        return None
    status = STATUS.search(str(failed[0].get("status", ""))) if failed else None
    return Undelivered(returned, status[0] if status else "")


def why(status: str) -> str:
    """The reason in words for the secretary, by the class of the code (RFC 3463 §3.2-3.8)."""
    subject, detail = [*status.split("."), "", ""][1:3]
    if subject == "1":
        return "Kom i retur: Adressen finnes ikke hos mottakeren."
    if (subject, detail) == ("2", "2"):
        return "Kom i retur: Postkassen til mottakeren er full."
    if subject == "2":
        return "Kom i retur: Postkassen til mottakeren tar ikke imot e-post."
    if (subject, detail) == ("3", "4"):
        return "Kom i retur: E-posten er for stor for mottakeren."
    if subject == "4":
        return "Kom i retur: E-posttjeneren til mottakeren svarte ikke i tide."
    if subject == "7":
        return "Kom i retur: E-posttjeneren til mottakeren avviste e-posten."
    return "Kom i retur: E-posten kunne ikke leveres."


def _groups(message: Message) -> Iterator[Message]:
    """What the report says of each recipient; its first group is about the report itself (§2.1)."""
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            yield from _parts(part)[1 : MOST_RECIPIENTS + 1]


def _returned(message: Message) -> Iterator[str]:
    """The Message-ID of the mail that came back whole, or as its head."""
    for part in _parts(message):
        if part.get_content_type() == "message/rfc822":
            yield from (str(mail["message-id"] or "") for mail in _parts(part)[:1])
        elif part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield str(message_from_string(content.decode("utf-8", "replace"))["message-id"] or "")


def _parts(message: Message) -> list[Message]:
    inner = message.get_payload()
    return [part for part in inner if isinstance(part, Message)] if isinstance(inner, list) else []
