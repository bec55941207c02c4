"""Doubts about a task: nobody answers for it, no day, a vague day, a day nobody works, an offer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tracker.minutes import feasts
from tracker.minutes.doubts.ask import ask, day_in_words, short
from tracker.minutes.draft import Choice, Draft, Edit, Question, Span, Task
from tracker.minutes.findings import Findings


def unanswered(found: Findings, draft: Draft) -> Iterator[Question]:
    """OWNER_MISSING and DUE_MISSING: the task's own card asks for them, so they stand in no list."""
    for task in draft.tasks:
        name = short(task.what, 60)
        if not task.owners:
            suggested = task.suggested_owners[0] if task.suggested_owners else None
            choices = tuple(
                Choice(n, n, "Foreslått, ikke nevnt i referatet.", (Edit(task.id, "owners", [n]),))
                for n in task.suggested_owners
            )
            yield ask(
                found,
                "OWNER_MISSING",
                "review",
                f"Hvem skal ha ansvaret for «{name}»?",
                task.span,
                why="Referatet sier ikke hvem.",
                choices=choices,
                suggested=suggested,
            )
        if task.due.date is None and task.due.kind in (
            "none",
            "after-event",
            "next-meeting",
            "before-event",
            "event",
        ):
            yield ask(
                found,
                "DUE_MISSING",
                "review",
                f"Når skal «{name}» være gjort?",
                task.span,
                why="Referatet sier ingen frist.",
            )


def vague(found: Findings, draft: Draft) -> Iterator[Question]:
    """DUE_FUZZY, DUE_RELATIVE, DUE_ON_WEEKEND, DATE_ON_HOLIDAY."""
    for task in draft.tasks:
        due, span = task.due, _due_span(found, task)
        if due.kind in ("fuzzy", "recurring", "week"):
            yield ask(found, "DUE_FUZZY", "info", f"Fristen «{due.text}» er ikke en bestemt dag.", span)
        elif due.kind in ("before-event", "weekday", "after-event") and due.date:
            yield ask(
                found,
                "DUE_RELATIVE",
                "info",
                f"Fristen «{due.text}» er regnet ut: {day_in_words(due.date)}.",
                span,
            )
        if due.date and due.kind == "explicit":
            day = date.fromisoformat(due.date)
            holiday = feasts.public_holiday(day)
            if holiday and day.weekday() != 6:
                yield ask(
                    found,
                    "DATE_ON_HOLIDAY",
                    "info",
                    f"Fristen {day_in_words(day)} er en helligdag ({holiday}).",
                    span,
                )
            elif day.weekday() >= 5:
                yield ask(found, "DUE_ON_WEEKEND", "info", f"Fristen {day_in_words(day)} er i en helg.", span)


def _due_span(found: Findings, task: Task) -> Span:
    said = task.due.text or ""
    at = found.text.find(said, task.span[0], task.span[1] + 120) if said else -1
    return (at, at + len(said)) if at >= 0 else task.span


def offers(found: Findings, draft: Draft) -> Iterator[Question]:
    """OFFER_NOT_COMMITMENT: somebody offers, nobody has accepted."""
    for task in draft.tasks:
        if "offer" in task.tags:
            yield ask(
                found,
                "OFFER_NOT_COMMITMENT",
                "review",
                f"Skal tilbudet «{short(task.what, 60)}» følges opp?",
                task.span,
                why="Det er et tilbud, ikke en plikt.",
                choices=(
                    Choice("Lag én oppgave", "task"),
                    Choice("Hopp over", "skip", "", (Edit(task.id, "skip", value=True),)),
                ),
            )
