"""Acknowledged means on the disk: seen from below, by every system call of a hub that is much asked.

Whoever asks puts a mark of its own into each request, which stands in what the commit writes to the database's log. No
2xx may be on its way before an fdatasync of that log has come back that began after the mark was written.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from hub.api.callbacks import PATH
from tests.conftest import Start
from tests.faults.run import SECRET
from tests.faults.world import Meeting, nothing_broke, until
from tests.harness import HubProcess, need_program
from tests.scale import scaled

BURSTS = scaled(100)
INVITED = 8
STRANGERS = 8
BUSY = "13800009001"
LONGEST = 8192
"""Bytes of a call that are noted: more than a page of the database."""

CALLS = "fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg,recvfrom,read"
LOG = "/confhub.db-wal>"

MARK = re.compile(r"(?:mark|mute|kick|stop)\d{5}")
STORED = re.compile(
    r"mark\d{5}|participant\.muted[^{}]{1,60}mute\d{5}|participant\.kicked[^{}]{1,60}kick\d{5}"
    r"|conference\.ended[^{}]{1,60}stop\d{5}"
)
"""What is wanted is committed before what is so: a command is done with the event that says so, whose actor asked."""

MARK_LENGTH = 9


class Call(NamedTuple):
    """A system call: the lines of the trace on which it began and ended, its first argument, and all of its text."""

    began: int
    ended: int
    name: str
    file: str
    text: str


def calls(trace: Iterable[str]) -> Iterator[Call]:
    """In the order of their ends. One that another thread interrupted is on two lines."""
    interrupted: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(trace):
        thread, _, text = line.partition(" ")
        text = text.strip()
        began = number
        if text.endswith("<unfinished ...>"):
            interrupted[thread] = number, text.removesuffix("<unfinished ...>")
            continue
        if text.startswith("<... "):
            began, start = interrupted.pop(thread)
            text = start + text.partition(" resumed>")[2]
        if found := re.match(r"(\w+)\((\d+<[^>]*>)", text):
            yield Call(began, number, found[1], found[2], text)


def unproven(trace: Iterable[str]) -> tuple[set[str], set[str]]:
    """The marks of requests that were answered with 2xx, and of those the ones answered before they were synced."""
    written: dict[str, int] = {}
    syncs: list[Call] = []
    asked: dict[str, set[str]] = {}
    answered: set[str] = set()
    early: set[str] = set()
    for call in calls(trace):
        if call.name == "pwrite64" and call.file.endswith(LOG):
            for mark in STORED.findall(call.text):
                written.setdefault(mark[-MARK_LENGTH:], call.ended)
        elif call.name in ("fdatasync", "fsync") and call.file.endswith(LOG):
            syncs.append(call)
        elif call.name in ("recvfrom", "read"):
            asked.setdefault(call.file, set()).update(MARK.findall(call.text))
        elif '"HTTP/1.1 2' in call.text:
            marks = asked.pop(call.file, set())
            answered |= marks
            early |= {mark for mark in marks if not _is_synced(written.get(mark), call, syncs)}
    return answered, early


def _is_synced(written: int | None, answer: Call, syncs: list[Call]) -> bool:
    return written is not None and any(sync.began > written and sync.ended < answer.began for sync in syncs)


async def test_nothing_is_acknowledged_before_it_is_on_the_disk(start: Start, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    strace = (
        need_program("strace"),
        "-D",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-s",
        str(LONGEST),
        "-e",
        f"trace={CALLS}",
        "-o",
        str(trace),
    )
    hub = await start("--callback-secret", SECRET, "--speed", "50", under=strace)
    marks = await many_at_once(hub)
    assert await hub.kill(signal.SIGTERM) == 0
    await until(lambda: is_complete(trace, hub.pid))
    lines = trace.read_text(errors="replace").splitlines()
    assert unproven(lines) == (marks, set())
    without = [line for line in lines if "fdatasync" not in line]
    assert unproven(without) == (marks, marks)
    nothing_broke(hub)
    syncs = sum(call.name == "fdatasync" and call.file.endswith(LOG) for call in calls(lines))
    print(f"strace: {len(marks)} changes and callbacks acknowledged, each after its sync; {syncs} syncs")


async def is_complete(trace: Path, pid: int) -> bool:
    return f"{pid} +++ exited with 0 +++" in " ".join(trace.read_text(errors="replace")[-1000:].split())


async def many_at_once(hub: HubProcess) -> set[str]:
    """The marks of all that was asked, which is acknowledged."""
    meeting = await Meeting.open(hub, *(f"1380000{place:04}" for place in range(INVITED)))
    await meeting.until(*["joined"] * INVITED)
    callids = [row["callid"] for row in await meeting.rows()]
    async with hub.http() as http:
        asker = Asker(http, meeting.id)
        for burst in range(BURSTS):
            await asker.burst(callids[burst % INVITED])
        await asyncio.gather(*map(asker.kick, callids), *map(asker.stop, asker.made))
    return asker.marks


class Asker:
    """Asks with a mark in everything, and keeps the marks."""

    def __init__(self, http: httpx.AsyncClient, id: str) -> None:
        self.marks: set[str] = set()
        self.made: list[str] = []
        self._http = http
        self._id = id

    async def burst(self, callid: str) -> None:
        """All at once: strangers come, each told of twice; people are listed, called, muted; a conference is made."""
        strangers = [f"stranger-{len(self.marks)}-{place}" for place in range(STRANGERS)]
        told = [self._tell_of(stranger) for stranger in strangers * 2]
        await asyncio.gather(*told, self._list("joinConf"), self._list("inviteConf"), self._make(), self._mute(callid))

    async def kick(self, callid: str) -> None:
        await self._ask("quitConf", id=self._id, uid=self._mark("kick"), users=[{"callid": callid}])

    async def stop(self, id: str) -> None:
        await self._ask("stopConf", id=id, uid=self._mark("stop"))

    async def _tell_of(self, stranger: str) -> None:
        query = {"confid": self._id, "callid": stranger, "number": stranger, "delivery": self._mark("mark")}
        answer = await self._http.post(f"{PATH}/{SECRET}/join", params=query)
        assert answer.status_code == 200

    async def _list(self, operation: str) -> None:
        await self._ask(operation, id=self._id, uid="mia", users=[{"id": self._mark("mark"), "number": BUSY}])

    async def _make(self) -> None:
        self.made.append((await self._ask("createConf", id="mia", name=self._mark("mark")))["id"])

    async def _mute(self, callid: str) -> None:
        users = [{"callid": callid}]
        await self._ask("muteConf", id=self._id, uid=self._mark("mute"), users=users)
        await self._ask("unmuteConf", id=self._id, uid="mia", users=users)

    def _mark(self, what: str) -> str:
        mark = f"{what}{len(self.marks):05}"
        self.marks.add(mark)
        return mark

    async def _ask(self, operation: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._http.post(operation, json={"appid": "demo", **params})).json()
        assert answer["status"] == 1, answer
        return answer
