"""The year of the council: charts with their tables beside them."""

from __future__ import annotations

from flask import render_template, request

from tracker.errors import NotFound
from tracker.rules.access import Who
from tracker.services import yearly
from tracker.web import charts
from tracker.web.access import allow, visit
from tracker.web.reports import blueprint


@blueprint.get("/rapporter/aar/<int:year>")
@allow(Who.MEMBER)
def whole_year(year: int) -> str:
    """What was decided, done and late, month by month, per body, and beside the years before."""
    seen = visit()
    if not 1900 <= year <= 2200:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    found = yearly.year(seen.session, seen.mine, year, seen.today, seen.language)
    return render_template(
        "reports/year.html",
        found=found,
        months=charts.columns([(seen.language.month_short(first), each) for first, each in found.months]),
        years=charts.columns([(str(each), numbers) for each, numbers in found.years]),
        bodies=list(zip(found.bodies, charts.lengths([n for _body, n in found.bodies]), strict=True)),
        on_paper=request.args.get("utskrift") == "1",
    )
