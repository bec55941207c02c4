"""Where one is signed in, and ending that. On the blueprint of settings."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from tracker.links import hashed
from tracker.rules.access import Who
from tracker.services import sign_in
from tracker.web.access import allow, visit
from tracker.web.settings import blueprint


@blueprint.get("/innstillinger/innlogginger")
@allow(Who.MEMBER)
def sessions() -> str:
    """The browsers in which one is signed in."""
    seen = visit()
    return render_template(
        "settings/sessions.html",
        sessions=sign_in.sessions(seen.session, seen.me, seen.now),
        current=hashed(session["key"]),
        lasts=sign_in.SESSION_LASTS.days,
    )


@blueprint.post("/innstillinger/innlogginger/<int:key_id>/avslutning")
@allow(Who.MEMBER)
def end_session(key_id: int) -> Response:
    """Sign out there; if that is here, too."""
    seen = visit()
    ended = sign_in.end_session(seen.session, seen.me, key_id, seen.now)
    if ended.sha256 == hashed(session["key"]):
        session.clear()
        return redirect(url_for("sign_in.ask"), 303)
    flash(seen.language.gettext("Du er logget ut der."))
    return redirect(url_for("settings.sessions"), 303)


@blueprint.post("/innstillinger/innlogginger/andre/avslutning")
@allow(Who.MEMBER)
def end_others() -> Response:
    """Sign out everywhere but here."""
    seen = visit()
    count = sign_in.end_others(seen.session, seen.me, session["key"], seen.now)
    said = seen.language.ngettext(
        "%(num)d innlogging er avsluttet.", "%(num)d innlogginger er avsluttet.", count
    )
    flash(said % {"num": count})
    return redirect(url_for("settings.sessions"), 303)
