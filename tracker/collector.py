"""The garbage collector of a process that runs for long."""

from __future__ import annotations

import gc


def leave_loaded_alone(uncollected: int) -> None:
    """From now on look for cycles among new objects alone, and only once there are `uncollected` of them.

    What is loaded by now is never given up: looking through it again and again takes a fifth of the time in
    which mails are sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(uncollected)
