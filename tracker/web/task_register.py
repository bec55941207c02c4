"""The register of tasks: filters in the address, what is seen as a file, and changes of the marked ones.

The views stand on the blueprint of `tasks.py`.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from tracker.errors import InvalidAnswer
from tracker.models import BulkChange, Person
from tracker.rules.access import Who
from tracker.services import bulk, choices, people, sheets, task_file, task_register
from tracker.services.bulk import Order, What
from tracker.services.task_register import Filter
from tracker.web import task_view
from tracker.web.access import allow, visit
from tracker.web.decisions import handed_out
from tracker.web.tasks import Page, blueprint


@blueprint.get("/oppgaver/alle")
@allow(Who.MEMBER)
def register() -> str:
    """The tasks that the filters choose, fifty a page."""
    return _register_page()


@blueprint.get("/oppgaver.csv", defaults={"kind": "csv"})
@blueprint.get("/oppgaver.xlsx", defaults={"kind": "xlsx"})
@blueprint.get("/oppgaver.json", defaults={"kind": "json"})
@allow(Who.MEMBER)
def file(kind: str) -> Response | tuple[str, int]:
    """What the filters choose, as it is seen, in a file."""
    seen = visit()
    found = task_register.every(
        seen.session, seen.mine, filter_of(request.args), seen.today, seen.language.sort_key
    )
    if found is None:
        text = seen.language.gettext("En fil kan ha høyst 10 000 oppgaver. Avgrens utvalget, og prøv igjen.")
        return _register_page({"q": text}), 422
    rows = task_file.rows(found, seen.today, seen.language)
    return handed_out(kind, sheets.written(kind, task_file.columns(seen.language), rows), "oppgaver")


@blueprint.get("/oppgaver/merkede")
@allow(Who.SECRETARY)
def marked() -> Page:
    """What can be done with the marked tasks, each with its consequence."""
    ids = [int(number) for number in request.args.getlist("oppgave") if number.isdigit() and len(number) < 10]
    return _marked_page(ids)


@blueprint.post("/oppgaver/merkede")
@allow(Who.SECRETARY)
def change_marked() -> Page:
    """Do it to all of them, and offer to take it back."""
    seen, form = visit(), request.form
    versions = _versions(form.getlist("oppgave"))
    try:
        outcome = bulk.change(seen.session, seen.mine, seen.me, versions, _order(form), seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _marked_page(sorted(versions), {fault.field or "oppgaver": seen.language.explain(fault)})
    wanted = filter_of(_query(form.get("utvalg", "")))
    there = address(wanted, endring=outcome.change.id, urort=outcome.left)
    return redirect(there, 303)


@blueprint.post("/oppgaver/merkede/<int:change_id>/angring")
@allow(Who.SECRETARY)
def undo_marked(change_id: int) -> Answer:
    """Take a change of many tasks back."""
    seen = visit()
    outcome = bulk.undo(seen.session, seen.mine, seen.me, change_id, seen.now)
    wanted = filter_of(_query(request.form.get("utvalg", "")))
    return redirect(address(wanted, angret=outcome.changed or "0", urort=outcome.left), 303)


def filter_of(given: MultiDict[str, str]) -> Filter:
    """The selection that an address names; what makes no sense in it is left out."""
    state, sort = given.get("status", ""), given.get("sorter", "")
    return Filter(
        words=given.get("q", "")[:200].replace("\0", ""),
        body_id=task_view.number(given, "organ"),
        owner_id=task_view.number(given, "ansvarlig"),
        meeting_id=task_view.number(given, "mote"),
        state=state if state in task_register.STATES else task_register.STATES[0],
        due_from=task_view.day(given, "fra"),
        due_to=task_view.day(given, "til"),
        sort=sort if sort in task_register.SORTS else task_register.SORTS[0],
    )


def address(wanted: Filter, endpoint: str = "tasks.register", **more: str | int) -> str:
    """The address of a selection, with `more` (sorting, page)."""
    given: dict[str, str | int | None] = {
        "q": wanted.words,
        "organ": wanted.body_id,
        "ansvarlig": wanted.owner_id,
        "mote": wanted.meeting_id,
        "status": "" if wanted.state == task_register.STATES[0] else wanted.state,
        "fra": wanted.due_from.isoformat() if wanted.due_from else "",
        "til": wanted.due_to.isoformat() if wanted.due_to else "",
        "sorter": "" if wanted.sort == task_register.SORTS[0] else wanted.sort,
    }
    chosen = {name: str(value) for name, value in (given | more).items() if value}
    return url_for(endpoint, _external=False, **chosen)


def query_of(wanted: Filter) -> str:
    """A selection as the query of its address."""
    return address(wanted).partition("?")[2]


def _query(written: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(written[:2000]))


def _versions(given: list[str]) -> dict[int, int]:
    """The marked tasks, each as «number:version»."""
    pairs = (one.partition(":") for one in given)
    return {
        int(number): int(version)
        for number, _, version in pairs
        if number.isdigit() and version.isdigit() and len(number) < 10 and len(version) < 10
    }


def _order(form: MultiDict[str, str]) -> Order:
    """What a form of the page with the marked tasks asks for. Raises InvalidAnswer."""
    seen, asked = visit(), form.get("gjor", "")
    if asked not in list(What):
        raise InvalidAnswer("Velg hva du vil gjøre.", field="oppgaver")
    to: Person | None = None
    if asked == What.OWNER and (number := task_view.number(form, "ansvarlig")):
        to = people.person_of(seen.session, seen.mine.organisation_id, number)
    return Order(
        What(asked),
        on=task_view.day(form, "frist"),
        to=to,
        reason=form.get("grunn", ""),
        sure="sikker" in form,
    )


def _register_page(errors: dict[str, str] | None = None) -> str:
    seen, wanted = visit(), filter_of(request.args)
    page = task_view.number(request.args, "side") or 1
    further, tongue = wanted.further or "flere" in request.args, seen.language
    offered = choices.offered(seen.session, seen.mine, wanted, further=further)
    return render_template(
        "tasks/register.html",
        wanted=wanted,
        found=task_register.find(seen.session, seen.mine, wanted, seen.today, page, seen.language.sort_key),
        choices=offered,
        bodies=sorted(offered.bodies, key=lambda body: tongue.sort_key(body[1])),
        further=further,
        meetings=offered.dated(tongue.date_numeric),
        people=sorted(offered.people, key=lambda person: tongue.sort_key(person[1])),
        may_manage=seen.mine.may_manage,
        everything=address(Filter(state="all")),
        address=address,
        query=query_of(wanted),
        change=_just_changed(),
        undone=request.args.get("angret", ""),
        left=task_view.number(request.args, "urort"),
        errors=errors or {},
    )


def _just_changed() -> BulkChange | None:
    seen, number = visit(), task_view.number(request.args, "endring")
    return bulk.undoable(seen.session, seen.me, number, seen.now) if number else None


def _marked_page(ids: list[int], errors: dict[str, str] | None = None) -> Page:
    seen = visit()
    try:
        tasks = bulk.marked(seen.session, seen.mine, ids)
    except InvalidAnswer as fault:
        return _register_page({fault.field or "oppgaver": seen.language.explain(fault)}), 422
    everyone = people.everyone(seen.session, seen.mine.organisation_id)
    page = render_template(
        "tasks/marked.html",
        tasks=tasks,
        still_open=[task for task in tasks if task.is_open],
        people=sorted(((p.id, p.name) for p in everyone), key=lambda p: seen.language.sort_key(p[1])),
        query=query_of(filter_of(_query(request.values.get("utvalg", "")))),
        given=request.form,
        errors=errors or {},
    )
    return (page, 422) if errors else page
