"""Pages, one blueprint a subject. Views parse, call a service, render."""

from flask import Blueprint

from tracker.web import (
    answers,
    attachments,  # noqa: F401 - its views stand on the blueprints of answers and tasks
    calendars,
    comments,  # noqa: F401 - its views stand on the blueprints of tasks and decisions
    council_settings,  # noqa: F401 - on the blueprint of settings
    decision_reports,  # noqa: F401 - on the blueprint of reports
    decisions,
    meetings,
    minutes,
    outbox,
    people,
    public,
    replies,  # noqa: F401 - as are its, on that of outbox
    reports,
    saved,
    search,
    settings,
    sign_in,
    sign_up,  # noqa: F401 - as are its
    start,
    tasks,
    yearly,  # noqa: F401 - on the blueprint of reports
)

# Each with whether its forms need a token against forgery. Those that are opened by a signed link hold no
# cookie that could be misused: the link is the permission, and a stranger doesn't know it.
BLUEPRINTS: list[tuple[Blueprint, bool]] = [
    (public.blueprint, True),
    (sign_in.blueprint, True),
    (start.blueprint, True),
    (tasks.blueprint, True),
    (answers.blueprint, False),
    (minutes.blueprint, True),
    (meetings.blueprint, True),
    (decisions.blueprint, True),
    (reports.blueprint, True),
    (search.blueprint, True),
    (saved.blueprint, True),
    (calendars.blueprint, True),
    (people.blueprint, True),
    (settings.blueprint, True),
    (outbox.blueprint, True),
]
