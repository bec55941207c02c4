"""Mails with answers as programs write them, from short descriptions. All people are invented."""

from __future__ import annotations

import quopri
from base64 import encodebytes
from dataclasses import dataclass, field

KARI, NILS, LEADER = (f"{name}@elvedal.example" for name in ("kari.oremo", "nils.arne.holmen", "sigurd.lien"))
OUR = "svar@elvedal.example"


@dataclass(frozen=True)
class Mail:
    """A mail. «{tag}» stands for the address with Kari's tag, «{uid}» for the meeting's UID, «{ours}» for the
    Message-ID of Kari's invitation. A line that is None is left out."""

    sender: str = f"Kari Oremo <{KARI}>"
    to: str = OUR
    subject: str = "Godtatt: Møte i Elvedalsrådet"
    head: tuple[str, ...] = ()
    words: str = "Kari Oremo har godtatt."
    method: str | None = "REPLY"
    mime_method: str = "REPLY"
    uid: str | None = "{uid}"
    sequence: str | None = "0"
    stamp: str | None = "20260302T090000Z"
    organizer: str | None = f"ORGANIZER;CN=Elvedal:mailto:{OUR}"
    attendees: tuple[str, ...] = (f"ATTENDEE;PARTSTAT=ACCEPTED;CN=Kari Oremo:mailto:{KARI}",)
    summary: str = "Møte i Elvedalsrådet"
    more: tuple[str, ...] = ()
    product: str = "-//Example Corp//Calendar 1//EN"
    kind: str = "text/calendar"
    place: str = "alternative"  # or «file», «bare», «none»
    charset: str = "utf-8"
    said_charset: str = "utf-8"
    code: str = "8bit"
    message_id: str = "<reply-1@mail.elvedal.example>"
    change: dict[str, str] = field(default_factory=dict)  # of the finished calendar, from → to

    def as_bytes(self, **values: str) -> bytes:
        """The mail, with what stands in braces filled in."""
        filled = self._calendar()
        for name, value in values.items():
            filled = filled.replace(f"{{{name}}}", value)
        head = [f"From: {self.sender}", f"To: {self.to}", f"Subject: {self.subject}"]
        head += [
            "Date: Mon, 2 Mar 2026 10:00:00 +0100",
            f"Message-ID: {self.message_id}",
            "MIME-Version: 1.0",
        ]
        text = "\n".join([*head, *self.head])
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        words, calendar = self.words.encode(), self._part(filled)
        if self.place == "bare":
            content = calendar
        elif self.place == "none":
            content = b"Content-Type: text/plain; charset=utf-8\n\n" + words
        else:
            kind = "alternative" if self.place == "alternative" else "mixed"
            content = b"\n".join(
                [
                    f'Content-Type: multipart/{kind}; boundary="b1"\n'.encode(),
                    b"--b1\nContent-Type: text/plain; charset=utf-8\n\n" + words,
                    b"--b1\n" + calendar,
                    b"--b1--\n",
                ]
            )
        return text.encode() + b"\n" + content

    def _part(self, calendar: str) -> bytes:
        raw = calendar.encode(self.charset)
        if self.code == "base64":
            raw = encodebytes(raw)
        elif self.code == "quoted-printable":
            raw = quopri.encodestring(raw)
        method = f"; method={self.mime_method}" if self.mime_method else ""
        head = [f"Content-Type: {self.kind}; charset={self.said_charset}{method}"]
        head += [f"Content-Transfer-Encoding: {self.code}"]
        if self.place == "file":
            head.append('Content-Disposition: attachment; filename="svar.ics"')
        return "\n".join([*head, "", ""]).encode() + raw

    def _calendar(self) -> str:
        wanted = [
            "BEGIN:VCALENDAR", f"PRODID:{self.product}", "VERSION:2.0",
            f"METHOD:{self.method}" if self.method else None, "BEGIN:VEVENT",
            f"UID:{self.uid}" if self.uid else None,
            f"SEQUENCE:{self.sequence}" if self.sequence is not None else None,
            f"DTSTAMP:{self.stamp}" if self.stamp else None,
            self.organizer, *self.attendees, f"SUMMARY:{self.summary}", *self.more,
            "END:VEVENT", "END:VCALENDAR",
        ]  # fmt: skip
        text = "".join(f"{line}\r\n" for line in wanted if line is not None)
        for old, new in self.change.items():
            assert old in text, old
            text = text.replace(old, new)
        return text


def attendee(address: str, partstat: str, more: str = "") -> str:
    """An ATTENDEE line."""
    return f"ATTENDEE;PARTSTAT={partstat}{more}:mailto:{address}"
