"""E-mail threads: the messages in a document, ordered by when they were sent and not by where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from tracker.minutes import dates
from tracker.minutes.draft import Noise
from tracker.minutes.layout import HEAD_LABELS, label
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words

_ADDRESS = re.compile(r"<?(?<![\w.+-])([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*)>?")
_RULE = re.compile(r"[-_=*\s–—]{3,}")
_FAR_BACK = date(1990, 1, 1)
HEAD_WITHIN = 30
"""How many paragraphs into a mail the head of minutes may stand."""
DAY_WITHIN = 6
"""How many paragraphs into a mail its day may stand when no label says what it is."""


@dataclass(slots=True)
class Message:
    """One message: `role` says whether it is the minutes themselves, a later word on them, or old history."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    sender: Piece | None = None
    email: str | None = None
    sent: date | None = None
    sent_at: str = ""
    subject: Piece | None = None
    role: Literal["main", "later", "quoted"] = "main"
    signature: list[Paragraph] = field(default_factory=list)


@dataclass(slots=True)
class Thread:
    """The messages of a document; one that isn't a mail is a single message without sender.

    `carries` says that the mail has minutes with a head of their own in it: they are read as minutes.
    """

    messages: list[Message]
    noise: list[Noise]
    carries: bool = False

    @property
    def main(self) -> Message:
        return self.messages[0]

    @property
    def is_mail(self) -> bool:
        return self.main.sender is not None and not self.carries


def split(paragraphs: list[Paragraph], words: Words, sent: str | None = None) -> Thread:
    """`paragraphs` as messages. A block "Fra: … Sendt: …" begins a new one."""
    header = _header(words)
    messages = [Message()]
    noise: list[Noise] = []
    in_header = False
    for position, paragraph in enumerate(paragraphs):
        match = header.match(paragraph.text) if not paragraph.cells else None
        kind = match and next(k for k, v in match.groupdict().items() if v)
        if match and kind == "sender" and _is_header(paragraphs, position, header):
            if messages[-1].sender or messages[-1].paragraphs:
                messages.append(Message())
            in_header = True
        if in_header and match and kind:
            _take_header(messages[-1], kind, paragraph.piece.sub(match.end(), len(paragraph.text)), words)
            continue
        in_header = False
        if _is_noise(paragraph, words):
            footer = any(paragraph.low.startswith(start) for start in words.every("footer"))
            noise.append(Noise("footer" if footer else "rule", paragraph.piece.span))
            continue
        messages[-1].paragraphs.append(paragraph)
    _assign_roles(messages, sent)
    for message in messages:
        _cut_signature(message, words)
    noise += [Noise("quoted", _span(m.paragraphs)) for m in messages if m.role == "quoted" and m.paragraphs]
    return Thread(messages, noise, _carries_minutes(messages[0], words))


def _carries_minutes(message: Message, words: Words) -> bool:
    """Whether the message begins as minutes do: with a day, and with a title or with who came."""
    dated = told = False
    for at, paragraph in enumerate(message.paragraphs[:HEAD_WITHIN]):
        found = label(paragraph.piece, words, HEAD_LABELS)
        told = told or bool(found and found.key in ("present", "absent"))
        told = told or bool(words.pattern("title_words").match(paragraph.low))
        if at < DAY_WITHIN or (found and found.key in ("date", "place")):
            dated = dated or any(d.kind == "day" for d in dates.find(paragraph.low, words, _FAR_BACK))
    return dated and told


def _header(words: Words) -> re.Pattern[str]:
    return re.compile(
        rf"\**(?:(?P<sender>{words.either('mail_from')})|(?P<sent>{words.either('mail_sent')})|(?P<to>{words.either('mail_to')})"
        rf"|(?P<subject>{words.either('mail_subject')})|(?P<copy>{words.either('mail_copy')})):\**\s+(?=\S)",
        re.IGNORECASE,
    )


def _is_header(paragraphs: list[Paragraph], at: int, header: re.Pattern[str]) -> bool:
    """A "Fra:" counts when "Sendt:" or "Emne:" follows at once."""
    following = [header.match(p.text) for p in paragraphs[at + 1 : at + 4]]
    return any(m and (m["sent"] or m["subject"]) for m in following)


def _take_header(message: Message, kind: str, value: Piece, words: Words) -> None:
    if kind == "sender":
        address = _ADDRESS.search(value.text)
        message.email = address[1] if address else None
        message.sender = value.sub(0, address.start() if address else len(value.text))
    elif kind == "sent":
        found = dates.find(value.low, words, _FAR_BACK)
        message.sent = found[0].first if found and found[0].year_given else None
        clock = re.search(r"(\d{1,2})[:.](\d{2})(?::\d\d)?\s*$", value.text)
        message.sent_at = f"{int(clock[1]):02d}:{clock[2]}" if clock else ""
    elif kind == "subject":
        message.subject = value


def _is_noise(paragraph: Paragraph, words: Words) -> bool:
    text = paragraph.low
    if _RULE.fullmatch(paragraph.text):
        return True
    if text.strip("-– :") in words.those("quoted"):
        return True
    return any(text.startswith(start) for start in words.every("footer"))


def _assign_roles(messages: list[Message], sent: str | None) -> None:
    main = messages[0]
    if sent and not main.sent:
        main.sent = date.fromisoformat(sent[:10])
    for message in messages[1:]:
        if main.sent and message.sent:
            later = (message.sent, message.sent_at) >= (main.sent, main.sent_at)
            message.role = "later" if later else "quoted"
        else:
            message.role = "quoted"
    if not main.sender:
        for message in messages[1:]:
            message.role = "quoted"


def _cut_signature(message: Message, words: Words) -> None:
    """Move what follows "mvh" out of the text: a signature holds roles, never tasks."""
    if message.sender is None:
        return
    closing = words.pattern("mail_end")
    first = message.sender.low.split()[0] if message.sender.text else ""
    for index, paragraph in enumerate(message.paragraphs):
        match = closing.match(paragraph.low)
        named = (
            index
            and len(paragraph.text) < 60
            and paragraph.low.startswith(first)
            and paragraph.kind == "text"
        )
        if (match and len(paragraph.text) < 60) or (
            first and named and not paragraph.low.endswith((".", "!", "?"))
        ):
            message.signature = message.paragraphs[index:]
            message.paragraphs = message.paragraphs[:index]
            return


def _span(paragraphs: Iterable[Paragraph]) -> tuple[int, int]:
    rows = list(paragraphs)
    return (rows[0].piece.start, rows[-1].piece.end)
