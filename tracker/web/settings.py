"""Settings: the rhythm of reminders per body, one's own pause and language."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.clock import local
from tracker.errors import InvalidAnswer
from tracker.language import LANGUAGES, language
from tracker.models import Body, Deed
from tracker.rules import workdays
from tracker.rules.access import Who
from tracker.rules.reminders import Rhythm
from tracker.services import directory, forecast, pauses, people
from tracker.web import rhythm_form
from tracker.web.access import allow, did, visit
from tracker.web.people import LANGUAGE_NAMES, chosen_date, own_bodies, whole_number

blueprint = Blueprint("settings", __name__)

EXAMPLE_AHEAD = timedelta(days=21)
Page = Response | tuple[str, int]


@blueprint.get("/innstillinger")
@allow(Who.MEMBER)
def index() -> str:
    """What can be set, and how it is now."""
    bodies = own_bodies() if visit().mine.is_secretary else []
    return render_template(
        "settings/index.html",
        bodies=bodies,
        languages=dict(LANGUAGE_NAMES),
        mail_host=visit().program.settings.mail.host,
    )


@blueprint.get("/innstillinger/paaminnelser")
@allow(Who.SECRETARY)
def reminders() -> str:
    """The rhythm of a body, and the mails it gives."""
    bodies = own_bodies()
    body = _body(request.args.get("organ", ""), bodies)
    given = rhythm_form.written(body.rhythm) | {"accept_days": str(body.accept_days)}
    return _rhythm_page(body, bodies, body.rhythm, given, {})


@blueprint.post("/innstillinger/paaminnelser/visning")
@allow(Who.SECRETARY)
def preview() -> Page:
    """The mails that the numbers in the form would give; nothing is written."""
    bodies = own_bodies()
    body = _body(request.form.get("organ", ""), bodies)
    rhythm, errors = rhythm_form.read(request.form, visit().language)
    html = _rhythm_page(body, bodies, rhythm or body.rhythm, dict(request.form), errors)
    return (html, 422) if errors else (html, 200)


@blueprint.post("/innstillinger/paaminnelser")
@allow(Who.SECRETARY)
def set_rhythm() -> Page:
    """Store the rhythm of a body."""
    seen, bodies = visit(), own_bodies()
    body = _body(request.form.get("organ", ""), bodies)
    rhythm, errors = rhythm_form.read(request.form, visit().language)
    days, more = rhythm_form.accept_days(request.form, visit().language)
    if rhythm is None or more:
        return _rhythm_page(body, bodies, body.rhythm, dict(request.form), errors | more), 422
    body.rhythm, body.accept_days = rhythm, days
    did(Deed.SETTINGS, body=body, detail="reminders")
    said = seen.language.gettext("Lagret kl. %(time)s. Gjelder fra neste morgen.")
    flash(said % {"time": seen.language.clock(local(seen.now).time())})
    return redirect(url_for("settings.reminders", organ=body.id), 303)


@blueprint.get("/innstillinger/pause")
@allow(Who.MEMBER)
def pause() -> str:
    """One's own pause from reminders."""
    me, now = visit().me, visit().today
    running = me.pause_until is not None and me.pause_until >= now
    given = {
        "from": request.args.get("fra") or (_iso(me.pause_from) if running else ""),
        "until": request.args.get("til") or (_iso(me.pause_until) if running else ""),
    }
    return _pause_page(given, {})


@blueprint.post("/innstillinger/pause")
@allow(Who.MEMBER)
def set_pause() -> Page:
    """Store the pause."""
    seen = visit()
    try:
        directory.set_pause(seen.session, seen.me, chosen_date("from"), chosen_date("until"), seen.today)
    except InvalidAnswer as fault:
        given = {field: request.form.get(field, "") for field in ("from", "until")}
        return _pause_page(given, {fault.field: seen.language.explain(fault)}), 422
    flash(seen.language.gettext("Pausen er lagret."))
    return redirect(url_for("settings.pause"), 303)


