"""What the operating system knows of the hub: its side of every connection, its memory, its files."""

from __future__ import annotations

import asyncio
import ipaddress
import resource
import time
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from tests.harness import PATIENCE_S, HubProcess

POLL_S = 0.2

_TIME_WAIT, _LISTEN = "06", "0A"
_IS_TIME_WAIT = "03"
"""The kind of timer of what only waits out its time, which needs no buffer (Documentation/networking/proc_net_tcp)."""


def allow_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 16_384)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connections(url: str) -> set[tuple[str, int]]:
    """The clients' addresses of which the kernel still keeps the hub's side, sockets in TIME_WAIT excepted."""
    port = urlsplit(url).port
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, _, timer, *_ = line.split()
        if int(local.partition(":")[2], 16) != port or state in (_TIME_WAIT, _LISTEN):
            continue
        if timer.partition(":")[0] != _IS_TIME_WAIT:
            found.add(_address(remote))
    return found


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return str(ipaddress.IPv4Address(bytes.fromhex(host)[::-1])), int(port, 16)


async def seconds_until_gone(url: str, clients: Collection[tuple[str, int]], within_s: float) -> float:
    """Until the hub's side of all these connections is gone."""
    start = time.monotonic()
    while left := connections(url) & set(clients):
        waited = time.monotonic() - start
        assert waited < within_s, f"{len(left)} of {len(clients)} are still there after {waited:.0f} s"
        await asyncio.sleep(POLL_S)
    return time.monotonic() - start


def memory_mb(hub: HubProcess) -> float:
    """What is resident of the hub's process."""
    status = Path(f"/proc/{hub.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def files(hub: HubProcess) -> int:
    return len(list(Path(f"/proc/{hub.pid}/fd").iterdir()))


async def seconds_until_files(hub: HubProcess, count: int, within_s: float = PATIENCE_S) -> float:
    """Until the hub has no more files and sockets open than so many."""
    start = time.monotonic()
    while (still := files(hub)) > count:
        waited = time.monotonic() - start
        assert waited < within_s, f"{still} instead of {count} are open after {waited:.0f} s"
        await asyncio.sleep(POLL_S)
    return time.monotonic() - start
