"""One run of the benchmark: where its databases go, how large it is, and what it has found."""

from __future__ import annotations

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
        """Whether the generator had time left while it did."""
        begun, used = time.perf_counter(), time.process_time()
        yield
        share = (time.process_time() - used) / (time.perf_counter() - begun)
        if share > LOADED:
            self.flaws.append(f"{what}: the generator used {share:.0%} of its core")

    def check(self, what: str, stream: Stream, events: int, watchers: int) -> None:
        """Everybody has been told all events, once and in their order."""
        self.flaws += [f"{what}: {flaw}" for flaw in stream.flaws]
        if len(stream.ends) != events:
            self.flaws.append(f"{what}: {len(stream.ends)} messages where there were {events} events")
        if stream.up_to_date != watchers:
            self.flaws.append(f"{what}: {stream.up_to_date} of {watchers} watchers were told everything")