@blueprint.post("/innstillinger/pause/slutt")
@allow(Who.MEMBER)
def resume() -> Response:
    """Reminders go again."""
    seen = visit()
    pauses.resume(seen.session, seen.me)
    flash(seen.language.gettext("Pausen er slutt. Du får påminnelser igjen."))
    return redirect(url_for("settings.pause"), 303)


@blueprint.get("/innstillinger/meg")
@allow(Who.MEMBER)
def me() -> str:
    """One's own language, and how many mails a morning."""
    return _own_page(visit().me.language, {})


@blueprint.post("/innstillinger/meg")
@allow(Who.MEMBER)
def set_me() -> Page:
    """Store the language; the next page is in it."""
    seen, chosen = visit(), request.form.get("language", "")
    if chosen not in LANGUAGES:
        return _own_page(seen.me.language, {"language": seen.language.gettext("Velg et språk.")}), 422
    seen.me.language, seen.me.bundled = chosen, request.form.get("bundled") != "0"
    seen.me.shortcuts = request.form.get("shortcuts") != "0"
    flash(language(chosen).gettext("Lagret."))
    return redirect(url_for("settings.me"), 303)


def _body(chosen: str, bodies: list[Body]) -> Body:
    """The body asked for, else the first of those that the secretary manages."""
    seen = visit()
    if not chosen:
        return bodies[0]
    number = whole_number(chosen, InvalidAnswer("Velg et organ.", field="organ"))
    return people.in_charge(seen.session, seen.mine, number)


def _rhythm_page(
    body: Body, bodies: list[Body], rhythm: Rhythm, given: dict[str, str], errors: dict[str, str]
) -> str:
    seen = visit()
    due_on = workdays.on_or_after(seen.today + EXAMPLE_AHEAD)
    found = people.secretaries(seen.session, body, seen.today)
    return render_template(
        "settings/reminders.html",
        body=body,
        bodies=[(each.id, each.name) for each in bodies],
        given=given,
        errors=errors,
        limits=rhythm_form.LIMITS,
        rhythm=rhythm,
        due_on=due_on,
        timeline=rhythm_form.timeline(due_on, rhythm),
        secretary=found[0].name if found else seen.me.name,
        coming=forecast.forecast(seen.session, body, rhythm, seen.now),
        most_accepted=rhythm_form.MOST_ACCEPTED,
    )


def _pause_page(given: dict[str, str], errors: dict[str, str]) -> str:
    seen, me = visit(), visit().me
    running = me.pause_until is not None and me.pause_until >= seen.today
    held_back = 0
    if running and me.pause_from is not None and me.pause_until is not None:
        first = max(me.pause_from, seen.today)
        held_back = directory.reminders_within(seen.session, me, first, me.pause_until)
    return render_template(
        "settings/pause.html",
        given=given,
        errors=errors,
        running=running,
        person=me,
        held_back=held_back,
        resumes_on=directory.resumes_on(me.pause_until) if running and me.pause_until else None,
        breaks=_breaks(seen.today),
    )


def _own_page(chosen: str, errors: dict[str, str]) -> str:
    return render_template(
        "settings/me.html", chosen=chosen, errors=errors, languages=LANGUAGE_NAMES, person=visit().me
    )


def _breaks(today: date) -> list[tuple[str, date, date]]:
    """The next Easter, summer and Christmas: when most people want a pause."""
    found = []
    for year in (today.year, today.year + 1):
        easter_monday = next(
            day
            for offset in range(40)
            if workdays.holiday_name(day := date(year, 3, 22) + timedelta(days=offset + 1))
            == "Andre påskedag"
        )
        found += [
            ("easter", easter_monday - timedelta(days=9), easter_monday),
            ("summer", date(year, 7, 1), date(year, 7, 31)),
            ("christmas", date(year, 12, 23), date(year + 1, 1, 1)),
        ]
    coming = [one for one in found if one[2] >= today]
    return coming[:3]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


from tracker.web import audit, merging, personal, sessions  # noqa: E402, F401 - their views stand on the same blueprint
