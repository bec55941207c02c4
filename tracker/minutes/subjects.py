"""A clause and its subject: who does what in one sentence, as the grammar passes it on."""

from __future__ import annotations

import re

from tracker.minutes.people import Mention
from tracker.minutes.values import value_object
from tracker.minutes.vocabulary import Words


@value_object
class Subject:
    """One or more people side by side ("Inger og Per", "KBH/TS")."""

    mentions: tuple[Mention, ...]

    @property
    def start(self) -> int:
        return self.mentions[0].start

    @property
    def end(self) -> int:
        return self.mentions[-1].end

    @property
    def kinds(self) -> set[str]:
        return {m.kind for m in self.mentions}


@value_object
class Clause:
    """A subject and what it does. `begin`–`end` is the clause, `rest` the words after the verb.

    `modal` is true for skal, må, bes …; `offer` for tilbyr; `noun` when `rest` names a thing to answer for
    ("har ansvaret for program") and there is no verb.
    """

    rule: str
    begin: int
    end: int
    verb: str
    rest: tuple[int, int]
    subject: Subject | None = None
    weak: bool = False
    modal: bool = False
    offer: bool = False
    noun: bool = False
    lead: tuple[int, int] | None = None


_JOIN = re.compile(r"\s*(?:,|/|&|\+|\bog\b|\band\b|\bsamt\b|\beller\b|\bor\b)\s*|\s*,\s*(?:og|and)\s+")


def subjects(mentions: list[Mention], text: str) -> list[Subject]:
    """Mentions joined where only "og", a comma or a slash stands between them."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and mention.kind == "role" and _is_title(groups[-1][-1], mention, text):
            continue
        if groups and _JOIN.fullmatch(text[groups[-1][-1].end : mention.start]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [Subject(tuple(g)) for g in groups]


def _is_title(person: Mention, role: Mention, text: str) -> bool:
    """Whether a role right behind a name and a comma says who the person is ("Kari Moe, ordfører i …")."""
    return person.kind == "person" and text[person.end : role.start].strip() == ","


def light(verb: str, low: str, at: int, vocabulary: Words) -> bool:
    """Whether a verb makes no task: a light one ("tar") without "kontakt", or an idle one ("trekker seg")."""
    behind = vocabulary.idle.get(verb)
    if behind is not None and behind.match(low, at):
        return True
    near = vocabulary.complements.get(verb)
    return near is not None and not near.search(low[at : at + 50].partition(",")[0])
