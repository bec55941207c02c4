"""Doubts about who: two leaders, two of the same name, strangers, groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.minutes.doubts.ask import ask, listed
from tracker.minutes.draft import Choice, Draft, Edit, Person, Question, Span, Task
from tracker.minutes.findings import Findings
from tracker.minutes.sentences import Piece
from tracker.minutes.titles import offices

_MOST_LEADERS = 20
"""More people called leader lead bodies of their own; each would be a choice that changes all the others."""


def leaders(found: Findings, draft: Draft) -> Iterator[Question]:
    """ROLE_CONFLICT: two people called leader of the body."""
    said = _leaders_said(found, draft)
    names = list(dict.fromkeys(name for name, _ in said))
    if not 2 <= len(names) <= _MOST_LEADERS:
        return
    counts = {name: sum(n == name for n, _ in said) for name in names}
    best = max(names, key=lambda n: counts[n])
    clear = sorted(counts.values())[-1] > sorted(counts.values())[-2]
    span = next((s for n, s in said if n != best), said[0][1])
    choices = tuple(
        Choice(name, name, f"{name} står som leder.", tuple(_leader_edits(found, draft.people, name)))
        for name in sorted(names, key=lambda n: -counts[n])
    )
    yield ask(
        found,
        "ROLE_CONFLICT",
        "must-resolve",
        f"Hvem er leder, {' eller '.join(choice.label for choice in choices)}?",
        span,
        why="Referatet kaller begge leder." if len(names) == 2 else "Referatet kaller flere leder.",
        quotes=tuple(s for _, s in said if s != span),
        choices=choices,
        suggested=best if clear else None,
        blocks=tuple(p.id for p in draft.people if p.name in names),
    )


def _is_chair(office: str, found: Findings) -> bool:
    if found.words.pattern("chair_not").search(office):
        return False
    return bool(re.match(rf"(?:{found.words.either('chair')})(?:en)?(?!\w)", office))


def _leaders_said(found: Findings, _draft: Draft) -> list[tuple[str, Span]]:
    """Everybody called leader, with the place: the list of people, "N.N., leder av rådet", the signature."""
    said: list[tuple[str, Span]] = []
    for person in found.roster.people:
        if any(_is_chair(o, found) for o in offices(person.role or "")):
            at = found.text.find(person.role or "", person.span[1], person.span[1] + 200)
            said.append((person.name, (at, at + len(person.role or "")) if at >= 0 else person.span))
    signed: Piece | None = None
    heads = len(found.outline.head)
    for at, paragraph in enumerate([*found.outline.head, *found.outline.tail]):
        piece = paragraph.piece
        mentions = [m for m in found.people.mentions(piece) if m.kind == "person" and not m.options]
        for mention in mentions:
            match = re.match(
                rf",\s+((?:{found.words.either('offices_of')})\s+[\w-]+)", piece.low[mention.end :]
            )
            if match:
                said.append(
                    (mention.names[0], (piece.start + mention.start, piece.start + mention.end + match.end()))
                )
        if signed is not None and at >= heads and _is_chair(piece.low.strip(" ,"), found):
            name = [m for m in found.people.mentions(signed) if m.kind == "person"]
            if len(name) == 1:
                said.append((name[0].names[0], (signed.start, piece.end)))
        signed = piece
    return said


def _leader_edits(found: Findings, people: tuple[Person, ...], chosen: str) -> Iterator[Edit]:
    for person in people:
        role = person.role or ""
        chairs = [o for o in offices(role) if _is_chair(o, found)]
        if person.name == chosen and not chairs:
            yield Edit(person.id, "role", f"{role}, leder" if role else "leder")
        elif person.name != chosen and chairs:
            rest = [
                p.strip() for p in re.split(r"[,(/)]", role) if p.strip() and p.strip().lower() not in chairs
            ]
            yield Edit(person.id, "role", ", ".join(rest) or None)


def ambiguous(found: Findings, _draft: Draft) -> Iterator[Question]:
    """PERSON_AMBIGUOUS: two people fit the name; CORRECTED_LATER when the text itself settles it."""
    for made in found.made:
        for mention in made.mentions:
            if not mention.options:
                continue
            piece, task, current = made.statement.piece, made.task, made.task
            others = tuple(n for n in current.owners if n != mention.said and n not in mention.options)
            chosen = next((o for o in mention.options if o in current.owners), None)
            span = (piece.start + mention.start, piece.start + mention.end)
            why = f"Flere kan være «{mention.said}»: {listed(list(mention.options))}."
            later = found.corrected.get(task.id)
            if later:
                why += f" Senere står det at det er {chosen}."
            yield ask(
                found,
                "PERSON_AMBIGUOUS",
                "must-resolve",
                f"Hvem er «{mention.said}» som skal {_low(current.what)}?",
                span,
                why=why,
                quotes=(later,) if later else (),
                suggested=chosen,
                blocks=(task.id,),
                choices=tuple(
                    Choice(name, name, "Får oppgaven.", (Edit(task.id, "owners", [*others, name]),))
                    for name in mention.options
                ),
            )


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]


def strangers(found: Findings, draft: Draft) -> Iterator[Question]:
    """PERSON_UNKNOWN: people who get a task and are in no list of people, asked about together."""
    listed_ = {p.name for p in draft.people if p.attendance != "mentioned"} | {
        p.name for p in found.known.people
    }
    unsure = {m.task.id for m in found.made if any(x.options for x in m.mentions)}
    names: dict[str, list[str]] = {}
    for made in found.made:
        people = {n for m in made.mentions if m.kind in ("person", "unknown") for n in m.names}
        for name in [*made.task.owners, *made.task.contributors]:
            if name in people and name not in listed_ and made.task.id not in unsure:
                names.setdefault(name, []).append(made.task.id)
    if not names:
        return
    by_id = {t.id: t for t in draft.tasks}
    spans = [_where(found, by_id[tasks[0]], name) for name, tasks in names.items()]
    several = len(names) > 1
    removals = tuple(
        Choice(
            f"Fjern {name} fra oppgaven" if several else "Fjern fra oppgaven",
            f"remove-{n}" if several else "remove",
            f"{name} får ingenting.",
            tuple(Edit(i, "owners", [o for o in by_id[i].owners if o != name]) for i in tasks),
        )
        for n, (name, tasks) in enumerate(list(names.items())[:MOST_CHOICES], 1)
    )
    yield ask(
        found,
        "PERSON_UNKNOWN",
        "review",
        f"Hvem er {listed(list(names))}?",
        spans[0],
        why="De står ikke i deltakerlisten og mangler e-postadresse."
        if several
        else f"{next(iter(names))} står ikke i deltakerlisten og mangler e-postadresse.",
        quotes=tuple(spans[1:]),
        choices=(
            Choice(
                "Legg til personene" if several else "Legg til personen",
                "add",
                "Du fyller inn e-postadressene." if several else "Du fyller inn e-postadressen.",
            ),
            *removals,
        ),
    )


MOST_CHOICES = 5
"""More strangers than this are taken off their tasks one by one on the tasks' own cards."""


