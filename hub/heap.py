"""Garbage collection looks only at what is new: with 10,000 watchers there are more than a million objects, and looking
through all of them would stop the hub for a second.

What has survived a full collection is frozen once there is much of it. It is freed as ever when nobody refers to it;
only what refers to itself in a circle would stay, so a connection leaves no circle behind (push/wire.py, entrance.py).
"""

from __future__ import annotations

import gc
from typing import Any

MUCH = 20_000
"""Objects: looking at three times as many takes some 20 ms."""

OFTEN = (7000, 1, 1)
"""Thresholds: a full collection is due after some 28,000 new objects, not after 70,000; what a burst of requests makes
is gone before anybody looks for it."""


def keep_collections_short() -> None:
    """From now on, in this process."""
    gc.set_threshold(*OFTEN)
    gc.collect()
    gc.freeze()
    gc.callbacks.append(freeze_survivors)


def freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    """See gc.callbacks."""
    if phase == "stop" and info["generation"] == 2 and len(gc.get_objects(2)) > MUCH:
        gc.freeze()
