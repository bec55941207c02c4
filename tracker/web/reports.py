"""The status: of all bodies, or before one meeting; on the screen, on paper, in a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from tracker.models import Meeting, MeetingKind
from tracker.rules.access import Who
from tracker.services import counts, reports, schedule, spreadsheet
from tracker.services.reports import Report
from tracker.web import charts
from tracker.web.access import allow, visit
from tracker.web.decisions import csv

blueprint = Blueprint("reports", __name__)
ON_A_PAGE = 200  # tasks; where there are more, the page says so and shows the first OF_MANY
OF_MANY = 50


@blueprint.get("/status")
@allow(Who.MEMBER)
def status() -> str:
    """All bodies that the reader may see."""
    return _page(_report(most=ON_A_PAGE, of_many=OF_MANY))


@blueprint.get("/status/<int:meeting_id>")
@allow(Who.MEMBER)
def meeting(meeting_id: int) -> str:
    """The body of the meeting, since it last met."""
    return _page(_report(_meeting(meeting_id), ON_A_PAGE, OF_MANY))


@blueprint.get("/status.csv")
@allow(Who.MEMBER)
def status_csv() -> Response:
    """All bodies, for a spreadsheet."""
    return _csv(_report())


@blueprint.get("/status/<int:meeting_id>.csv")
@allow(Who.MEMBER)
def meeting_csv(meeting_id: int) -> Response:
    """The body of the meeting, for a spreadsheet."""
    return _csv(_report(_meeting(meeting_id)))


def _meeting(meeting_id: int) -> Meeting:
    seen = visit()
    return schedule.meeting_of(seen.session, seen.mine, meeting_id)


def _report(about: Meeting | None = None, most: int = reports.MOST_TASKS, of_many: int = 0) -> Report:
    seen = visit()
    return reports.report(seen.session, seen.mine, seen.today, about, most, of_many)


def _page(report: Report) -> str:
    seen = visit()
    bodies = [body.id for body in report.bodies]
    coming = schedule.coming(seen.session, seen.mine.organisation_id, bodies, seen.today, most=10)
    meetings = [m for m in coming if m.kind is MeetingKind.MEETING]
    over_time, tasks = report.over_time, report.tasks
    if report.more:  # not twice on a page that can't hold them all
        above = {task.id for task in report.to_settle}
        tasks = [task for task in tasks if task.id not in above]
    return render_template(
        "reports/status.html",
        report=report,
        counts=report.counts,
        states={task.id: counts.state_of(task, seen.today) for task in report.known},
        listed=tasks,
        remarks={task.id: spreadsheet.remark(task, seen.language) for task in tasks},
        requests=reports.requests,
        whole_bar=charts.bar(report.counts, width=1040, height=14, numbers=False),
        per_body=[(body, counts, charts.bar(counts)) for body, counts in report.per_body],
        chart=charts.step_chart(over_time, seen.today, [m.starts_on for m in meetings[:1]]),
        coming=meetings,
        on_paper=request.args.get("utskrift") == "1",
    )


def _csv(report: Report) -> Response:
    seen = visit()
    return csv(spreadsheet.of_tasks(report.tasks, seen.today, seen.language), "status")
