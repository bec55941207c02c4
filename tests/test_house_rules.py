"""The house rules that a machine can check. Each failing here says what to do."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Blueprint
from jinja2 import Environment
from sqlalchemy import Engine

import tracker.web
from jobs import schedule
from tracker import db
from tracker.app import create_app
from tracker.models import Base
from tracker.program import open_program
from tracker.rules.access import Who
from tracker.settings import Settings
from tracker.web import BLUEPRINTS
from tracker.web.access import view_of

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 360
TEMPLATES = sorted((ROOT / "tracker/templates").rglob("*.html"))
NAMES = {"Oppfølging", "Bokmål", "Nynorsk", "English"}  # the same in every language
SECRET_LINKS = ("/o/", "/inn/", "/ics/", "/p/")
OPEN = {
    "static",
    "public.front", "public.help", "public.privacy", "public.accessibility", "public.health", "public.robots",
    "calendars.public_page", "calendars.public_feed",  # of bodies that their secretary has opened to all
    "sign_in.ask", "sign_in.send", "sign_in.sent", "sign_in.demo", "sign_in.sign_out",
    "start.welcome", "start.enter",  # only while nobody is in the register
}  # fmt: skip


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, frozenset[str], Who]]:
    """(endpoint, path, methods, who) of every route."""
    program = open_program(Settings(data=tmp_path_factory.mktemp("data")))
    app = create_app(program)
    found = [
        (rule.endpoint, rule.rule, frozenset(rule.methods or ()), view_of(app, rule.endpoint).who)  # type: ignore[attr-defined]
        for rule in app.url_map.iter_rules()
    ]
    program.close()
    return found


def test_every_route_declares_who_may_use_it_and_few_are_open(
    routes: list[tuple[str, str, frozenset[str], Who]],
) -> None:
    assert all(isinstance(who, Who) for *_rest, who in routes)
    assert {endpoint for endpoint, *_rest, who in routes if who is Who.ANYONE} == OPEN
    for endpoint, path, _methods, who in routes:
        assert (who is Who.LINK) == path.startswith(SECRET_LINKS), endpoint


def test_reading_and_changing_are_apart(routes: list[tuple[str, str, frozenset[str], Who]]) -> None:
    for endpoint, path, methods, _who in routes:
        verbs = methods - {"HEAD", "OPTIONS"}
        assert verbs in ({"GET"}, {"POST"}), f"{endpoint} {path}: one verb a view, GET or POST"


def test_every_blueprint_is_wired() -> None:
    wired = {id(blueprint) for blueprint, _token in BLUEPRINTS}
    for found in pkgutil.iter_modules(tracker.web.__path__):
        module = importlib.import_module(f"tracker.web.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Blueprint):
                assert id(value) in wired, f"{found.name}.{name} isn't in BLUEPRINTS"


def test_only_pages_behind_secret_links_do_without_a_token(
    routes: list[tuple[str, str, frozenset[str], Who]],
) -> None:
    exempt = {blueprint.name for blueprint, needs_token in BLUEPRINTS if not needs_token}
    for endpoint, path, _methods, who in routes:
        if endpoint.partition(".")[0] in exempt:
            assert who is Who.LINK, f"{endpoint} {path} needs a token against forgery"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_form_that_posts_carries_a_token(template: Path) -> None:
    if template.parent.name in ("answers", "mail"):
        return
    text = template.read_text("utf-8")
    for form in re.findall(r'<form\b[^>]*method="post".*?</form>', text, re.S):
        assert "csrf" in form, form[:200]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_text_in_a_template_can_be_translated(template: Path) -> None:
    words = [word for word in _words_outside_gettext(template.read_text("utf-8")) if word not in NAMES]
    assert not words, f"not in _('…'): {words}"


def _words_outside_gettext(source: str) -> list[str]:
    """Words that stand in a page as they are: between tags, and in attributes that are read out."""
    kept, translated = [], False
    for _line, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            translated = value == "trans"
        if kind == "data" and not translated:
            kept.append(value)
        elif kind in ("variable_begin", "block_begin"):
            kept.append("\0")  # something that isn't a word stands here
    html = re.sub(r"<!--.*?-->", "", "".join(kept), flags=re.S)
    html = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    said = re.findall(r'\b(?:alt|title|placeholder|aria-label)="([^"]*)"', html)
    between = re.sub(r"<[^>]*>", " ", html)
    between = re.sub(r'[\w-]+="[^"]*"|font-family:[^;]*;|&\w+;', " ", between)  # what macros put into tags
    # Words of code (classes, states) are in lower case; texts begin with a capital or have Norwegian letters
    words = re.findall(r"[A-Za-zÆØÅæøå]{2,}", " ".join([between, *said]))
    return [word for word in words if re.search(r"^[A-ZÆØÅ]|[æøå]", word)]


def test_layers_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_models_match_the_newest_migration(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": db.is_ours}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_job_stands_in_the_timetable() -> None:
    jobs = {path.stem for path in (ROOT / "jobs").glob("*.py")} - {"__init__", "__main__", "schedule"}
    assert {name for name, *_rest in schedule.TIMETABLE} == jobs


def test_only_settings_reads_the_environment() -> None:
    for path in (ROOT / "tracker").rglob("*.py"):
        if path.name in ("settings.py", "build.py") or "node_modules" in path.parts:
            continue
        assert not re.search(r"\bos\.(environ|getenv)\b", path.read_text("utf-8")), path


def test_files_stay_short() -> None:
    """Long ones wait in line to be divided; no new ones join."""
    waiting = {"0001_the_register.py"}
    long = {
        f"{path.relative_to(ROOT)}: {lines}"
        for folder in ("tracker", "jobs", "config")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
        and path.name not in waiting
        and (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long
