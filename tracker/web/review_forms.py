"""What the forms of the review page say, as verdicts."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from werkzeug.datastructures import MultiDict

from tracker.errors import InvalidAnswer, NotFound
from tracker.minutes.draft import Task
from tracker.rules.deadlines import DueKind
from tracker.services.cards import DuePlan, EventCard, QuestionCard, TaskCard
from tracker.services.review import Review

Form = MultiDict[str, str]
Value = dict[str, Any]
SETTLING = ("accepted", "skipped", "choice", "same")


def verdict(review: Review, card: str, form: Form) -> Value:
    """The verdict that `form` gives on `card`.

    Raises InvalidAnswer with what to do, NotFound when there is no such card.
    """
    do = form.get("do", "")
    if do == "open":
        kept = dict(review.verdicts[card].value) if card in review.verdicts else {}
        return {
            name: value
            for name, value in kept.items()
            if name not in ("accepted", "skipped", "choice", "same")
        }
    if do == "skip":
        return {"skipped": True}
    for question in review.questions:
        if question.id == card:
            return _question(question, form)
    for task in review.tasks:
        if task.id == card:
            return {"accepted": True, "same": True} if do == "same" and task.twin else _task(task, form)
    for event in review.events:
        if event.id == card:
            return _event(event, form)
    if any(row.id == card for row in (*review.gone, *review.statuses)):
        return {"accepted": True}
    if any(row.id == card for row in (*review.decisions, *review.proposals)):
        return {"needs_follow_up": form.get("needs_follow_up") == "1"} if "needs_follow_up" in form else {}
    if any(person.id == card for person in review.people):
        return _person(form)
    if card == next_added(review):
        return _task(TaskCard(id=card, task=Task(card, None, None, ""), what=""), form)
    raise NotFound("Dette kortet finnes ikke.")


def next_added(review: Review) -> str:
    """The id of the next task that the secretary adds."""
    return f"t{sum(1 for task in review.tasks if task.added) + 1}"


def _question(card: QuestionCard, form: Form) -> Value:
    choice = form.get("choice", "")
    if choice not in [offered.value for offered in card.question.choices]:
        raise InvalidAnswer("Velg ett av svarene.", field=card.id)
    return {"choice": choice}


def _task(card: TaskCard, form: Form) -> Value:
    what = " ".join(form.get("what", card.what).split())[:500]
    if not what:
        raise InvalidAnswer("Skriv hva som skal gjøres.", field=f"{card.id}-what")
    owners = _owners(card, form)
    contributors = form.getlist("contributor") if "contributors" in form else list(card.contributors)
    return {
        "accepted": True,
        "what": what,
        "owners": owners,
        "contributors": [name[:200] for name in contributors if name and name not in owners],
        "due": _due(card, form).to_json(),
    }


def _owners(card: TaskCard, form: Form) -> list[str]:
    """Names; «-» says that nobody has it yet, which must be said and not forgotten."""
    if "owner" not in form:
        if card.owners:
            return list(card.owners)
        raise InvalidAnswer("Velg hvem som har ansvaret.", field=f"{card.id}-owner")
    named = [" ".join(name.split())[:200] for name in (*form.getlist("owner"), form.get("other_owner", ""))]
    chosen = [name for name in dict.fromkeys(named) if name and name != "-"]
    if not chosen and "-" not in named:
        raise InvalidAnswer("Velg hvem som har ansvaret.", field=f"{card.id}-owner")
    return chosen


def _due(card: TaskCard, form: Form) -> DuePlan:
    said = form.get("due", "")
    kind, _, rest = said.partition(":")
    other = form.get("other_due", "")
    if kind == "other" or (not kind and other):
        return DuePlan(kind=DueKind.DATE, on=_date(other, f"{card.id}-due"))
    if kind == "date":
        return DuePlan(kind=DueKind.DATE, on=_date(rest, f"{card.id}-due"))
    if kind == "event":
        event, _, days = rest.rpartition(":")
        if event and days.lstrip("-").isdigit() and len(days) < 6:
            return DuePlan(kind=DueKind.EVENT, event=event[:20], days=int(days))
    if kind == "next_meeting":
        return DuePlan(kind=DueKind.NEXT_MEETING)
    if kind == "none":
        return DuePlan(kind=DueKind.NONE)
    if card.due is not None and kind in ("", "text"):
        return card.due
    raise InvalidAnswer("Velg en frist, eller «Uten frist».", field=f"{card.id}-due")


def _event(card: EventCard, form: Form) -> Value:
    if "title" not in form:
        if not card.event.start:
            raise InvalidAnswer("Sett en dato, eller hopp over.", field=f"{card.id}-start")
        return {"accepted": True}
    title = " ".join(form["title"].split())[:300]
    if not title:
        raise InvalidAnswer("Skriv hva det er.", field=f"{card.id}-title")
    first = _date(form.get("start_date", ""), f"{card.id}-start")
    last = _date(form["end_date"], f"{card.id}-end") if form.get("end_date") else first
    if last < first:
        raise InvalidAnswer("Slutten kommer før begynnelsen.", field=f"{card.id}-end")
    start, end = _clock(form.get("start_time", "")), _clock(form.get("end_time", ""))
    if start and end and (last, end) <= (first, start):
        raise InvalidAnswer("Slutten kommer før begynnelsen.", field=f"{card.id}-end")
    return {
        "accepted": True,
        "title": title,
        "start": f"{first.isoformat()}T{start}" if start else first.isoformat(),
        "end": f"{last.isoformat()}T{end}" if start and end else last.isoformat(),
        "place": " ".join(form.get("place", "").split())[:300] or None,
    }


def _person(form: Form) -> Value:
    chosen = form.get("person", "")
    if chosen.isdigit() and len(chosen) < 19:
        return {"person": int(chosen)}
    return {"email": form.get("email", "").strip()[:254]}


def _date(written: str, field: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise InvalidAnswer("Velg en dato.", field=field) from None
    if not 1990 <= day.year <= 2100:
        raise InvalidAnswer("Året må være mellom 1990 og 2100.", field=field)
    return day


def _clock(written: str) -> str:
    """A time of day as "HH:MM", or nothing."""
    try:
        return time.fromisoformat(written).strftime("%H:%M") if written else ""
    except ValueError:
        return ""


def head(form: Form, review: Review) -> Value:
    """Date, times and place of the meeting; what stands when only the body was chosen.

    Raises InvalidAnswer for a date that is none.
    """
    said = review.verdicts["head"].value if "head" in review.verdicts else {}
    if "date" not in form and review.draft.meeting.date:
        return said
    value: Value = {k: v for k, v in said.items() if k == "another"}
    value |= {"date": _date(form.get("date", ""), "head-date").isoformat()}
    for name in ("start", "end"):
        value[name] = _clock(form.get(name, "")) or None
    value["place"] = " ".join(form.get("place", "").split())[:300] or None
    return value


def another(form: Form, review: Review) -> Value:
    """The head, with whether the minutes are of another meeting than those they look like."""
    said = review.verdicts["head"].value if "head" in review.verdicts else {}
    return {**said, "another": form.get("another") == "1"}
