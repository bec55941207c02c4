"""Prints how fast it is, a line a measure: name | ours | other | ours divided by other.

ONLY=feed,mail picks measures by a part of their name. Nothing is asserted: figures differ between machines.
"""

from __future__ import annotations

import importlib
import logging
import os

import structlog

from tests.benchmarks.measuring import NotYet

MEASURES = (
    "starting",
    "reading",
    "review_page",
    "pages",
    "feed",
    "feed_servers",
    "reminders_due",
    "mails_built",
    "storm",
)


def main() -> None:
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wanted = [part for part in os.environ.get("ONLY", "").split(",") if part]
    for name in MEASURES:
        if wanted and not any(part in name for part in wanted):
            continue
        try:
            for figure in importlib.import_module(f"tests.benchmarks.{name}").measure():
                _say(str(figure))
        except NotYet as reason:
            _say(f"{name} | – | – | left out: {reason}")
        except Exception as fault:
            _say(f"{name} | – | – | failed: {type(fault).__name__}: {fault}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
