"""The head of the minutes: which body met, when and where, and in what language it is written."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tracker.minutes import dates
from tracker.minutes.draft import Meeting, Span
from tracker.minutes.layout import HEAD_LABELS, label
from tracker.minutes.messages import Thread
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words, words

_ANYWHERE = 40
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CASE_YEARS = re.compile(r"(?<![\w/])\d{1,3}/((?:20)?\d\d)(?![\d/])")


@dataclass(slots=True)
class Head:
    """The meeting and how sure its date is. `inferred` says why the year is what it is."""

    meeting: Meeting
    day: date | None = None
    day_piece: Piece | None = None
    inferred: str | None = None
    missing_year: bool = False
    wrong_weekday: dates.Found | None = None
    used: list[Span] = field(default_factory=list)


def language(text: str) -> str:
    """ "nb", "nn" or "en", by the small words only one of them has."""
    seen = Counter(re.findall(r"[^\W\d_]+", text[:20000].lower()))
    score = {
        name: sum(seen[w] for w in words(name)._raws[0]["phrases"]["markers"]) for name in ("nb", "nn", "en")
    }
    return max(score, key=lambda name: (score[name], name == "nb"))


def read(
    head: list[Paragraph], thread: Thread, text: str, vocabulary: Words, headers: tuple[str, ...] = ()
) -> Head:
    """The head of the minutes from the lines before the cases (and, of a mail, from the thread).

    `headers` are running page headers: they name the organisation when nothing else does.
    """
    if thread.is_mail:
        return _of_mail(thread, vocabulary)
    line = _date_line(head, vocabulary)
    found = Head(Meeting())
    clock = None
    if line:
        piece, when = line
        clock = dates.times(piece.low[when.end :], vocabulary.language) or dates.times(
            piece.low, vocabulary.language
        )
        found.day_piece = piece
        _set_day(found, when, text)
    place, place_piece = _labelled(head, "place", vocabulary)
    organisation, body, title = _bodies(head, vocabulary)
    organisation = organisation or next(
        (re.sub(r"\s+", " ", h.replace("*", "")).strip() for h in headers), None
    )
    spans = [p.span for p in (found.day_piece, place_piece) if p]
    found.meeting = Meeting(
        organisation,
        body,
        title=title,
        date=found.day.isoformat() if found.day else None,
        start=clock.start if clock else None,
        end=clock.end if clock else None,
        place=place,
        span=(min(s[0] for s in spans), max(s[1] for s in spans)) if spans else (0, 0),
    )
    return found


def _date_line(head: list[Paragraph], vocabulary: Words) -> tuple[Piece, dates.Found] | None:
    """The line that says when: a labelled one first, else the first date of the head."""
    early = date(2000, 1, 1)
    pieces = [label(p.piece, vocabulary, HEAD_LABELS) for p in head[:_ANYWHERE] if not p.cells]
    labelled = [found.rest for found in pieces if found and found.key in ("date", "place")]
    for key_first in (labelled, [p.piece for p in head[:_ANYWHERE]]):
        for piece in key_first:
            for found in dates.find(piece.low, vocabulary, early):
                if found.kind == "day":
                    return piece, found
    return None


def _set_day(found: Head, when: dates.Found, text: str) -> None:
    day = when.first
    if not when.year_given:
        year, why = _infer_year(when, text)
        if year is None:
            found.missing_year = True
            return
        day = date(year, day.month, day.day) if (day.month, day.day) != (2, 29) else day
        found.inferred = why
    found.day = day
    if when.weekday is not None and when.weekday != day.weekday():
        found.wrong_weekday = when


def _infer_year(when: dates.Found, text: str) -> tuple[int | None, str]:
    """The year of a date without one: from the numbers of the cases, other dates and the weekday together."""
    votes: Counter[int] = Counter()
    for match in _CASE_YEARS.finditer(text):
        votes[dates.year_of(match[1])] += 2
    for match in _YEARS.finditer(text):
        votes[int(match[0])] += 1
    if not votes:
        return None, ""

    def fits(year: int) -> bool:
        try:
            day = date(year, when.first.month, when.first.day)
        except ValueError:
            return False
        return when.weekday is None or day.weekday() == when.weekday

    best = max(votes, key=lambda year: (fits(year), votes[year], year))
    reasons = ["årstallet er ikke oppgitt", f"sakene og de andre datoene i referatet er fra {best}"]
    if when.weekday is not None and fits(best):
        names = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
        reasons.append(f"datoen var en {names[when.weekday]} det året")
    return best, ", ".join(reasons[:-1]) + f" og {reasons[-1]}" if len(reasons) > 1 else reasons[0]


def _labelled(head: list[Paragraph], key: str, vocabulary: Words) -> tuple[str | None, Piece | None]:
    for paragraph in head[:_ANYWHERE]:
        found = label(paragraph.piece, vocabulary, HEAD_LABELS) if not paragraph.cells else None
        if found and found.key == key and found.rest.text:
            return found.rest.text.rstrip("."), found.rest
    return None, None


def _bodies(head: list[Paragraph], vocabulary: Words) -> tuple[str | None, str | None, str | None]:
    """Organisation, body and title from the first lines."""
    organisation = body = title = None
    known = {w for p in head for w in re.findall(r"\w+", p.text) if not w.isupper()}
    titles = re.compile(rf"(?:{vocabulary.either('title_words')})(?!\w)\s*[–—:-]?\s*")
    nouns = re.compile(rf"(?:{vocabulary.either('body_nouns')})(?!\w)")
    for paragraph in head[:15]:
        if paragraph.cells or len(paragraph.text) > 160 or label(paragraph.piece, vocabulary, HEAD_LABELS):
            if paragraph.cells:
                break
            continue
        low = paragraph.low
        match = titles.match(low)
        if match:
            title = title or calm(paragraph.text, known)
            rest = paragraph.text[match.end() :]
            rest = re.sub(
                r"^(?:i|av|for|the)\s+", "", re.split(r"\s+\d|,|\s(?:den|kl)\s", rest)[0], flags=re.I
            )
            body = body or (calm(rest, known) or None)
        elif vocabulary.pattern("organisation_nouns").search(low) and not organisation:
            organisation = calm(paragraph.text, known)
        elif nouns.search(low) and not body:
            body = calm(paragraph.text, known)
    return organisation, body, title


def calm(text: str, known: set[str]) -> str:
    """`text` without shouting: words in capitals get the case the document uses elsewhere."""
    text = re.sub(r"\s+", " ", text).strip(" :–-")
    if not text.isupper():
        return text
    lows = {
        w.lower(): w
        for w in known
        if w.lower() not in words("nb").those("roles") | words("nn").those("roles")
    }

    def word(match: re.Match[str]) -> str:
        said = match.group()
        if len(said) <= 3:
            return said
        return lows.get(said.lower(), said.lower())

    calmed = re.sub(r"\w+", word, text)
    return calmed[:1].upper() + calmed[1:]


def _of_mail(thread: Thread, vocabulary: Words) -> Head:
    """A mail about a meeting: its date from "i går" and the like, its times from the quoted invitation."""
    main = thread.main
    found = Head(Meeting(kind="meeting"))
    day: date | None = None
    texts = ([main.subject] if main.subject else []) + [p.piece for p in main.paragraphs[:6]]
    if main.sent:
        for piece in texts:
            near = [
                f
                for f in dates.find(piece.low, vocabulary, main.sent)
                if f.kind == "relative" and f.first <= main.sent
            ]
            if near and (day is None):
                day, found.day_piece = near[0].first, piece
    invitation = _invited(thread, vocabulary, day)
    found.day = day or (invitation[1].first if invitation else main.sent)
    clock = dates.times(invitation[0].low, vocabulary.language) if invitation else None
    place = _place_after(invitation[0].text, clock.span[1]) if invitation and clock else None
    if found.day_piece is None:
        found.day_piece = invitation[0] if invitation else main.subject
    found.meeting = Meeting(
        title=main.subject.text if main.subject else None,
        date=found.day.isoformat() if found.day else None,
        start=clock.start if clock else None,
        end=clock.end if clock else None,
        place=place,
        span=found.day_piece.span if found.day_piece else (0, 0),
    )
    return found


def _invited(thread: Thread, vocabulary: Words, day: date | None) -> tuple[Piece, dates.Found] | None:
    for message in thread.messages:
        if message.role != "quoted":
            continue
        pieces = [p.piece for p in message.paragraphs] + ([message.subject] if message.subject else [])
        for piece in pieces:
            for found in dates.find(piece.low, vocabulary, message.sent or day or date(2000, 1, 1)):
                if found.kind == "day" and (day is None or found.first == day):
                    return piece, found
    return None


def _place_after(text: str, at: int) -> str | None:
    match = re.match(r"\s*,?\s*(?:på|i|ved|hos|hjå|at)\s+([^.,;]{2,60})", text[at:])
    return match[1].strip() if match else None
