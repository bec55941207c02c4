"""The examples that an operator copies are right."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import settings
from tracker.errors import Misconfigured

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config/example.toml"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("OPPFOLGING_")]:
        monkeypatch.delenv(name)


def test_the_example_is_valid_and_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPPFOLGING_CONFIG", str(EXAMPLE))
    loaded = settings.load()
    assert not loaded.demo
    assert loaded.secure_cookies
    assert loaded.smtp_host
    assert loaded.smtp_password.get_secret_value() == ""


def test_the_example_explains_every_setting() -> None:
    text = EXAMPLE.read_text("utf-8") + (ROOT / "config/example.env").read_text("utf-8").lower()
    for name in settings.Settings.model_fields:
        assert name in text, name


def test_what_stands_behind_a_hash_is_valid_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened = (
        EXAMPLE.read_text("utf-8").replace("# smtp_timeout", "smtp_timeout").replace("# database", "database")
    )
    (tmp_path / "config.toml").write_text(opened, "utf-8")
    monkeypatch.setenv("OPPFOLGING_CONFIG", str(tmp_path / "config.toml"))
    loaded = settings.load()
    assert loaded.database_url.startswith("postgresql://")
    assert loaded.smtp_timeout == 20


def test_every_secret_in_the_example_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / "config/example.env").read_text("utf-8").splitlines()
    values = [
        line.removeprefix("# ").split("=", 1) for line in lines if "OPPFOLGING_" in line and "=" in line
    ]
    for name, value in values:
        if name != "OPPFOLGING_CONFIG" and name.isupper():
            monkeypatch.setenv(name, value or "x")
            assert name.removeprefix("OPPFOLGING_").lower() in settings.Settings.model_fields
    loaded = settings.load()
    assert [key.get_secret_value() for key in loaded.old_secret_keys] == ["den forrige"]


def test_a_slip_in_a_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('smtp_hots = "x"\n', "utf-8")
    monkeypatch.setenv("OPPFOLGING_CONFIG", str(tmp_path / "config.toml"))
    with pytest.raises(Misconfigured, match="smtp_hots"):
        settings.load()


def test_gunicorn_takes_its_file() -> None:
    values = runpy.run_path(str(ROOT / "config/gunicorn.conf.py"))
    assert values["accesslog"] is None
    assert values["preload_app"] is False


def test_a_wsgi_server_finds_the_program(tmp_path: Path) -> None:
    """In a process of its own, since it reads the environment and sets up logging."""
    code = "from tracker.wsgi import application; print(application.test_client().get('/health').json)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={"OPPFOLGING_DATA": str(tmp_path), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "{'database': 'ok', 'jobs': 'ok'}", done.stderr
