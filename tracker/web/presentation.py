"""What templates can use: texts in the reader's language, dates in words, addresses of assets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tracker.clock import local
from tracker.language import Language, language
from tracker.services.counts import state_of
from tracker.web.access import Visit, visit
from tracker.web.assets import asset_url, colour_url, icon


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in person, as pages show them."""

    id: int
    name: str
    initials: str
    is_secretary: bool
    is_leader: bool
    organisation_name: str
    organisation_short: str
    colour: str
    shortcuts: bool


def install(app: Flask) -> None:
    """Give `app`'s templates their filters and globals."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals.update(_=_text, gettext=_text, ngettext=_plural)
    env.filters.update(
        date=lambda day: _language().day(day),
        date_long=lambda day: _language().day(day, year=False),
        date_short=lambda day: _language().date_short(day),
        date_numeric=lambda day: _language().date_numeric(day),
        month=lambda day: _language().month(day),
        month_name=lambda day: _language().month_name(day),
        month_short=lambda day: _language().month_short(day),
        weekday=lambda day: _language().weekday(day),
        period=_period,
        state=lambda task: state_of(task, visit().today),
        occasion=lambda o: _language().occasion(o.starts_on, o.starts_at, o.ends_on, o.ends_at),
        time=_time,
        moment=lambda moment: _language().moment(moment),
        distance=_distance,
        iso=date.fromisoformat,
        shortened=_shortened,
        capital=lambda text: text[:1].upper() + text[1:],
    )
    env.globals.update(
        url_for=_address, options_of=_options, asset_url=asset_url, colour_url=colour_url, icon=icon
    )
    app.context_processor(_common)


def _address(endpoint: str, /, **values: Any) -> str:
    """`flask.url_for`, remembered: a page has a hundred addresses, and the next one mostly the same."""
    if "_external" in values or "_scheme" in values:
        return url_for(endpoint, **values)
    given = tuple((name, value, type(value)) for name, value in values.items())
    return _known(request.script_root, endpoint, given)


@lru_cache(maxsize=10_000)
def _known(_root: str, endpoint: str, values: tuple[tuple[str, Any, type], ...]) -> str:
    return url_for(endpoint, **{name: value for name, value, _type in values})


def _options(offered: Iterable[tuple[object, str]], chosen: object) -> Markup:
    """The options of a selection, as (value, text): by hand, since a filter offers hundreds of them."""
    marked = str(chosen)
    lines = []
    for value, text in offered:
        mark = " selected" if str(value) == marked else ""
        safe = value if type(value) is int else escape(value)
        lines.append(f'<option value="{safe}"{mark}>{escape(text)}</option>')
    return Markup("".join(lines))  # noqa: S704  # nosec B704 - each piece is escaped


def _language() -> Language:
    return visit().language


def _text(message: str, /, **values: Any) -> Markup:
    """A text in the reader's language, with `values` escaped: Jinja's new-style gettext.

    Jinja's own takes some ten times as long, and a page has hundreds.
    """
    code = _language().code
    return _pattern(code, message) % values if values else _whole(code, message)


def _plural(one: str, many: str, count: int, /, **values: Any) -> Markup:
    return Markup(_language().ngettext(one, many, count)) % {"num": count, **values}  # noqa: S704  # nosec B704


@lru_cache(maxsize=5000)
def _pattern(code: str, message: str) -> Markup:
    return Markup(language(code).gettext(message))  # noqa: S704  # nosec B704


@lru_cache(maxsize=5000)
def _whole(code: str, message: str) -> Markup:
    return _pattern(code, message) % {}


def _common() -> dict[str, Any]:
    seen = visit()
    return {
        "me": _me(seen),
        "demo": seen.program.settings.demo and seen.program.captures_mail,
        "today": seen.today,
        "now_local": local(seen.now),
        "language": seen.language.code,
        "silent_since": seen.silent_since if seen.rights and seen.rights.is_secretary else None,
    }


def _me(seen: Visit) -> Me | None:
    if seen.person is None or seen.organisation is None or seen.rights is None:
        return None
    return Me(
        id=seen.person.id,
        name=seen.person.name,
        initials=seen.person.initials,
        is_secretary=seen.rights.is_secretary,
        is_leader=seen.rights.is_leader,
        organisation_name=seen.organisation.name,
        organisation_short=seen.organisation.short_name,
        colour=seen.organisation.colour,
        shortcuts=seen.person.shortcuts,
    )


def _period(start: date, end: date | None = None, *, year: bool = True) -> str:
    return _language().period(start, end or start, year=year)


def _time(at: time | datetime) -> str:
    clock = _language().clock(local(at).time() if isinstance(at, datetime) else at)
    return clock if _language().code == "en" else f"kl.\u00a0{clock}"


def _shortened(text: str, most: int = 240) -> str:
    """`text` on one line, cut at a word with «…» when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


@pass_context
def _distance(context: Context, day: date) -> str:
    return _language().distance(day, context["today"])
