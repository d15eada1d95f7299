"""One run of the benchmark: where its databases go, how large it is, and what it has found."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.rows import Figures
from bench.watchers import Stream

LOADED = 0.8
"""Of its core: beyond that the generator measures itself."""


EMPTY_S = 8e-6
"""A turn of the event loop that takes no longer had nothing to do."""


@dataclass
class Run:
    root: Path
    is_quick: bool = False
    figures: Figures = field(default_factory=Figures)
    flaws: list[str] = field(default_factory=list)
    """What went wrong with the measuring: something lost, a generator at its limit."""

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        path = Path(tempfile.mkdtemp(dir=self.root))
        try:
            yield path
        finally:
            shutil.rmtree(path)

    @contextlib.asynccontextmanager
    async def generating(self, what: str) -> AsyncIterator[None]:
        """The generator never sleeps meanwhile: waking it would be charged to the server that writes to it. What it has
        left of its core is the time of turns in which it had nothing to do."""
        begun, idle = time.perf_counter(), [0.0]
        spinning = asyncio.create_task(_spin(idle), name="spin")
        yield
        spinning.cancel()
        load = 1 - idle[0] / (time.perf_counter() - begun)
        if load > LOADED:
            self.flaws.append(f"{what}: the generator used {load:.0%} of its core")

    def check(self, what: str, stream: Stream, events: int, watchers: int) -> None:
        """Everybody has been told all events, once and in their order."""
        self.flaws += [f"{what}: {flaw}" for flaw in stream.flaws]
        if len(stream.ends) != events:
            self.flaws.append(f"{what}: {len(stream.ends)} messages where there were {events} events")
        if stream.up_to_date != watchers:
            self.flaws.append(f"{what}: {stream.up_to_date} of {watchers} watchers were told everything")


async def _spin(idle: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0)
        took = time.perf_counter() - begun
        if took < EMPTY_S:
            idle[0] += took
