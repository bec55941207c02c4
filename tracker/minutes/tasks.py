"""Which clauses are tasks, from where they stand, and each as a proposal with owner, deadline and phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracker.minutes import clauses, due, phrasing
from tracker.minutes.clauses import Clause, Subject
from tracker.minutes.draft import Certainty, Due, Task
from tracker.minutes.events import Found, base, noun_in
from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement


@dataclass(frozen=True, slots=True)
class Made:
    """A task with what the questions need to know of it."""

    task: Task
    statement: Statement
    mentions: tuple[Mention, ...]
    event: Found | None = None
    invites: str | None = None
    span_in: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a task is read against: the people, the calendar, the case numbers."""

    people: People
    calendar: due.Calendar
    numbers: dict[int, tuple[str | None, str | None]]
    text: str
    uses_decisions: bool = False


def read(statements: list[Statement], scene: Scene) -> list[Made]:
    """Every task, in document order."""
    found: list[Made] = []
    by_item: dict[int, list[Statement]] = {}
    for statement in statements:
        by_item.setdefault(statement.item, []).append(statement)
    for item in by_item.values():
        if item[0].row is not None:
            found += _of_row(item, scene)
            continue
        found += _of_item(item, scene, found)
    unique: dict[tuple[int | str, str, tuple[str, ...]], Made] = {}
    for made in found:
        key = (
            made.statement.section,
            re.sub(r"\W+", " ", made.task.evidence.lower()).strip(),
            made.task.owners,
        )
        unique.setdefault(key, made)
    ordered = sorted(unique.values(), key=lambda m: m.task.span)
    return [replace(m, task=replace(m.task, id=f"o{n}")) for n, m in enumerate(ordered, 1)]


def _of_item(item: list[Statement], scene: Scene, earlier: list[Made]) -> list[Made]:
    """The tasks of one paragraph; a sentence may lend its deadline or owner to the one before it."""
    found: list[Made] = []
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        here = list(_of_statement(statement, mentions, item[max(0, position - 1) : position], scene))
        if not here:
            _lend(
                found or earlier[-1:] if _continues(statement, earlier) else found,
                statement,
                mentions,
                scene,
                found,
                earlier,
            )
        found += here
    return found


def _continues(statement: Statement, earlier: list[Made]) -> bool:
    """Whether a line such as "Ansvar: Inger" stands right below the task it belongs to."""
    return (
        bool(earlier)
        and earlier[-1].statement.section == statement.section
        and statement.item - earlier[-1].statement.item <= 1
    )


def _lend(
    targets: list[Made],
    statement: Statement,
    mentions: list[Mention],
    scene: Scene,
    found: list[Made],
    earlier: list[Made],
) -> None:
    if not targets:
        return
    last = targets[-1]
    own = found if found else earlier
    label = clauses.owner_label(statement.piece, scene.people, mentions)
    if label and not last.task.owners:
        own[-1] = _owned(last, label[0], scene)
        last = own[-1]
    vocabulary = scene.people.vocabulary
    led = re.match(rf"(?:{vocabulary.either('due_label')})\s*:", statement.piece.low)
    refers = (
        re.search(rf"(?<!\w)(?:{vocabulary.either('this')})(?!\w)", statement.piece.low)
        and statement.item == last.statement.item
    )
    if last.task.due.kind == "none" and (led or label or refers):
        deadline = due.read(statement.piece, 0, scene.calendar, statement.section, statement.anchor)
        if deadline and (deadline.due.date or led):
            certainty: Certainty = "high" if led else "medium"
            own[-1] = replace(
                last,
                task=replace(
                    last.task, due=deadline.due, certainty=certainty, tags=_tags(last.task.tags, "no-due")
                ),
            )


