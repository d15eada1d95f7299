"""Garbage collection looks only at what is new: 10,000 connections are a million objects, and looking through all of
them would stop the hub for half a second.

What is frozen is freed as ever when nobody refers to it; only what refers to itself in a circle would stay, so a
connection leaves none behind (push/wire.py, entrance.py).
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

LOOK_S = 1.0
LEAST = 500
"""So many connections more, and a quarter of those before, are worth freezing."""


class Heap:
    """`count` says how many connections there are."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self._frozen = 0

    async def run(self) -> None:
        """Until cancelled."""
        self._freeze()
        while True:
            await asyncio.sleep(LOOK_S)
            self._look()

    def _look(self) -> None:
        count = self._count()
        self._frozen = min(self._frozen, count)
        if count - self._frozen > LEAST + self._frozen / 4:
            self._freeze()

    def _freeze(self) -> None:
        """Without what is garbage already."""
        gc.collect(1)
        gc.freeze()
        self._frozen = self._count()
