"""Servers to be measured: each a process of its own, alone on its core, and what it costs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from bench.machine import SERVER_CORE, pin

START_S = 60.0


class Server:
    """A process that says `listening on <url>` as its first line."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, ready_s: float) -> None:
        self._process = process
        self.url = url
        self.ready_s = ready_s
        """From the start of the process until it said so."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def cpu_s(self) -> float:
        """What all its threads have used, user and system, to the nanosecond."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    async def idle(self) -> None:
        """Returns once it has next to nothing to do."""
        before = -1.0
        while self.cpu_s - before > 0.05:
            before = self.cpu_s
            await asyncio.sleep(0.5)

    @property
    def memory_bytes(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024


@contextlib.asynccontextmanager
async def running(command: Sequence[str], folder: Path, environment: Mapping[str, str] = {}) -> AsyncIterator[Server]:
    """What it writes to stderr is in `folder`, under `stderr.log`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONFHUB_")}
    begun = time.perf_counter()
    with open(folder / "stderr.log", "ab") as log:  # noqa: ASYNC230
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**own, "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=lambda: pin(SERVER_CORE),
        )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode().split()
        if line[:2] != ["listening", "on"]:
            raise RuntimeError(f"{command} did not start: {(folder / 'stderr.log').read_text()[-2000:]}")
        server = Server(process, line[2], time.perf_counter() - begun)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