def _tags(tags: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(t for t in tags if t != gone)


def _owned(made: Made, subject: Subject, scene: Scene) -> Made:
    owners, names = _people_of(subject, made.statement, scene, [])
    task = replace(
        made.task, owners=owners, names={**made.task.names, **names}, tags=_tags(made.task.tags, "no-owner")
    )
    return replace(made, task=task, mentions=(*made.mentions, *subject.mentions))


def _of_statement(
    statement: Statement, mentions: list[Mention], before: list[Statement], scene: Scene
) -> Iterator[Made]:
    piece, vocabulary = statement.piece, scene.people.vocabulary
    if statement.type == "proposals" or statement.block == "proposal" or statement.restricted:
        if statement.type == "proposals":
            yield from _asked(statement, mentions, scene)
        return
    if piece.text.rstrip(" )").endswith("?") or _is_courtesy(piece, statement, vocabulary.every("courtesy")):
        return
    named = clauses.with_subject(piece, scene.people, mentions)
    kept = [c for c in named if _is_task(c, statement, scene)]
    for clause in kept:
        yield _make(clause, statement, mentions, before, scene)
    if kept:
        return
    ownerless = _without_subject(statement, mentions, scene)
    if ownerless:
        yield ownerless


def _is_courtesy(piece: Piece, statement: Statement, phrases: tuple[str, ...]) -> bool:
    return any(piece.low.startswith(p) for p in phrases)


def _is_task(clause: Clause, statement: Statement, scene: Scene) -> bool:
    """Whether somebody really is to do it: not wished for, not done, not information, not a standing duty."""
    vocabulary, piece = scene.people.vocabulary, statement.piece
    subject = clause.subject
    if subject is None or (clause.rest[0] >= len(piece.text) and not clause.verb):
        return False
    lead = piece.low[subject.start : clause.rest[0]]
    near = piece.low[clause.rest[0] : clause.rest[0] + 30]
    if vocabulary.pattern("wish").search(piece.low[: clause.rest[0]]) or vocabulary.pattern("soft").search(
        lead
    ):
        return False
    if re.match(rf"\s*(?:{vocabulary.either('soft')})(?!\w)", near) or vocabulary.pattern("standing").search(
        near
    ):
        return False
    if "pronoun" in subject.kinds and not _pronoun_ok(subject, statement, piece, scene):
        return False
    firm = statement.binding or clause.modal or statement.type == "earlier"
    dated = due.read(piece, clause.rest[0], scene.calendar, statement.section, statement.anchor) is not None
    if subject.kinds & {"organisation", "group"} and "person" not in subject.kinds:
        outsider = "organisation" in subject.kinds and not _is_member(subject, scene)
        if outsider and not (statement.block == "decision" and dated):
            return False
        if not (firm or dated):
            return False
    if "nobody" in subject.kinds and not (clause.modal or firm):
        return False
    if clause.offer and subject.kinds & {"organisation", "group"}:
        return False
    return not clause.weak or firm or dated


def _is_member(subject: Subject, scene: Scene) -> bool:
    members = set(scene.people.organisations.values())
    return any(name in members for m in subject.mentions for name in m.names)


def _pronoun_ok(subject: Subject, statement: Statement, piece: Piece, scene: Scene) -> bool:
    for mention in subject.mentions:
        if mention.kind == "pronoun" and mention.names[0] == "i" and not statement.sender:
            return False
        if mention.kind == "pronoun" and mention.names[0] == "he" and not _antecedent(mention, piece, scene):
            return False
    return True


def _antecedent(pronoun: Mention, piece: Piece, scene: Scene) -> Mention | None:
    """The person last named before a pronoun in the same sentence."""
    people = [
        m
        for m in scene.people.mentions(piece)
        if m.end <= pronoun.start and m.kind in ("person", "role", "unknown")
    ]
    return people[-1] if people else None


def _people_of(
    subject: Subject, statement: Statement, scene: Scene, others: list[str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Full names of a subject, and the words they were read from where those differ."""
    owners: list[str] = []
    names: dict[str, str] = {}
    for mention in subject.mentions:
        resolved = mention.names
        if mention.kind == "pronoun":
            antecedent = _antecedent(mention, statement.piece, scene)
            resolved = (
                (statement.sender,)
                if mention.names[0] == "i" and statement.sender
                else antecedent.names
                if antecedent
                else ()
            )
        for name in resolved:
            if name not in owners and name not in others:
                owners.append(name)
            if name != mention.said and mention.kind != "group":
                names[name] = mention.said
    return tuple(owners), names


def _make(
    clause: Clause, statement: Statement, mentions: list[Mention], before: list[Statement], scene: Scene
) -> Made:
    """The task a clause stands for."""
    piece = statement.piece
    cut = clauses.contributors(piece, clause.rest[0], scene.people, mentions)
    owners, names = _people_of(clause.subject, statement, scene, []) if clause.subject else ((), {})
    helpers, more = (
        _people_of(cut[0], statement, scene, list(owners)) if cut and cut[1][0] < clause.rest[1] else ((), {})
    )
    names |= more
    invites = clause.verb.split()[0] in scene.people.vocabulary.those("invite_verbs") if clause.verb else False
    deadline = due.read(piece, clause.rest[0], scene.calendar, statement.section, statement.anchor, invites)
    if deadline and deadline.span[0] > clause.rest[1]:
        own = re.search(
            rf"(?<!\w)(?:{scene.people.vocabulary.either('this')})(?!\w)",
            piece.low[clause.rest[1] : deadline.span[0]],
        )
        deadline = deadline if own else None
    if deadline is None and clause.rule == "inverted":
        deadline = due.read(
            piece.sub(0, clause.rest[0]), 0, scene.calendar, statement.section, statement.anchor
        )
    cuts = [cut[1]] if cut else []
    if deadline and (deadline.due.kind != "event" and not _needed(deadline, piece, clause)):
        cuts.append(_own_clause(deadline.span, piece, clause, scene) or deadline.span)
    certainty: Certainty = "medium" if clause.offer or clause.weak or clause.subject is None else "high"
    end = _evidence_end(clause, deadline, piece)
    task = Task(
        "", *scene.numbers.get(statement.section, (None, None)), what="", owners=owners, contributors=helpers,
        due=deadline.due if deadline else Due(), evidence="", certainty=certainty, names=names, rule=clause.rule,
    )  # fmt: skip
    made = Made(
        task, statement, clause.subject.mentions if clause.subject else (), span_in=(clause.begin, end)
    )
    return _finished(made, clause, cuts, before, scene)


def _own_clause(span: tuple[int, int], piece: Piece, clause: Clause, scene: Scene) -> tuple[int, int] | None:
    """A deadline in a clause of its own (", den må være inne 15. desember kl. 12"): all of that clause."""
    this = scene.people.vocabulary.either("this")
    found = re.search(rf",\s*(?:{this})\s[^,]*$", piece.low[clause.rest[0] : span[0]])
    return (clause.rest[0] + found.start(), clause.rest[1]) if found else None


def _needed(deadline: due.Deadline, piece: Piece, clause: Clause) -> bool:
    """Words of a deadline stay in the phrase when it would say nothing without them."""
    return (
        clause.rest[0] <= deadline.span[0]
        and not piece.text[clause.rest[0] : deadline.span[0]].strip()
        and deadline.span[1] >= clause.rest[1] - 1
    )


def _evidence_end(clause: Clause, deadline: due.Deadline | None, piece: Piece) -> int:
    return max(clause.end, deadline.span[1]) if deadline else clause.end


def _finished(
    made: Made, clause: Clause, cuts: list[tuple[int, int]], before: list[Statement], scene: Scene
) -> Made:
    """`made` with its phrase, evidence, event, tags and suggested owner."""
    statement, vocabulary = made.statement, scene.people.vocabulary
    piece = statement.piece
    begin, end = made.span_in
    if end < len(piece.text) and piece.text[end:].strip(" ") in (".", "!", ")"):
        end = len(piece.text.rstrip())
    event, near = _event_of(piece, begin, end, statement, scene)
    what = _what(clause, piece, cuts, before, statement, scene)
    if event and event.event.start:
        what = phrasing.with_event(what, event.event, event.noun, vocabulary, near)
    invites = clause.verb.split()[0] in vocabulary.those("invite_verbs") if clause.verb else False
    if event and invites and near and not re.search(r"\b(?:til|to)\b", what):
        what = f"{what} {vocabulary.say['to']} {event.event.title}"
    if event and invites and event.event.audience and re.match(r"\w+ (?:inn )?til\b", what):
        what = re.sub(r"^(\w+ (?:inn )?)til\b", rf"\1{event.event.audience} til", what)
    tags = []
    if clause.offer:
        tags.append("offer")
    if not made.task.owners:
        tags.append("no-owner")
        if scene.uses_decisions and not statement.binding and statement.decided:
            tags.append("outside-decision")
    if made.task.due.date is None:
        tags.append("no-due")
    secretary = scene.people.holder("secretary")
    suggested = (secretary,) if secretary and not made.task.owners else ()
    span = (piece.start + begin, piece.start + end)
    bare = phrasing.is_bare(what, vocabulary) or near or invites
    task = replace(
        made.task, what=what, span=span, evidence=scene.text[span[0] : span[1]], tags=tuple(tags),
        suggested_owners=suggested, event=event.event.id if event and bare else None,
    )  # fmt: skip
    return replace(
        made, task=task, event=event, invites=_invited(piece, clause, vocabulary) if invites else None
    )


def _what(
    clause: Clause,
    piece: Piece,
    cuts: list[tuple[int, int]],
    before: list[Statement],
    statement: Statement,
    scene: Scene,
) -> str:
    vocabulary = scene.people.vocabulary
    verb = clause.verb
    rest = phrasing.phrase("", piece, clause.rest, cuts, vocabulary)
    if clause.noun:
        first = re.match(r"\s*(?:et\s+|en\s+|eit\s+|ein\s+)?(\w+)", rest.lower())
        verb = vocabulary.noun_verbs.get(first[1], "") if first else ""
        rest = rest[:1].lower() + rest[1:] if not rest[1:2].isupper() else rest
        head = rest.lower().split()[:1]
        if not verb and not (head and head[0] in vocabulary.infinitives):
            verb = vocabulary.say["follow_up"]
        return phrasing.capital(f"{verb} {rest}".strip())
    if clause.lead and clause.rule in ("passive", "agenda", "inverted"):
        object_ = _object(piece, clause, vocabulary.those("this"), cuts)
        rest = _low(rest, piece, clause)
        particle = rest.split(" ")[0] if rest.split(" ")[0] in vocabulary.those("particles") else ""
        if particle and particle not in ("til", "over"):
            verb, rest = f"{verb} {particle}", rest[len(particle) :]
        what = f"{verb} {object_} {rest}"
        return phrasing.capital(phrasing.tidy(what))
    what = phrasing.phrase(verb, piece, clause.rest, cuts, vocabulary)
    return _completed(what, verb, rest, piece, clause, before)


def _low(rest: str, piece: Piece, clause: Clause) -> str:
    said = piece.text[clause.rest[0] : clause.rest[1]].lstrip()
    return rest if said[:1].isupper() else rest[:1].lower() + rest[1:]


def _object(piece: Piece, clause: Clause, this: frozenset[str], cuts: list[tuple[int, int]]) -> str:
    """What a passive is about: the words before it, without relative clause and "det"."""
    if clause.rule == "inverted" or not clause.lead:
        return ""
    said = piece.text[clause.lead[0] : clause.lead[1]]
    said = re.sub(r",\s(?:slik\s)?som\b.*$", "", said)
    said = re.sub(r"\s+(?:skal|må|vil|kan|også|òg|nå|no|da|då)\s*$", "", said).strip(" ,")
    said = re.sub(r"\s+(?:skal|må)$", "", said)
    if said.lower() in this:
        return ""
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def _completed(what: str, verb: str, rest: str, piece: Piece, clause: Clause, before: list[Statement]) -> str:
    """A phrase too short to be understood gets its object from the words before it."""
    low = rest.lower().strip(" .")
    if low in ("dette", "det", "denne", "den", "saken", "saka", "this", "it", "") or len(what.split()) == 1:
        waits = re.search(r"\b(?:venter|ventar)\s+(?:\w+\s+)?på\s+([^,.;]+)", piece.low[: clause.begin])
        if waits:
            at = waits.start(1)
            return f"{phrasing.capital(verb)} på {piece.text[at : waits.end(1)].strip()}"
        about = before[-1].piece.text.rstrip(" .!") if before else piece.text[: clause.begin].strip(" :,–-")
        if about:
            return f"{phrasing.capital(what.strip(' .'))}: {about}"
    elif before and len(what.split()) == 2 and before[-1].piece.text.endswith("?"):
        topic = re.split(r"\s(?:i|på|den)\s(?:uke|veke|\d)", before[-1].piece.text.rstrip("? "))[0]
        return f"{what}: {topic}"
    return what


def _invited(piece: Piece, clause: Clause, vocabulary: object) -> str | None:
    """The group that a task calls in: "kaller inn IPRet" → "IPRet"."""
    match = re.match(
        r"\s*(?:inn\s+)?((?:(?:hele|heile)\s+)?[\w/-]*(?:et|en|a|ene|ane))(?!\w)",
        piece.text[clause.rest[0] :],
    )
    return match[1] if match and len(match[1]) > 3 else None


def _event_of(
    piece: Piece, begin: int, end: int, statement: Statement, scene: Scene
) -> tuple[Found | None, bool]:
    """The event a task prepares: the one it names, else the nearest one in its item, else in its case."""
    calendar = scene.calendar
    for noun in noun_in(piece.low[begin:end], scene.people.vocabulary):
        place = range(piece.start + begin, piece.start + end)
        named = next((f for f in calendar.events if f.event.span[0] in place and f.event.start), None)
        if named is None and base(noun.group()) != noun.group():
            named = calendar.named(noun.group(), statement.section)
        if named:
            return named, False
    if statement.section < 0:
        return None, False
    here = [f for f in calendar.events if f.section == statement.section]
    same_item = [f for f in here if f.item == statement.item and (not f.event.start or f.event.kind != "meeting")]
    here = same_item or [f for f in here if f.event.kind != "meeting"]
    if not here:
        return None, False
    before = [f for f in here if f.event.span[0] <= piece.start]
    return (before[-1] if before else here[0]), True


def _without_subject(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A task that names nobody, or only in a parenthesis or label at its end."""
    piece, people = statement.piece, scene.people
    vocabulary = people.vocabulary
    owner = clauses.owner_label(piece, people, mentions) or clauses.trailing(piece, people, mentions)
    led = re.match(rf"(?:{vocabulary.either('due_label')})\s*:", piece.low)
    if led or (owner and owner[1] <= 3):
        return None  # says who or when of the task before it
    body = piece.sub(0, owner[1]) if owner else piece
    listed = statement.kind == "item" or statement.binding
    clause = (
        clauses.labelled(piece, people, mentions, statement.block == "actions") if statement.first else None
    )
    if clause is None:
        clause = _ownerless(body, statement, listed, owner is not None, scene)
    if clause is None:
        return None
    made = _make(clause, statement, mentions, [], scene)
    by = clauses.agent(piece, people, mentions, clause.rest[0]) if clause.rule == "passive" else None
    if by and not owner:
        made = _make(replace(clause, subject=by, rest=(clause.rest[0], _before_agent(piece, by))), statement, mentions, [], scene)
    if owner and not made.task.owners:
        made = _owned(made, owner[0], scene)
        span = (piece.start, piece.end)
        task = replace(
            made.task,
            span=span,
            evidence=scene.text[span[0] : span[1]],
            suggested_owners=(),
            certainty="high",
        )
        made = replace(made, task=task)
    return made


def _before_agent(piece: Piece, by: Subject) -> int:
    return len(re.sub(r"\s+\w+\s*$", "", piece.low[: by.start]))


def _ownerless(body: Piece, statement: Statement, listed: bool, owned: bool, scene: Scene) -> Clause | None:
    vocabulary = scene.people.vocabulary
    if vocabulary.pattern("wish").search(body.low) or vocabulary.pattern("required_registration").search(
        body.low
    ):
        return None
    if re.search(rf"(?<!\w)(?:{vocabulary.either('approval', 'briefing')})(?!\w)", body.low):
        return None
    agenda = clauses.to_agenda(body, vocabulary)
    if agenda:
        return agenda
    lead = clauses.opening(body, vocabulary)
    if lead and (owned or statement.binding or (listed and statement.first)):
        return Clause("infinitive", 0, len(body.text), lead[0].infinitive, (lead[1], len(body.text)))
    if statement.binding or owned:
        found = clauses.passive(body, vocabulary)
        if found:
            return found
    if statement.block == "actions" or (owned and statement.kind == "item"):
        return Clause("listed", 0, len(body.text), "", (0, len(body.text)), noun=True)
    return None


def _asked(statement: Statement, mentions: list[Mention], scene: Scene) -> Iterator[Made]:
    """ "(hva ønsker IPRet at N.N. skal informere om?)": an open question to a group is a low-certainty task."""
    vocabulary = scene.people.vocabulary
    if not vocabulary.every("ask_wish"):
        return
    match = re.search(rf"(?:{vocabulary.either('ask_wish')})\s+([\w-]+)\s+at\s+([^()?]+)", statement.piece.low)
    if not match:
        return
    piece = statement.piece
    group, rest = (piece.text[slice(*match.span(n))].strip() for n in (1, 2))
    begin, end = match.start(), match.end()
    span = (piece.start + begin, piece.start + end)
    secretary = scene.people.holder("secretary")
    what = f"{phrasing.capital(vocabulary.say['contact'])} {group} {vocabulary.say['what']} {rest}"
    task = Task(
        "", *scene.numbers.get(statement.section, (None, None)), what=what, evidence=scene.text[span[0] : span[1]], span=span,
        certainty="low", rule="asked", tags=("no-owner", "no-due"), suggested_owners=(secretary,) if secretary else (),
    )  # fmt: skip
    yield Made(task, statement, ())


def _of_row(item: list[Statement], scene: Scene) -> list[Made]:
    """The task of a table row with columns for owner and deadline."""
    row, first = item[0].row, item[0]
    if row is None:
        return []
    vocabulary = scene.people.vocabulary
    status = row.due.low.strip(" .") if row.due else ""
    done = status in vocabulary.those("done")
    named: list[Made] = []
    rest: list[Statement] = []
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        explicit = [
            c
            for c in clauses.with_subject(statement.piece, scene.people, mentions)
            if _is_task(c, statement, scene)
        ]
        if explicit and not statement.restricted:
            named += [_make(c, statement, mentions, item[max(0, position - 1) : position], scene) for c in explicit]
        elif not _is_settled(
            statement, vocabulary.either("approval", "briefing", "decision_label", "registration_due")
        ):
            rest.append(statement)
    owner = _row_owner(row.owner, scene)
    due_here = due.of_cell(row.due, scene.calendar, first.section, first.anchor) if row.due else Due()
    if named:
        return [replace(m, task=_filled(m.task, due_here)) for m in named]
    if done or not (owner or (row.owner and row.owner.text.strip(" -–"))):
        return []
    return _row_tasks(item, rest, owner, due_here, scene)


def _is_settled(statement: Statement, pattern: str) -> bool:
    return bool(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", statement.piece.low))


def _filled(task: Task, due_here: Due) -> Task:
    if task.due.kind != "none" and task.due.date:
        return task
    tags = _tags(task.tags, "no-due") if due_here.date else task.tags
    return replace(task, due=due_here, tags=tags) if due_here.text else task


def _row_owner(cell: Piece | None, scene: Scene) -> Subject | None:
    if cell is None:
        return None
    groups = clauses.subjects(scene.people.mentions(cell), cell.text)
    mentions = tuple(m for g in groups for m in g.mentions)
    return Subject(mentions) if mentions else None


def _row_tasks(
    item: list[Statement], rest: list[Statement], owner: Subject | None, due_here: Due, scene: Scene
) -> list[Made]:
    """One task for the row; a passive beside it is somebody else's when the owner is a group."""
    vocabulary = scene.people.vocabulary
    found: list[Made] = []
    first = item[0]
    grouped = owner is not None and owner.kinds <= {"group"}
    own = rest or item[:1]
    if grouped and len(rest) > 1:
        passives = [s for s in rest if clauses.passive(s.piece, vocabulary)]
        own = [s for s in rest if s not in passives] or rest
        for statement in passives if own != rest else []:
            clause = clauses.passive(statement.piece, vocabulary)
            if clause:
                found.append(_make(clause, statement, [], [], scene))
    piece = own[0].piece
    lead = clauses.opening(piece, vocabulary)
    clause = (
        Clause("row", 0, len(piece.text), lead[0].infinitive, (lead[1], len(piece.text)))
        if lead else clauses.passive(piece, vocabulary) or Clause("row", 0, len(piece.text), "", (0, len(piece.text)), noun=True)
    )  # fmt: skip
    statement = replace(own[0], first=True)
    made = _make(replace(clause, rule="row"), statement, [], [], scene)
    span = (
        (item[0].piece.start, item[-1].piece.end)
        if own is not rest or len(rest) == 1
        else (own[0].piece.start, own[-1].piece.end)
    )
    if first.restricted:
        made = replace(
            made,
            task=replace(
                made.task,
                what=f"{phrasing.capital(vocabulary.say['follow_up'])} saken (unntatt offentlighet)",
            ),
        )
    task = replace(
        made.task, due=due_here, span=span, evidence=scene.text[span[0] : span[1]], suggested_owners=()
    )
    task = replace(
        task,
        tags=tuple(
            t
            for t in ("no-owner", "no-due")
            if (t == "no-due" and not due_here.date) or (t == "no-owner" and not owner)
        ),
    )
    made = replace(made, task=task)
    if owner and owner.kinds != {"nobody"}:
        made = _owned(made, owner, scene)
    elif owner:
        made = replace(made, task=replace(made.task, tags=("no-owner", *_tags(made.task.tags, "no-owner"))))
    found.append(made)
    return found