def _where(found: Findings, task: Task, name: str) -> Span:
    """The place where `task` names somebody."""
    said = task.names.get(name, name)
    at = found.text.find(said, task.span[0], task.span[1])
    return (at, at + len(said)) if at >= 0 else task.span


def groups(found: Findings, _draft: Draft) -> Iterator[Question]:
    """OWNER_IS_GROUP: nobody in particular answers for the task."""
    secretary = found.people.holder("secretary")
    for made in found.made:
        kinds = ("group", "organisation")
        for mention in [m for m in made.mentions if m.kind in kinds and made.task.owners][:1]:
            piece = made.statement.piece
            inside = (
                mention.start < len(piece.text) and piece.text[mention.start : mention.end] == mention.said
            )
            span = (piece.start + mention.start, piece.start + mention.end) if inside else made.task.span
            people = mention.names if len(mention.names) > 1 else ()
            detail = f"{listed(list(people))}." if people else "Du velger hvem i neste steg."
            one = (
                (
                    Choice(
                        f"{secretary} følger opp samlet",
                        "secretary",
                        "Én oppgave, og de andre medvirker.",
                        (
                            Edit(made.task.id, "owners", [secretary]),
                            Edit(made.task.id, "contributors", list(made.task.owners)),
                        ),
                    ),
                )
                if secretary
                else ()
            )
            yield ask(
                found,
                "OWNER_IS_GROUP",
                "review",
                f"Hvem svarer for «{made.task.what}»?",
                span,
                why=f"«{mention.said}» er en gruppe, ikke en person.",
                choices=(Choice("Hver av dem", "each", detail), *one),
            )


def audiences(found: Findings, draft: Draft) -> Iterator[Question]:
    """AUDIENCE_IS_GROUP: a group is to be called in, and nobody has said who is in it."""
    known = {n.lower() for b in found.known.bodies for n in (b.name, *b.aliases)}
    calls: dict[str, list[tuple[Span, str | None]]] = {}
    for made in found.made:
        said = made.invites or (
            made.event.event.audience if made.event and "invite" in _kind(made.task.what, found) else None
        )
        if not said:
            continue
        group = re.sub(r"^(?:hele|heile)\s+", "", said)
        at = found.text.find(said, made.task.span[0], made.task.span[1])
        span = (at, at + len(said)) if at >= 0 else made.task.span
        calls.setdefault(group, []).append((span, made.event.event.id if made.event else None))
    for group, places in calls.items():
        if group.lower() in known:
            continue
        events = [e for e in draft.events if e.audience and group.lower() in e.audience.lower()]
        ids = tuple(dict.fromkeys([i for _, i in places if i] + [e.id for e in events]))
        yield _audience(found, draft, group, [s for s, _ in places], ids)


def _kind(what: str, found: Findings) -> str:
    first = what.split(maxsplit=1)[0].lower() if what else ""
    return "invite" if first in found.words.those("invite_verbs") else ""


def _audience(found: Findings, draft: Draft, group: str, spans: list[Span], ids: tuple[str, ...]) -> Question:
    present = [p for p in draft.people if p.attendance in ("present", "substitute", "absent")]
    bodies = tuple(
        Choice(
            b.name,
            b.name,
            "Medlemmene i registeret kalles inn.",
            tuple(Edit(i, "audience", b.name) for i in ids),
        )
        for b in found.known.bodies
    )
    mentioned = Choice(
        "De som er nevnt i referatet",
        "mentioned",
        f"{len(present)} personer",
        tuple(Edit(i, "audience", "De som er nevnt i referatet") for i in ids),
    )
    chosen = Choice("Jeg velger deltakerne selv", "choose", "Ingen kalles inn før du har valgt.")
    return ask(
        found,
        "AUDIENCE_IS_GROUP",
        "must-resolve",
        f"Hvem er «{group}» som skal kalles inn?",
        spans[0],
        why="Referatet sier ikke hvem som er med i gruppen.",
        quotes=tuple(spans[1:]),
        choices=(*bodies, mentioned, chosen),
        blocks=ids,
    )
