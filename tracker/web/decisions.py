"""Decisions: the register, one decision, and a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from tracker.rules.access import Who
from tracker.services import choices, register, sheets, spreadsheet
from tracker.services.register import Filter
from tracker.services.standing import Standing, decision_state
from tracker.web import charts, task_view
from tracker.web.access import allow, did_fetch, visit

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/vedtak")
@allow(Who.MEMBER)
def index() -> str:
    """Search and filters, fifty a page."""
    return _index_page()


def _index_page(errors: dict[str, str] | None = None) -> str:
    seen, wanted = visit(), _filter()
    page = task_view.number(request.args, "side") or 1
    found = register.search(seen.session, seen.mine, wanted, seen.today, page)
    further = wanted.further or "flere" in request.args
    offered = choices.offered(seen.session, seen.mine, wanted, "decisions", further=further)
    by_name = seen.language.sort_key
    standings = {d.id: found.standings.get(d.id, Standing()) for d in found.decisions}
    return render_template(
        "decisions/index.html",
        wanted=wanted,
        found=found,
        choices=offered,
        body_names=dict(offered.bodies),
        bodies=sorted(offered.bodies, key=lambda body: by_name(body[1])),
        further=further,
        meetings=offered.dated(seen.language.date_numeric),
        people=sorted(offered.people, key=lambda person: by_name(person[1])),
        years=[(year, year) for year in register.years(seen.session, seen.mine)] if further else [],
        standings=standings,
        states={d.id: standings[d.id].state(needs_follow_up=d.needs_follow_up) for d in found.decisions},
        bars={number: charts.progress(standing.counts) for number, standing in standings.items()},
        address=_address,
        query=_address(wanted).partition("?")[2],
        errors=errors or {},
    )


@blueprint.get("/vedtak/<int:decision_id>")
@allow(Who.MEMBER)
def show(decision_id: int) -> str:
    """One decision in its own words, and what came of it."""
    return decision_page(decision_id)


def decision_page(decision_id: int, errors: dict[str, str] | None = None) -> str:
    """The decision's page, also after a comment that couldn't be taken."""
    seen = visit()
    decision = register.decision_of(seen.session, seen.mine, decision_id)
    history = sorted(
        ((row, task) for task in decision.tasks for row in task.history),
        key=lambda pair: (pair[0].at, pair[0].id),
        reverse=True,
    )
    return render_template(
        "decisions/show.html",
        decision=decision,
        item=decision.agenda_item,
        meeting=decision.agenda_item.meeting,
        manage=seen.mine.may_manage(decision.agenda_item.meeting.body_id),
        state=decision_state(decision, seen.today),
        history=history,
        errors=errors or {},
    )


@blueprint.get("/vedtak.csv", defaults={"kind": "csv"})
@blueprint.get("/vedtak.xlsx", defaults={"kind": "xlsx"})
@blueprint.get("/vedtak.json", defaults={"kind": "json"})
@allow(Who.MEMBER)
def export(kind: str) -> Response | tuple[str, int]:
    """What the filters chose, as it is seen, in a file."""
    seen = visit()
    chosen = register.every(seen.session, seen.mine, _filter(), seen.today)
    if chosen is None:
        text = seen.language.gettext("En fil kan ha høyst 10 000 vedtak. Avgrens utvalget, og prøv igjen.")
        return _index_page({"q": text}), 422
    columns = [seen.language.gettext(name) for name in spreadsheet.COLUMNS]
    rows = (spreadsheet.decision_row(decision, seen.today, seen.language) for decision in chosen)
    return handed_out(kind, sheets.written(kind, columns, rows), "vedtak")


def handed_out(kind: str, content: bytes, name: str) -> Response:
    """A file to download, noted in the log."""
    answer = Response(content, mimetype=sheets.MIMETYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{visit().today}.{kind}"'
    did_fetch(answer, f"{name}-{visit().today}.{kind}")
    return answer


def csv(content: bytes, name: str) -> Response:
    """A spreadsheet to download."""
    return handed_out("csv", content, name)


def _filter() -> Filter:
    given = request.args
    year = task_view.number(given, "aar")
    return Filter(
        words=given.get("q", "")[:200],
        body_id=task_view.number(given, "organ"),
        year=year if 1900 <= year <= 2200 else 0,
        state=given.get("status", ""),
        follow_up=given.get("oppfolging", ""),
        owner_id=task_view.number(given, "ansvarlig"),
        meeting_id=task_view.number(given, "mote"),
        due_from=task_view.day(given, "fra"),
        due_to=task_view.day(given, "til"),
        sort=given.get("sorter", register.SORTS[0]),
    )


def _address(wanted: Filter, endpoint: str = "decisions.index", **changes: str | int) -> str:
    """The address of the same search with `changes` (page, sorting)."""
    given = {
        "q": wanted.words,
        "organ": wanted.body_id,
        "aar": wanted.year,
        "status": wanted.state,
        "oppfolging": wanted.follow_up,
        "ansvarlig": wanted.owner_id,
        "mote": wanted.meeting_id,
        "fra": wanted.due_from.isoformat() if wanted.due_from else "",
        "til": wanted.due_to.isoformat() if wanted.due_to else "",
        "sorter": "" if wanted.sort == register.SORTS[0] else wanted.sort,
    }
    chosen = {name: str(value) for name, value in (given | changes).items() if value}
    return url_for(endpoint, _external=False, **chosen)
