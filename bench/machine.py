"""The machine that is measured on: its cores, its disk, how quiet it is, and what runs on it."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

SERVER_CORE, GENERATOR_CORE = 0, 1
"""So that neither takes the other's time; with one core there is nothing worth measuring."""

QUIET = 0.1
"""Of a core: what others may use while we look on."""

_PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "websockets", "aiosqlite", "msgspec", "python-socketio")


def pin(core: int, pid: int = 0) -> None:
    os.sched_setaffinity(pid, {core})


def describe(folder: Path) -> dict[str, Any]:
    """`folder` is where the databases go."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "node": _said(["node", "--version"]),
        "packages": {name: _version(name) for name in _PACKAGES},
        "fdatasync_ms": round(sync_ms(folder), 3),
        "busy_before": round(busy(), 3),
        "load": os.getloadavg()[0],
    }


def busy(seconds: float = 1.0) -> float:
    """How many cores' worth of work others do on this machine."""
    before, idle = _ticks()
    time.sleep(seconds)
    after, idle_after = _ticks()
    return ((after - before) - (idle_after - idle)) / os.sysconf("SC_CLK_TCK") / seconds


def sync_ms(folder: Path, times: int = 200) -> float:
    """Median of writing 4 KiB at the end of a file and fdatasync."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            begun = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    return median(took)


def _ticks() -> tuple[int, int]:
    """All, and those in which nobody wanted anything."""
    numbers = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(numbers), numbers[3] + numbers[4]


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
