"""The search page: everything that holds the words, a few of each kind or a page of one."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from tracker.rules.access import Who
from tracker.services import search, word_index
from tracker.services.word_index import Kind
from tracker.web import task_view
from tracker.web.access import allow, visit

blueprint = Blueprint("search", __name__)


@blueprint.get("/sok")
@allow(Who.MEMBER)
def index() -> str:
    """What was found. Whatever is typed is words; without any, the page says how to search."""
    seen, given = visit(), request.args.get("q", "")
    asked = request.args.get("i", "")
    only = Kind(asked) if asked in list(Kind) else None
    page = min(max(task_view.number(request.args, "side"), 1), search.MOST_PAGES)
    return render_template(
        "search/index.html",
        given=given[: word_index.LONGEST].replace("\0", ""),
        cut=len(given) > word_index.LONGEST,
        only=only,
        page=page,
        last=search.MOST_PAGES,
        found=search.find(seen.session, seen.mine, given, only, page),
    )
