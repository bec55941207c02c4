"""Whether a clause obliges anybody: no wish, no news, nothing done, no standing duty."""

from __future__ import annotations

import re

from tracker.minutes import due
from tracker.minutes.making import Scene, antecedent
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, Subject
from tracker.minutes.vocabulary import Words

SHORT = 90
"""A group's doings in a longer sentence are a report, not something it takes on."""


def is_task(clause: Clause, statement: Statement, scene: Scene) -> bool:
    """Whether somebody really is to do it: not wished for, not done, not information, not a standing duty."""
    vocabulary, piece = scene.people.vocabulary, statement.piece
    subject = clause.subject
    if subject is None or (clause.rest[0] >= len(piece.text) and not clause.verb):
        return False
    lead = piece.low[subject.start : clause.rest[0]]
    near = piece.low[clause.rest[0] : clause.rest[0] + 30]
    if clause.modal and _SETTLED.search(piece.low, max(0, subject.start - 30), subject.start):
        return True
    begin = _clause_begin(piece, subject.start)
    if vocabulary.pattern("wish").search(piece.low, begin, clause.rest[0]):
        return False
    if vocabulary.pattern("soft").search(lead):
        return False
    if re.match(rf"\s*(?:{vocabulary.either('soft')})(?!\w)", near) or vocabulary.pattern("standing").search(
        near
    ):
        return False
    if "pronoun" in subject.kinds and not _pronoun_ok(subject, statement, scene):
        return False
    firm = statement.binding or clause.modal or statement.type == "earlier"
    dated = due.read(piece, clause.rest[0], scene.calendar, statement.section, statement.anchor) is not None
    grouped = subject.kinds <= {"organisation", "group"}
    if grouped and not statement.binding and vocabulary.pattern("habit").search(piece.low):
        return False
    if grouped and _decides(clause, piece, vocabulary):
        return False
    if (
        grouped
        and not statement.binding
        and vocabulary.pattern("urged").search(piece.low, begin, clause.rest[0])
    ):
        return False
    each = grouped and piece.low[subject.start :].startswith(tuple(vocabulary.every("each_of")))
    if each and clause.verb and not clause.weak and not clause.offer:
        return True
    if subject.kinds & {"organisation", "group"} and "person" not in subject.kinds:
        outsider = "organisation" in subject.kinds and not _is_member(subject, scene)
        if outsider and not (statement.block == "decision" and dated):
            return False
        itself = any(m.said.lower() in vocabulary.those("body_nouns") for m in subject.mentions)
        serves = any(m.said.lower() in vocabulary.those("executive") for m in subject.mentions)
        told = scene.uses_decisions and statement.kind != "item" and not serves
        said = not (told or "organisation" in subject.kinds or clause.weak or itself)
        brief = len(piece.text) < SHORT and clause.rule == "subject" and subject.start == 0
        if not (firm or dated or (said and brief) or _reaches_out(clause, piece, vocabulary)):
            return False
    if "nobody" in subject.kinds and not (clause.modal or firm):
        return False
    if clause.offer and subject.kinds & {"organisation", "group"}:
        return False
    return not clause.weak or firm or (dated and not grouped)


_SETTLED = re.compile(r"(?:agreed|resolved|decided|arranged)\sthat\s(?:the\s)?$")
_BOUND = re.compile(r"[,;:–](?!.*[,;:–])(?!\s(?:at|og at|that)\s)")


def _decides(clause: Clause, piece: Piece, vocabulary: Words) -> bool:
    """Whether what a body does is its deciding: "tar saken til orientering", but not "tar opp saken"."""
    taking = clause.verb in vocabulary.those("taking")
    acting = taking and vocabulary.grammar(r"\s*(?:{takes_on})(?!\w)").match(piece.low, clause.rest[0])
    return clause.verb in vocabulary.those("deciding") and not acting


def _reaches_out(clause: Clause, piece: Piece, vocabulary: Words) -> bool:
    """Whether a body takes on, in a sentence of its own, what is followed up: "Styret innhenter tilbud"."""
    first = clause.subject is not None and clause.subject.start == 0 and clause.rule == "subject"
    return first and len(piece.text) < SHORT and clause.verb in vocabulary.those("reaching_out")


def _clause_begin(piece: Piece, at: int) -> int:
    """Where the clause around `at` begins: behind the last comma or dash before it."""
    found = _BOUND.search(piece.low, max(0, at - 40), at)
    return found.end() if found else 0


def _is_member(subject: Subject, scene: Scene) -> bool:
    members = set(scene.people.organisations.values())
    return any(name in members for m in subject.mentions for name in m.names)


def _pronoun_ok(subject: Subject, statement: Statement, scene: Scene) -> bool:
    for mention in subject.mentions:
        if mention.kind == "pronoun" and mention.names[0] == "i" and not statement.sender:
            return False
        if (
            mention.kind == "pronoun"
            and mention.names[0] == "he"
            and not antecedent(mention, statement, scene)
        ):
            return False
    return True
