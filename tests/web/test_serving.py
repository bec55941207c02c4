"""What a serving process does beside answering: the collector works between requests, not within them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tracker.app import UNCOLLECTED, serving
from tracker.program import Program


class Knot:
    """Something that only the collector can give up."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("as_before")
def test_what_requests_leave_behind_is_collected_between_them(program: Program) -> None:
    client = serving(program).test_client()
    left, born = weakref.ref(Knot()), [[] for _ in range(UNCOLLECTED)]  # type: ignore[var-annotated]
    assert left() is not None, "the collector began by itself"
    del born[:10]
    client.get("/hjelp").close()
    assert left() is None
