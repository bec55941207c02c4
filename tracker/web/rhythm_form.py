"""The rhythm of reminders as a form holds it, and as a list of days shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from tracker.language import Language
from tracker.rules import workdays
from tracker.rules.reminders import Rhythm, Step, steps

# (least, most) of each number. The furthest step must lie within the horizons of rules/reminders.py,
# a month to spare for a server that was away.
LIMITS = {
    "days_before": (0, 45),
    "working_days_before": (0, 10),
    "overdue_after": (0, 20),
    "overdue_every": (1, 21),
    "overdue_most": (0, 3),
}
MOST_ACCEPTED = 30  # days that people may move a deadline by themselves
EARLIEST, LATEST = time(5, 0), time(20, 0)  # nobody wants mail at night


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of «Slik blir det»: what goes when. `moved_from`: the day off it would have fallen on."""

    step: Step
    on: date
    moved_from: date | None


def written(rhythm: Rhythm) -> dict[str, str]:
    """The form that shows a rhythm."""
    numbers = {name: str(getattr(rhythm, name)) for name in LIMITS}
    return numbers | {
        "hour": f"{rhythm.hour:%H:%M}",
        "on_assignment": "1" if rhythm.on_assignment else "",
    }


def read(form: Mapping[str, str], tongue: Language) -> tuple[Rhythm | None, dict[str, str]]:
    """The rhythm that a form holds, or what is wrong with it: {field: sentence}."""
    errors: dict[str, str] = {}
    values: dict[str, int] = {}
    for name, (least, most) in LIMITS.items():
        given = form.get(name, "").strip()
        if given.isascii() and given.isdigit() and least <= int(given[:4]) <= most:
            values[name] = int(given[:4])
        else:
            errors[name] = _out_of_range(name, least, most, tongue)
    hour = _hour(form.get("hour", ""))
    if hour is None:
        errors["hour"] = tongue.gettext("Velg et klokkeslett fra 05.00 til 20.00.")
    if not errors and 0 < values["days_before"] <= values["working_days_before"]:
        errors["days_before"] = tongue.gettext("Den første påminnelsen må komme før den andre.")
    if errors or hour is None:
        return None, errors
    return Rhythm(on_assignment="on_assignment" in form, hour=hour, **values), {}


def accept_days(form: Mapping[str, str], tongue: Language) -> tuple[int, dict[str, str]]:
    """How many days people may move a deadline without asking, or what is wrong with it."""
    given = form.get("accept_days", "0").strip()
    if given.isascii() and given.isdigit() and int(given[:4]) <= MOST_ACCEPTED:
        return int(given[:4]), {}
    said = tongue.gettext("Ny frist: skriv et tall fra %(least)d til %(most)d.")
    return 0, {"accept_days": said % {"least": 0, "most": MOST_ACCEPTED}}


def _out_of_range(name: str, least: int, most: int, tongue: Language) -> str:
    said = {
        "days_before": tongue.gettext("Første gang: skriv et tall fra %(least)d til %(most)d."),
        "working_days_before": tongue.gettext("Andre gang: skriv et tall fra %(least)d til %(most)d."),
        "overdue_after": tongue.gettext("Purring: skriv et tall fra %(least)d til %(most)d."),
        "overdue_every": tongue.gettext("Mellomrom: skriv et tall fra %(least)d til %(most)d."),
        "overdue_most": tongue.gettext("Høyst: skriv et tall fra %(least)d til %(most)d."),
    }
    return said[name] % {"least": least, "most": most}


def _hour(given: str) -> time | None:
    try:
        chosen = time.fromisoformat(given)
    except ValueError:
        return None
    plain = chosen.tzinfo is None and EARLIEST <= chosen <= LATEST
    return chosen.replace(second=0, microsecond=0) if plain else None


def timeline(due_on: date, rhythm: Rhythm) -> list[Moment]:
    """The steps of an example task, each with the day off that it was moved away from."""
    plain = {Step.BEFORE: due_on - timedelta(days=rhythm.days_before)}
    notices = [due for due in steps(due_on, rhythm) if due.step.overdue]
    if notices:
        first = workdays.add(due_on, rhythm.overdue_after)
        for number, due in enumerate(notices):
            plain[due.step] = first + timedelta(days=rhythm.overdue_every * number)
    return [
        Moment(due.step, due.on, plain[due.step] if plain.get(due.step, due.on) != due.on else None)
        for due in steps(due_on, rhythm)
    ]
