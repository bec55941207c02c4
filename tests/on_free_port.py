"""The product's own kind of server on a free port, for tests with programs that fetch from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def listening() -> Iterator[Any]:
    """A waitress server in a thread. Its `application` is set by whoever has to know its port first."""
    sockets: dict[int, object] = {}
    server = create_server(lambda *_: [], sockets, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    # By the thread that waits for them: closed under it, they make it fall.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
    thread.join(timeout=10)
