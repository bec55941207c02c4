"""Doubts about the text itself: what must not spread, what is no task, what was left out."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.minutes import dates
from tracker.minutes.doubts.ask import ask, count_in_words
from tracker.minutes.draft import Choice, Draft, Edit, Question, Span
from tracker.minutes.findings import Findings


def protected(found: Findings, draft: Draft) -> Iterator[Question]:
    """RESTRICTED and SENSITIVE_HEALTH: what must not spread."""
    for section in found.outline.sections:
        if not section.restricted:
            continue
        where = found.text.find(section.restricted[:20], section.heading.start if section.heading else 0)
        span = (
            (where, where + len(section.restricted))
            if where >= 0
            else section.heading.span
            if section.heading
            else (0, 0)
        )
        tasks = tuple(t.id for t in draft.tasks if t.case_id == section.id)
        hide = (Edit(section.id, "title", "(unntatt offentlighet)"),) if section.id else ()
        yield ask(
            found,
            "RESTRICTED",
            "must-resolve",
            f"Skal sak {section.number} skjules for andre enn de ansvarlige?",
            span,
            why="Saken er merket unntatt offentlighet.",
            choices=(
                Choice(
                    "Ja, skjul den",
                    "hide",
                    "Tittel og tekst vises ikke i kalender, e-post, søk og åpne sider.",
                    hide,
                ),
                Choice(
                    "Bare teksten er unntatt",
                    "title",
                    "Tittelen «" + (section.title.text if section.title else "") + "» vises.",
                ),
            ),
            suggested="hide",
            blocks=tasks + ((section.id,) if section.id else ()),
        )
    pattern = found.words.pattern("health")
    spans = [
        (s.piece.start + m.start(), s.piece.start + m.end())
        for s in found.statements
        if found.thread.is_mail
        or any(m.kind in ("person", "unknown") for m in found.people.mentions(s.piece))
        for m in pattern.finditer(s.piece.low)
    ]
    if spans:
        yield ask(
            found,
            "SENSITIVE_HEALTH",
            "must-resolve",
            "Referatet sier noe om helse. Skal det lagres?",
            spans[0],
            why="Helseopplysninger skal ikke ligge i registeret, kalenderen eller e-post.",
            quotes=tuple(spans[1:]),
            choices=(
                Choice("Nei, la det bli ute", "leave-out", "Ordene brukes ikke i noe forslag."),
                Choice("Jeg retter referatet først", "correct"),
            ),
            suggested="leave-out",
        )


_NOISE = {
    "page-header": ("PAGE_HEADER_NOISE", "Sidetopptekst"),
    "quoted": ("QUOTED_TEXT", "Eldre, sitert tekst"),
    "footer": ("NOISE", "Standardtekst"),
}


def remarks(found: Findings, draft: Draft) -> Iterator[Question]:
    """What is worth a mention and no more: noise left out, wishes, attachments, an unofficial text."""
    unofficial = found.words.pattern("unofficial")
    for statement in found.statements:
        match = unofficial.search(statement.piece.low)
        if match:
            span = (statement.piece.start + match.start(), statement.piece.start + match.end())
            yield ask(
                found,
                "UNOFFICIAL",
                "review",
                "Er dette det endelige referatet?",
                span,
                why="Teksten sier at et referat kommer senere. Det kan legges inn da uten at noe dobles.",
                choices=(Choice("Nei, foreløpig", "draft"), Choice("Ja", "final")),
                suggested="draft",
            )
            break
    for noise in {n.kind: n for n in reversed(draft.noise)}.values():
        if noise.kind in _NOISE:
            code, name = _NOISE[noise.kind]
            yield ask(found, code, "info", f"{name} er holdt utenfor.", noise.span)


def ending(found: Findings, draft: Draft) -> Iterator[Question]:
    """END_TIME_DIFFERS: the meeting ended at another time than it was called to."""
    planned = draft.meeting.end
    for paragraph in found.outline.tail:
        clock = dates.times(paragraph.low, found.words.language)
        if not planned or not clock or not found.words.pattern("closed").match(paragraph.low):
            continue
        if clock.start != planned:
            said, before = clock.start.replace(":", "."), planned.replace(":", ".")
            choice = Choice("Bruk det som står sist", clock.start, "", (Edit("meeting", "end", clock.start),))
            text = f"Møtet sluttet kl. {said}, ikke {before}."
            yield ask(found, "END_TIME_DIFFERS", "info", text, paragraph.piece.span, choices=(choice,))
        return


def wishes(found: Findings, draft: Draft) -> Iterator[Question]:
    taken = {t.span for t in draft.tasks}
    pattern = found.words.pattern("wish_modal")
    spans: list[Span] = []
    for statement in found.statements:
        match = pattern.search(statement.piece.low)
        if match and statement.piece.span not in taken:
            span = (statement.piece.start + match.start(), statement.piece.end)
            spans.append(span)
    if spans:
        said = "Et ønske" if len(spans) == 1 else f"{count_in_words(len(spans)).capitalize()} ønsker"
        tail = "ikke en oppgave" if len(spans) == 1 else "ikke oppgaver"
        yield ask(
            found, "NOT_AN_ACTION", "info", f"{said} i drøftingen, {tail}.", spans[0], quotes=tuple(spans[1:])
        )
