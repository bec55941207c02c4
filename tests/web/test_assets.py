"""What browsers get: the built files, the icons, and templates that pass the content security policy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined
from markupsafe import Markup

from tracker.static import build
from tracker.web import assets

TEMPLATES = Path(assets.__file__).parents[1] / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "mail" not in path.relative_to(TEMPLATES).parts)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklch)a?\(", re.IGNORECASE)
INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=["']|\bhx-on\b|javascript:""")


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__, static_folder=None, template_folder=str(TEMPLATES))
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=assets.send_asset)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(icon=assets.icon, csrf_token=lambda: "token")
    with app.test_request_context():
        yield app


def macro(app: Flask, call: str) -> str:
    return app.jinja_env.from_string("{% import 'macros.html' as m with context %}" + call).render()


def test_texts_go_compressed_to_those_who_take_it(app: Flask) -> None:
    client, address = app.test_client(), "/static/vendor/designsystemet.css?v=1"
    plain = client.get(address, buffered=True)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 4
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert packed.content_type == plain.content_type
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(address, headers=again).status_code == 304
    font = client.get("/static/vendor/inter-latin.woff2", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert "Content-Encoding" not in font.headers


@pytest.mark.parametrize("name", [*build.SERVED, "theme.css", "icons.json", "licences/aksel-icons.txt"])
def test_setup_has_built(name: str) -> None:
    assert (build.VENDOR / name).stat().st_size > 0


def test_building_again_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        pytest.fail("npm was run")

    build.main()
    monkeypatch.setattr(build, "_run", never)
    build.main()


def test_the_lock_names_no_registry() -> None:
    lock = (build.HERE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "registry." not in lock
    assert "://" not in (build.HERE / "node.lock").read_text()


def test_versions_are_exact() -> None:
    package = json.loads((build.HERE / "package.json").read_text())
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_every_icon_that_templates_use_is_built() -> None:
    assert build.icons_called() <= json.loads(build.ICONS.read_text()).keys()


def test_own_styles_use_tokens_only() -> None:
    styles = (build.HERE / "app.css").read_text(encoding="utf-8")
    assert COLOUR.findall(styles) == []


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(TEMPLATES)) for page in PAGES])
def test_templates_hold_no_inline_style_or_script(page: Path) -> None:
    assert INLINE.findall(page.read_text(encoding="utf-8")) == []


def test_an_address_changes_with_the_content(app: Flask) -> None:
    url = assets.asset_url("app.css")
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{10}", url)
    with app.test_client().get(url) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.immutable
    with app.test_client().get("/static/app.css") as unversioned:
        assert not unversioned.cache_control.immutable


@pytest.mark.parametrize(
    "name",
    ["package.json", "build.py", "node_modules/htmx.org/package.json", "../app.py", "vendor/../build.py"],
)
def test_only_what_browsers_need_is_served(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/{name}").status_code == 404


def test_an_icon_is_decoration_unless_it_has_a_title() -> None:
    assert 'aria-hidden="true"' in assets.icon("Checkmark")
    assert 'role="img" aria-label="&lt;Done&gt;"' in assets.icon("Checkmark", "<Done>")
    assert isinstance(assets.icon("Checkmark"), Markup)


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(KeyError):
        assets.icon("NoSuchIcon")


def test_a_field_and_the_summary_tell_of_its_error(app: Flask) -> None:
    call = "{{ m.field('due', 'Due', type='date', errors=e, help='When?') }}{{ m.error_summary(e) }}"
    page = macro(app, "{% set e = {'due': 'Choose a date'} %}" + call)
    assert 'aria-invalid="true" aria-describedby="due-help due-error"' in page
    assert '<p class="ds-validation-message" id="due-error">Choose a date</p>' in page
    assert '<a class="ds-link" href="#due">Choose a date</a>' in page


def test_a_field_escapes_what_people_wrote(app: Flask) -> None:
    page = macro(app, "{{ m.field('what', 'What', '\"><b>') }}")
    assert 'value="&#34;&gt;&lt;b&gt;"' in page


@pytest.mark.parametrize(
    "state", ["not-started", "on-track", "overdue", "unowned", "postponed", "done", "dropped"]
)
def test_a_status_is_an_icon_and_a_word(app: Flask, state: str) -> None:
    page = macro(app, "{{ m.status('" + state + "') }}")
    assert f"status--{state}" in page
    assert re.search(r"</svg>\w", page)
