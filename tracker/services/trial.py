"""One mail sent at once, to see whether the mail server takes it."""

from __future__ import annotations

import secrets
from datetime import datetime
from email.utils import parseaddr

from tracker.clock import local_date
from tracker.mail import letters
from tracker.mail.letters import Addressee
from tracker.mail.mime import Outgoing
from tracker.mail.transport import Transport, unnoted


def send(transport: Transport, mail_from: str, to: str, url: str, code: str, now: datetime) -> None:
    """Send the trial to the address `to`, in the language `code`. Raises MailRefused with what was said."""
    sender = parseaddr(mail_from)[1]
    mail = Outgoing(
        letter=letters.trial(Addressee("", "", code), url, local_date(now)),
        to_name="",
        to_address=to,
        from_name="Oppfølging",
        from_address=sender,
        reply_to="",
        message_id=f"trial-{secrets.token_hex(12)}@{sender.rpartition('@')[2]}",
        date=now,
    )
    with transport.connection() as connection:
        for refused in connection.send([transport.pack(mail)], unnoted):
            if refused is not None:
                raise refused
