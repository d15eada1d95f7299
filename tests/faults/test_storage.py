"""A disk that is full or read-only, a database that somebody else holds: callbacks and changes are refused, reads and
watches go on, nobody sees what was not stored, and it recovers by itself."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Start
from tests.faults.world import Meeting, agree, people, until
from tests.harness import HubProcess, Moderator, apply, need, need_program

ADA, BOB, CAT = "13800000001", "13800000002", "13800000003"
SECRET = "a-secret-of-the-test"

Trouble = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def full(database: Path) -> Iterator[None]:
    filler = database.with_name("filler")
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 1024):
                pass
        except OSError:
            assert os.statvfs(database).f_bavail == 0
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(database: Path) -> Iterator[None]:
    """Not even whoever has them open may write the files, and nobody may make new ones in their place."""
    files = [database, database.with_name(database.name + "-wal")]
    subprocess.run(["chattr", "+i", *files], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def small_disk(folder: Path) -> None:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True)
    need(mounted.returncode == 0, f"a small disk cannot be mounted here: {mounted.stderr!r}")


def may_be_read_only(folder: Path) -> None:
    """Whether the file system keeps those off who have a file open already is its own affair."""
    need_program("chattr")
    folder.mkdir()
    probe = folder / "probe"
    with probe.open("wb", buffering=0) as file:
        denied = subprocess.run(["chattr", "+i", probe], capture_output=True).returncode == 0
        try:
            file.write(b"x")
            denied = False
        except OSError:
            pass
        subprocess.run(["chattr", "-i", probe], capture_output=True)
    need(denied, "files cannot be made read-only here for those who have them open")


TROUBLES: dict[str, tuple[Callable[[Path], None], Trouble]] = {
    "full": (small_disk, full),
    "read-only": (may_be_read_only, read_only),
    "locked": (Path.mkdir, locked),
}


@pytest.fixture(params=TROUBLES)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Trouble]]:
    """Where the hub's database is, and nothing else: the simulator's is beside the link to it."""
    folder = tmp_path / "disk"
    make, trouble = TROUBLES[request.param]
    try:
        make(folder)
        (tmp_path / "confhub.db").symlink_to(folder / "confhub.db")
        yield folder / "confhub.db", trouble
    finally:
        if folder.is_mount():
            subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
async def meeting(disk: tuple[Path, Trouble], start: Start) -> Meeting:
    hub = await start("--speed", "20", "--callback-secret", SECRET)
    meeting = await Meeting.open(hub, ADA, BOB)
    await meeting.until("joined", "joined")
    return meeting


async def test_storage_trouble_is_said_and_outlived(meeting: Meeting, disk: tuple[Path, Trouble]) -> None:
    database, trouble = disk
    hub = meeting.hub
    async with hub.moderator().connected() as moderator:
        snapshot, before = await moderator.watch(meeting.id), await log_of(meeting)
        with trouble(database):
            await hub.simulator("hangup", number=BOB)
            for _ in range(2):
                await refused(hub, meeting.id)
            await still_shown(meeting, moderator, snapshot, before)
        await until(lambda: is_ready(hub))
        await meeting.until("joined", "left")
        await meeting.done("joinConf", users=people(CAT))
        assert (await meeting.control("muteConf", ADA))["status"] == 1
        log = await log_of(meeting)
        told = await moderator.until(lambda events: events and events[-1]["seq"] == log[-1]["seq"])
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert log == before + told
    rows = {row["key"]: row for row in snapshot["participants"]}
    assert list(apply(rows, told).values()) == list(apply({}, log).values()) == await meeting.rows()
    await agree(meeting)
    assert "changes are stored again" in hub.log
    assert "Traceback" not in hub.log
    await it_is_sound(meeting, database)


async def refused(hub: HubProcess, id: str) -> None:
    """Everything that would have to be stored; at once, so that nobody waits for the same lock in turn."""
    who = {"id": id, "uid": "mia", "appid": "demo"}
    async with hub.http() as http:
        answers = await asyncio.gather(
            http.post("joinConf", json={**who, "users": people(CAT)}),
            http.post("inviteConf", json={**who, "users": people(CAT)}),
            http.post("stopConf", json=who),
            http.post("createConf", json={"id": "mia", "appid": "demo"}),
            http.post(f"callbacks/yuntongxun/{SECRET}/join", params={"confid": id, "callid": "c", "number": CAT}),
        )
        for answer in answers:
            assert (answer.status_code, answer.headers["retry-after"], code(answer)) == (503, "1", 1503), answer.text
        ready = await http.get("readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        assert ready.json()["inbox"] == {"failed": 0, "setAside": 0}
        assert (await http.get("healthz")).status_code == 200


def code(answer: httpx.Response) -> Any:
    return answer.json()["error"]["code"]


async def still_shown(
    meeting: Meeting, moderator: Moderator, snapshot: dict[str, Any], log: list[dict[str, Any]]
) -> None:
    """What was before, to those who watch already, those who come now, and those who read."""
    assert (await moderator.call("ping"))["result"]
    assert moderator.events == []
    assert await meeting.rows() == snapshot["participants"]
    assert await log_of(meeting) == log
    async with meeting.hub.moderator().connected() as newcomer:
        shown = await newcomer.watch(meeting.id)
        assert {**shown, "reason": ""} == {**snapshot, "reason": ""}
        assert (await newcomer.watch(meeting.id, epoch=shown["epoch"], seq=1))["recovered"]
        assert await newcomer.wait_for(len(log) - 1) == log[1:]


async def is_ready(hub: HubProcess) -> bool:
    async with hub.http() as http:
        return (await http.get("readyz")).status_code == 200


async def log_of(meeting: Meeting) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await meeting.hub.post("getEvents", id=meeting.id))["events"]
    return events


async def it_is_sound(meeting: Meeting, database: Path) -> None:
    """The file, and what a hub reads from it that starts anew."""
    rows = await meeting.rows()
    await meeting.hub.kill()
    with closing(sqlite3.connect(database)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await meeting.hub.start()
    assert await meeting.rows() == rows
