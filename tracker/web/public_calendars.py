"""What everybody may see of a body that is open to all: its meetings, as a page and as a calendar.

The views stand on the blueprint of `calendars.py`.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.calendars.feed import read_public
from tracker.models import Deed
from tracker.rules.access import Who
from tracker.services import feeds, people, schedule
from tracker.web.access import allow, did, visit
from tracker.web.calendars import answer, blueprint


@blueprint.post("/kalender/offentlig/<int:body_id>")
@allow(Who.SECRETARY)
def open_to_all(body_id: int) -> Response:
    """Open the meetings of a body to all, or close them."""
    seen = visit()
    body = people.in_charge(seen.session, seen.mine, body_id)
    public = request.form.get("public") == "yes"
    feeds.open_to_all(seen.session, body, public)
    did(Deed.OPENED if public else Deed.CLOSED, body=body, detail="meetings")
    _ = seen.language.gettext
    said = _("Møtene i %(name)s er åpne for alle.") if public else _("Møtene i %(name)s er lukket.")
    flash(said % {"name": body.name}, "success")
    return redirect(url_for("calendars.subscribe") + "#public", 303)


@blueprint.get("/r/<slug>/<int:body_id>")
@allow(Who.ANYONE)
def public_page(slug: str, body_id: int) -> str:
    """The meetings to come, without what only members may know."""
    seen = visit()
    body = feeds.public_body(seen.session, slug, body_id)
    links = seen.program.links
    return render_template(
        "calendars/public.html",
        body=body,
        meetings=schedule.coming(seen.session, [body.id], seen.today),
        https=f"{links.public(slug, body.id)}.ics",
        webcal=f"{links.public(slug, body.id, scheme='webcal')}.ics",
    )


@blueprint.get("/r/<slug>/<int:body_id>.ics")
@allow(Who.ANYONE)
def public_feed(slug: str, body_id: int) -> Response:
    """What calendar programs fetch; caches on the way may keep it for five minutes."""
    seen = visit()
    body = feeds.public_body(seen.session, slug, body_id)
    content = read_public(seen.session, body, slug, seen.today, seen.program.links)
    return answer(content, "public, max-age=300")
