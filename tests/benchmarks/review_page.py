"""The review page of the waiting minutes, from request to bytes: beside rendering its template alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import template_rendered
from jinja2 import Template
from sqlalchemy import select

from tests.benchmarks.example_house import house
from tests.benchmarks.measuring import Figure, NotYet, milliseconds
from tracker.models import Source, SourceState


def measure() -> Iterator[Figure]:
    with house() as opened:
        with opened.program.sessions() as session:
            waiting = select(Source.id).where(Source.state == SourceState.REVIEW)
            source = session.scalars(waiting).one()
        path = f"/referat/{source}/gjennomgang"
        seen: list[tuple[Template, dict[str, Any]]] = []

        def note(_sender: object, template: Template, context: dict[str, Any], **_more: object) -> None:
            seen.append((template, dict(context)))

        with template_rendered.connected_to(note, opened.app):
            answer = opened.client.get(path)
        if answer.status_code != 200:
            raise NotYet(f"{path} answers {answer.status_code}")
        template, context = seen[-1]
        ours = milliseconds(lambda: opened.client.get(path))
        with opened.app.test_request_context(path):
            opened.app.preprocess_request()
            other = milliseconds(lambda: template.render(context))
        yield Figure("review page", ours, other, "ms", "its template alone")
