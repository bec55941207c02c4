"""The files that browsers get: their addresses, councils' colours, and the icons that templates inline."""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from functools import cache, lru_cache
from pathlib import Path

from flask import Response, abort, request, send_from_directory, url_for
from markupsafe import Markup, escape
from werkzeug.security import safe_join

from tracker.rules import colours

STATIC = Path(__file__).parent.parent / "static"
FOREVER = 365 * 24 * 3600
# What is served. The folder also holds what is not: node_modules, the build and its locks.
SERVED = ("app.css", "icon.svg")
SERVED_FOLDERS = ("js", "vendor")
COLOUR = re.compile(r"colour/([0-9a-f]{6})\.css")
TEXTS = (".css", ".js", ".svg")  # fonts are compressed already


def asset_url(name: str) -> str:
    """The address of a static file, with its hash: it may be kept for ever, a new file has a new address."""
    return url_for("static", filename=name, v=_version(name))


def colour_url(colour: str) -> str:
    """The address of the style sheet that paints the pages in a council's colour, «#0a5566»."""
    version = hashlib.sha256(_painted(colour)).hexdigest()[:10]
    return url_for("static", filename=f"colour/{colour[1:]}.css", v=version)


@lru_cache(maxsize=1000)
def icon(name: str, title: str = "") -> Markup:
    """An icon as inline SVG, the size of the text. Decoration unless it has a title.

    Raises KeyError for a name that `build.py` didn't find in the templates.
    """
    said = Markup('role="img" aria-label="{}"').format(title) if title else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" {} fill="currentColor" fill-rule="evenodd">{}</svg>'
    ).format(said, _paths(name))


def send_asset(filename: str) -> Response:
    """View of `/static/<path:filename>`, endpoint `static`: only what browsers need."""
    if colour := COLOUR.fullmatch(filename):
        return _sheet(f"#{colour[1]}", kept="v" in request.args)
    folder, _, rest = filename.partition("/")
    if folder in SERVED_FOLDERS and rest:
        place, name = STATIC / folder, rest  # so that "vendor/../build.py" leads nowhere
    elif filename in SERVED:
        place, name = STATIC, filename
    else:
        abort(404)
    kept = "v" in request.args or filename.endswith(".woff2")
    path = safe_join(str(place), name)
    if (
        filename.endswith(TEXTS)
        and request.accept_encodings.quality("gzip")
        and path
        and Path(path).is_file()
    ):
        response = _compressed(Path(path))
        response.cache_control.max_age = FOREVER if kept else None
    else:
        response = send_from_directory(place, name, max_age=FOREVER if kept else None)
    if kept:
        response.cache_control.immutable = True
    return response


def _sheet(colour: str, *, kept: bool) -> Response:
    response = Response(_painted(colour), content_type="text/css; charset=utf-8")
    response.cache_control.max_age = FOREVER if kept else None
    if kept:
        response.cache_control.immutable = True
    return response


def _compressed(path: Path) -> Response:
    """Compressed once and kept; pages are another matter (compression.py)."""
    response = Response(_packed(path, path.stat().st_mtime_ns), content_type=_kind(path))
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.add_etag()
    response.make_conditional(request)
    return response


def _kind(path: Path) -> str:
    found = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


@lru_cache(maxsize=200)
def _painted(colour: str) -> bytes:
    return colours.sheet(colour).encode()


@lru_cache(maxsize=40)
def _packed(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


@cache
def _paths(name: str) -> Markup:
    return Markup("").join(Markup('<path d="{}"/>').format(escape(path)) for path in _icons()[name])


@cache
def _icons() -> dict[str, list[str]]:
    read: dict[str, list[str]] = json.loads((STATIC / "vendor/icons.json").read_text(encoding="utf-8"))
    return read
