"""Logs: one line an event, JSON for machines or readable on a terminal, without personal data.

Whatever is logged, by us or by a library, goes through the same last steps: secret links are cut, mail
addresses masked, and of an exception only its kind and the places in the code are kept, since its words
may hold what somebody typed (a database error tells the values of the row).
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from tracker.links import without_secrets

ADDRESS = re.compile(r"([\w.+-])[\w.+-]*@((?:[\w-]+\.)*[\w-]+)")
DEEPEST = 12  # frames of a traceback, the innermost
NOISY = {"alembic": logging.WARNING, "apscheduler": logging.WARNING, "waitress": logging.WARNING}


def set_up(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Make every logger of the process write to `stream` (standard error), from `level` up."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        faults_without_words,
        impersonal,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if out.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, least in NOISY.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelNamesMapping()[level]))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def impersonal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut secret links and mask mail addresses in every text of the event, however deep."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return ADDRESS.sub(r"\1…@\2", without_secrets(value))
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, bool | int | float | logging.LogRecord):
        return value
    return _clean(str(value))


def faults_without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """In place of an exception: its kind, and where in the code it arose, the innermost place last."""
    fault = _fault(event.pop("exc_info", None))
    if fault is not None:
        kinds: list[str] = []
        inner: BaseException | None = fault
        while inner is not None and len(kinds) < 5:
            kinds.append(type(inner).__name__)
            inner = inner.__cause__ or (None if inner.__suppress_context__ else inner.__context__)
        event["fault"] = " < ".join(kinds)
        frames = traceback.extract_tb(fault.__traceback__)[-DEEPEST:]
        event["at"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _fault(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and len(given) == 3:
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _short(path: str) -> str:
    """The last three parts of a path: enough to find the file, nothing of where it is installed."""
    return "/".join(path.replace("\\", "/").split("/")[-3:])
