"""Meetings and gatherings that the text names: what, when, where, for whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from tracker.minutes import dates, event_days
from tracker.minutes.cases import Outline
from tracker.minutes.draft import Event, Span
from tracker.minutes.event_nouns import base, kind_of, noun_in
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.vocabulary import Words


@dataclass(frozen=True, slots=True)
class Found:
    """An event and the sentence it came from; `noun` is the word for it in lower case ("ipr-møte").

    `was` is what it was before the text `moved` it, or what an earlier message said before a later one
    (`later`) changed it; `registered` is the place of what the text says of registration.
    """

    event: Event
    noun: str
    sentence: Piece
    section: int
    item: int = -1
    when: dates.Found | None = None
    later: bool = False
    was: Event | None = None
    moved: bool = False
    registered: Span | None = None


_WORD = re.compile(r"\w+")
LONGEST_HEADING = 60
MOST = 300
"""More dated events than this make a calendar, not minutes; the rest is left out."""


def read(
    statements: list[Statement],
    outline: Outline,
    vocabulary: Words,
    day: date | None,
    text: str,
    body: str | None = None,
) -> list[Found]:
    """Every event with a date, in order; one event a kind and day however often it is named."""
    found: list[Found] = []
    next_up = re.compile(rf"(?:.*\s)?(?:{vocabulary.either('next_meeting', 'next_label')})(?!\w)")
    coming = {n for n, s in enumerate(outline.sections) if s.title and next_up.match(s.title.low)}
    plan = vocabulary.pattern("next_label", "meeting_plan")
    before: Statement | None = None
    planned = False
    introduced = outline.introduced  # a letter head is full of days
    for statement in [*_titles(outline, statements), *statements]:
        if introduced and statement.section == 0:
            continue
        sentence_before = before.piece if before and before.item == statement.item else None
        for one in _in_sentence(statement, vocabulary, sentence_before):
            if day and one.when and one.when.last <= day:
                continue
            if len(found) < MOST:
                _take(found, one)
        listed = statement.section in coming or _is_plan(statement, vocabulary) or planned
        told = bool(found) and found[-1].sentence is statement.piece
        days = _announced(statement, vocabulary, day) if statement.first and listed and not told else []
        found += days
        headed = len(statement.piece.text) < LONGEST_HEADING and plan.match(statement.piece.low)
        planned = bool(headed) or (planned and (bool(days) or told))
        before = statement
    ordered = sorted(found, key=lambda f: f.event.span[0])
    return [_numbered(_called(f, body), n, text) for n, f in enumerate(ordered, 1)]


def _numbered(found: Found, number: int, text: str) -> Found:
    begin, end = found.event.span
    return replace(found, event=replace(found.event, id=f"m{number}", evidence=text[begin:end]))


def _is_plan(statement: Statement, vocabulary: Words) -> bool:
    """Whether a statement stands in a list of meetings to come: "Møteplan for våren:"."""
    lead = statement.lead
    return (
        lead is not None
        and statement.block != "proposal"
        and bool(vocabulary.pattern("next_label", "meeting_plan").match(lead.low))
    )


def _announced(statement: Statement, vocabulary: Words, day: date | None) -> list[Found]:
    """The day that stands alone under the heading "Neste møte"."""
    noun = "meeting" if vocabulary.language == "en" else "møte"
    found: list[Found] = []
    reached = 0
    for when in dates.find(statement.piece.low, vocabulary, statement.anchor):
        follows = when.start < 12 or (found and when.start - reached < 8)
        if when.kind == "day" and follows and not (day and when.last <= day):
            word = _WORD.match(statement.piece.low, when.start)
            if word:
                one = _event(statement.piece, word, when, statement, vocabulary, None, rule="plan")
                found.append(replace(one, noun=noun, event=replace(one.event, title=noun.capitalize())))
            reached = when.end
    return found


def _called(found: Found, body: str | None) -> Found:
    """A bare "møte" is called after the body that meets."""
    if found.noun not in ("møte", "meeting") or not body or len(body) > 60 or "–" in body:
        return found
    name = body if body[1:2].isupper() else body[:1].lower() + body[1:]
    return replace(found, event=replace(found.event, title=f"{found.event.title} i {name}"))


def _titles(outline: Outline, statements: list[Statement]) -> list[Statement]:
    """The titles of the cases: they name meetings too."""
    anchor = statements[0].anchor if statements else date(2000, 1, 1)
    return [
        Statement(s.title, n, -1 - n, anchor, type=s.type) for n, s in enumerate(outline.sections) if s.title
    ]


def _take(found: list[Found], one: Found) -> None:
    """Add `one`, or let it fill in what an earlier mention of the same event leaves open."""
    for index, old in enumerate(found):
        same_day = bool(old.event.start and one.event.start and old.event.start[:10] == one.event.start[:10])
        if not same_day and not (one.later and old.noun == one.noun and not old.later):
            continue
        if not same_day:
            found[index] = replace(
                one,
                event=replace(one.event, title=old.event.title, place=one.event.place or old.event.place),
                was=old.event,
            )
            return
        better = one if _weight(one) > _weight(old) else old
        other = old if better is one else one
        event = replace(better.event, place=better.event.place or other.event.place)
        if not event.registration:
            event = replace(event, registration=other.event.registration)
        found[index] = replace(better, event=event)
        return
    found.append(one)


def _weight(found: Found) -> int:
    event = found.event
    return (
        len(event.start or "")
        + 4 * bool(event.end)
        + bool(event.place)
        + 3 * (found.noun not in ("møte", "møtet"))
    )


def _in_sentence(context: Statement, vocabulary: Words, before: Piece | None) -> list[Found]:
    sentence = context.piece
    nouns = noun_in(sentence.low, vocabulary)
    found = []
    for when in dates.find(sentence.low, vocabulary, context.anchor):
        if when.kind not in ("day", "range") or event_days.is_deadline(sentence.low, when, vocabulary):
            continue
        near = event_days.nearest(nouns, when, sentence.low, vocabulary)
        noun = near or event_days.said_before(sentence.low, when, vocabulary)
        if (
            noun is None
            or event_days.is_no_gathering(sentence.low, noun, when, vocabulary)
            or event_days.is_past(sentence.low, noun, when, vocabulary)
        ):
            continue
        rule = "noun" if near else "said-before"
        found.append(_event(sentence, noun, when, context, vocabulary, before, rule=rule))
    return _moved(found, vocabulary) if found else _headed(context, vocabulary, before)


def _moved(found: list[Found], vocabulary: Words) -> list[Found]:
    """ "Dugnaden flyttes fra 3. mai til 10. mai": one gathering, on its new day, and where it was."""
    low = found[0].sentence.low
    said = vocabulary.pattern("moved").search(low)
    first, when = found[0], found[0].when
    if not said or when is None or len(found) > 2 or found[-1].noun != first.noun:
        return found
    ranged = when.kind == "range" and when.last != when.first and said.start() < when.start
    if len(found) == 1 and not ranged:
        return [replace(first, moved=said.start() < when.start or "ny dato" in said.group())]
    if ranged:
        was = replace(first.event, start=when.first.isoformat(), end=None)
        start = when.last.isoformat() + (first.event.start or "")[10:]
        return [replace(first, event=replace(first.event, start=start, end=None), was=was, moved=True)]
    new, old = (first, found[1]) if said.group() in vocabulary.those("instead") else (found[1], first)
    return [replace(new, was=old.event, moved=True)]


def _headed(context: Statement, vocabulary: Words, before: Piece | None) -> list[Found]:
    """ "Lørdag 9. mai kl. 10–14" at the start of a sentence: the words above it tell what happens then."""
    sentence = context.piece
    word = _WORD.match(sentence.low)
    for when in dates.find(sentence.low, vocabulary, context.anchor)[:1]:
        if when.kind not in ("day", "range") or word is None or when.passed:
            continue
        labelled = vocabulary.grammar(
            r"(?:{date_label})\s*:\s*$|.{0,20}\bdat(?:e|o|oen)\b.{0,25}$|(?:det\s)?(?:{set_to})\s(?:den\s)?$"
        ).match(sentence.low[: when.start])
        if when.start > 4 and not labelled:
            continue
        timed = labelled or dates.times(sentence.low[when.end : when.end + 25], vocabulary.language)
        name = before or context.lead
        if not timed or name is None or vocabulary.pattern("past_of", "due").search(name.low):
            continue
        said = re.split(r"[:.!?(]\s|[:.!?(]$", name.text)[0].strip("*# ")
        if 3 < len(said) <= 50 and said.count(" ") <= 5 and _says_nothing(said.lower(), vocabulary):
            one = _event(sentence, word, when, context, vocabulary, None, rule="headed")
            return [replace(one, noun=said.lower(), event=replace(one.event, title=said))]
    return []


def _says_nothing(low: str, vocabulary: Words) -> bool:
    """Whether words are a name, with no verb in them."""
    return not any(w in vocabulary.present or w in vocabulary.participles for w in low.split())


def _event(
    sentence: Piece,
    noun: re.Match[str],
    when: dates.Found,
    context: Statement,
    vocabulary: Words,
    before: Piece | None,
    *,
    rule: str,
) -> Found:
    low = sentence.low
    clock = dates.times(low[when.end : when.end + 40], vocabulary.language)
    start, end = when.first.isoformat(), when.last.isoformat() if when.last != when.first else None
    assumed: tuple[str, ...] = ()
    lunch = vocabulary.pattern("lunch").search(low) or (
        before and vocabulary.pattern("lunch").search(before.low)
    )
    if clock:
        start, end = f"{start}T{clock.start}", f"{when.last.isoformat()}T{clock.end}" if clock.end else None
    elif lunch and end:
        start, end, assumed = f"{start}T12:00", f"{end}T13:00", ("time",)
    after = when.end + (clock.span[1] if clock else 0)
    title, audience = _title(sentence, noun, when, vocabulary, before)
    begin, stop = min(noun.start(), when.start), max(noun.end(), when.end, after)
    lead = low[:begin]
    begin = len(lead) - len(re.search(r"(?:neste\s+(?:ordinære\s+)?)?$", lead).group()) if lead else 0  # type: ignore[union-attr]
    span = (sentence.start + begin, sentence.start + stop)
    event = Event(
        "",
        title,
        start,
        end,
        _place(sentence, after, vocabulary),
        kind=kind_of(noun.group(), vocabulary),
        evidence="",
        span=span,
        assumed=assumed,
        audience=audience,
        rule=rule,
    )
    return Found(event, base(noun.group()), sentence, context.section, context.item, when, context.later)


def _title(
    sentence: Piece, noun: re.Match[str], when: dates.Found, vocabulary: Words, before: Piece | None
) -> tuple[str, str | None]:
    """What the event is called, and for whom it is, from this sentence or the one before it in the item."""
    said = base(noun.group())
    audience = _audience(sentence, noun.end(), when.start, vocabulary)
    if before and not audience and not sentence.text[noun.start() : noun.end()][0].isupper():
        for fuller in noun_in(before.low, vocabulary):
            same = base(fuller.group())
            if same.endswith(said) and not any(
                f.kind in ("day", "range") for f in dates.find(before.low, vocabulary, when.first)
            ):
                audience = _audience(before, fuller.end(), len(before.low), vocabulary)
                said = same if len(same) > len(said) else said
    text = said
    first = sentence.text[noun.start() : noun.start() + 3]
    if first.isupper() and "-" in said:  # "IPR-møte" keeps its capitals
        head = said.split("-")[0]
        text = head.upper() + said[len(head) :]
    title = text[:1].upper() + text[1:]
    about = re.match(r"\s+(?:om|med)\s+([^:,.–(]{3,50})", sentence.text[noun.end() : when.start])
    if about:
        title += f" om {about[1].strip()}" if " om " in about.group() else f" med {about[1].strip()}"
    return (f"{title} for {audience}" if audience and "-" not in said else title), audience


def _audience(sentence: Piece, begin: int, end: int, vocabulary: Words) -> str | None:
    match = re.match(
        rf"\s+(?:{vocabulary.either('for_audience')})\s+((?:(?:{vocabulary.either('whole')})\s+)?\w[\w-]*)(?!\w)",
        sentence.low[begin:end],
    )
    if not match:
        return None
    said = sentence.text[begin + match.start(1) : begin + match.end(1)]
    return said if re.search(r"(?:et|en|a|ne)$|^[A-ZÆØÅ]{2,}", said) else None


def _place(sentence: Piece, after: int, vocabulary: Words) -> str | None:
    rest = sentence.text[after : after + 120]
    if vocabulary.pattern("place_open").search(rest.lower()):
        return None
    match = re.match(
        rf"[,.\s]*(?:kl\.?\s*)?,?\s*(?:{vocabulary.either('place_prepositions')})\s+(?:(?:oss|dere|dykk)\s+i\s+)?([A-ZÆØÅa-zæøå][^,.;!?()]{{2,60}})|,\s+([A-ZÆØÅ][^,.;!?()]{{2,60}})",
        rest,
    )
    if not match:
        return None
    said = (match[1] or match[2]).strip()
    said = re.split(r"\s+(?:og|fra|frå|kl|med|for|som)\s", said)[0]
    weekly = said.lower().split()[0] in vocabulary.those("week") | vocabulary.those("coming")
    return None if weekly else said
