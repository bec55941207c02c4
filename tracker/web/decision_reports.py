"""«Oppfølging av tidligere vedtak» for the bodies and the period one chooses: a page, PDF, Word, CSV."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from tracker.rules.access import Who
from tracker.services import decision_report, register, report_files, spreadsheet
from tracker.services.counts import State
from tracker.services.decision_report import OPEN, SINCE, TERM, DecisionReport
from tracker.web import task_view
from tracker.web.access import allow, did_fetch, visit
from tracker.web.reports import blueprint

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/rapporter/vedtak")
@allow(Who.MEMBER)
def decided() -> str:
    """The report on a page."""
    seen, report = visit(), _report()
    years = [str(year) for year in register.years(seen.session, seen.mine)]
    choices = [decision_report.period(key, seen.today) for key in (SINCE, OPEN, *years, TERM)]
    return render_template(
        "reports/decided.html",
        report=report,
        summary=report_files.summary(report, seen.language),
        columns=spreadsheet.COLUMNS,
        bodies=[(body.id, body.name) for body in report.all_bodies],
        periods=[(choice.key, choice.name(seen.language)) for choice in choices],
        body_id=task_view.number(request.args, "organ"),
        state=State,
        address=_address,
        on_paper=request.args.get("utskrift") == "1",
    )


@blueprint.get("/rapporter/vedtak.pdf")
@allow(Who.MEMBER)
def decided_pdf() -> Response:
    """The report to print or send: PDF/UA-1."""
    return _file(report_files.pdf(_sheet()), "application/pdf", "pdf")


@blueprint.get("/rapporter/vedtak.docx")
@allow(Who.MEMBER)
def decided_docx() -> Response:
    """The report to go on writing in."""
    return _file(report_files.docx(_sheet()), WORD, "docx")


@blueprint.get("/rapporter/vedtak.csv")
@allow(Who.MEMBER)
def decided_csv() -> Response:
    """The report for a spreadsheet."""
    return _file(report_files.csv(_report(), visit().language), "text/csv", "csv")


def _report() -> DecisionReport:
    seen = visit()
    wanted = decision_report.period(request.args.get("periode", ""), seen.today)
    body_id = task_view.number(request.args, "organ")
    return decision_report.report(seen.session, seen.mine, body_id, wanted, seen.today, seen.language)


def _sheet() -> report_files.Sheet:
    seen = visit()
    assert seen.organisation is not None
    return report_files.sheet_of(_report(), seen.organisation.name, seen.language)


def _file(content: bytes, kind: str, ending: str) -> Response:
    response, name = Response(content, mimetype=kind), f"oppfolging-{visit().today}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    did_fetch(response, name)
    return response


def _address(endpoint: str, **more: str) -> str:
    """The same report as something else."""
    given = {name: request.args.get(name, "") for name in ("organ", "periode")}
    chosen = {name: value for name, value in (given | more).items() if value}
    return url_for(endpoint, _external=False, **chosen)
