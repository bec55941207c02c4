"""Who did what: for secretaries, by person and period. On the blueprint of settings."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template, request

from tracker.rules.access import Who
from tracker.services import audit, people
from tracker.services.audit import Filter
from tracker.web.access import allow, visit
from tracker.web.people import HIGHEST_ROW
from tracker.web.settings import blueprint

USUALLY = timedelta(days=30)


@blueprint.get("/innstillinger/logg")
@allow(Who.SECRETARY)
def log() -> str:
    """The log, fifty rows a page."""
    seen, given = visit(), request.args
    last = _day("til") or seen.today
    person = given.get("person", type=int)
    wanted = Filter(
        person_id=min(person, HIGHEST_ROW) if person is not None else None,
        first=_day("fra") or last - USUALLY,
        last=last,
    )
    everyone = people.everyone(seen.session, seen.me.organisation_id)
    return render_template(
        "settings/log.html",
        listing=audit.listing(seen.session, seen.mine, wanted, given.get("side", 1, type=int)),
        wanted=wanted,
        people=[(p.id, p.name) for p in sorted(everyone, key=lambda p: seen.language.sort_key(p.name))],
        months=seen.program.settings.audit_months,
    )


def _day(field: str) -> date | None:
    """A day that can be counted from and to; None for anything else."""
    try:
        given = date.fromisoformat(request.args.get(field, ""))
    except ValueError:
        return None
    return given if 1900 <= given.year <= 2200 else None
