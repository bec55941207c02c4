"""The draft with its doubts: every question of every kind, the ones that must be settled first."""

from __future__ import annotations

from dataclasses import replace

from tracker.minutes import corrections, proposals
from tracker.minutes.doubts import KINDS
from tracker.minutes.draft import Draft, Noise
from tracker.minutes.findings import Findings, persons

_ORDER = {"must-resolve": 0, "review": 1, "info": 2}


def asked(found: Findings) -> Draft:
    """Everything found, as a draft with its questions numbered in the order they are put."""
    corrections.settle(found)
    draft = _draft(found)
    questions = [question for kind in KINDS for question in kind(found, draft)]
    questions.sort(key=lambda q: (_ORDER[q.severity], q.span, q.code))
    return replace(draft, questions=tuple(replace(q, id=f"q{n}") for n, q in enumerate(questions, 1)))


def _draft(found: Findings) -> Draft:
    noise = [*found.thread.noise, *found.outline.noise]
    return Draft(
        text=found.text,
        language=found.words.language,
        meeting=found.head.meeting,
        people=persons(found),
        cases=found.cases(),
        decisions=tuple(found.decisions),
        tasks=tuple(m.task for m in found.made),
        events=tuple(f.event for f in found.events),
        agenda_proposals=tuple(
            proposals.agenda(found.outline, found.statements, list(found.events), found.text)
        ),
        status_updates=tuple(found.updates),
        noise=tuple(sorted((Noise(n.kind, n.span) for n in noise), key=lambda n: n.span)),
    )
