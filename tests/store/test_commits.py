from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from hub.errors import StorageUnavailable
from hub.store.base import Account, Write
from hub.store.commits import CommitLoop


class Disk:
    """A store whose transactions take as long as the test wants, and fail when it says so."""

    def __init__(self) -> None:
        self.batches: list[list[Write]] = []
        self.told: list[Write] = []
        self.lost: list[Write] = []
        self.is_full = False
        self.error: Exception = OSError("disk full")
        self.is_writing = asyncio.Event()
        self.may_finish = asyncio.Event()
        self.may_finish.set()

    async def write(self, batch: Sequence[Write]) -> None:
        self.batches.append(list(batch))
        self.is_writing.set()
        await self.may_finish.wait()
        if self.is_full:
            raise self.error


def write(name: str) -> Write:
    return Write(user=("app", name, Account("", "", "", "")))


@pytest.fixture
async def disk() -> Disk:
    return Disk()


@pytest.fixture
async def commits(disk: Disk):  # type: ignore[no-untyped-def]
    loop = CommitLoop(disk.write, disk.told.extend, disk.lost.extend)
    task = asyncio.create_task(loop.run())
    yield loop
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_waits_is_committed_together_and_in_order(commits: CommitLoop, disk: Disk) -> None:
    disk.may_finish.clear()
    first = commits.submit(write("1"))
    await disk.is_writing.wait()
    rest = [commits.submit(write(name)) for name in "234"]
    disk.may_finish.set()
    await asyncio.gather(first, *rest)
    assert disk.batches == [[write("1")], [write(name) for name in "234"]]
    assert disk.told == [write(name) for name in "1234"]


async def test_nothing_is_acknowledged_or_told_before_it_is_committed(commits: CommitLoop, disk: Disk) -> None:
    disk.may_finish.clear()
    future = commits.submit(write("1"))
    await disk.is_writing.wait()
    assert (future.done(), disk.told) == (False, [])
    disk.may_finish.set()
    await future
    assert disk.told == [write("1")]


async def test_a_failed_transaction_takes_everything_behind_it_along(commits: CommitLoop, disk: Disk) -> None:
    disk.may_finish.clear()
    disk.is_full = True
    futures = [commits.submit(write("1"))]
    await disk.is_writing.wait()
    futures += [commits.submit(write("2")), commits.submit(write("3"))]
    disk.may_finish.set()
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [StorageUnavailable] * 3
    assert (disk.told, disk.lost) == ([], [write("1"), write("2"), write("3")])


async def test_it_goes_on_after_a_failure(commits: CommitLoop, disk: Disk) -> None:
    disk.is_full = True
    with pytest.raises(StorageUnavailable):
        await commits.submit(write("1"))
    disk.is_full = False
    await commits.submit(write("2"))
    assert disk.told == [write("2")]


async def test_trouble_that_lasts_is_told_less_and_less_often_and_its_end_once(
    commits: CommitLoop, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.error = StorageUnavailable("disk full")
    disk.is_full = True
    for _ in range(7):
        with pytest.raises(StorageUnavailable):
            await commits.submit(write("1"))
    disk.is_full = False
    for _ in range(2):
        await commits.submit(write("2"))
    assert [record.getMessage() for record in caplog.records] == [
        *(f"a transaction of 1 writes failed, the {count}. in a row: disk full" for count in (1, 2, 4)),
        "changes are stored again, after 7 transactions that failed",
    ]


async def test_what_is_being_written_when_it_stops_is_told_and_what_is_queued_is_failed(disk: Disk) -> None:
    loop = CommitLoop(disk.write, disk.told.extend, disk.lost.extend)
    task = asyncio.create_task(loop.run())
    disk.may_finish.clear()
    futures = [loop.submit(write("1"))]
    await disk.is_writing.wait()
    futures.append(loop.submit(write("2")))
    task.cancel()
    await asyncio.sleep(0)
    futures.append(loop.submit(write("3")))
    assert disk.lost == []
    disk.may_finish.set()
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), StorageUnavailable, StorageUnavailable]
    assert (disk.told, disk.lost) == ([write("1")], [write("2"), write("3")])
    await asyncio.wait([task])
    assert task.cancelled()


async def test_what_comes_when_it_has_stopped_is_failed_at_once(disk: Disk) -> None:
    loop = CommitLoop(disk.write, disk.told.extend, disk.lost.extend)
    task = asyncio.create_task(loop.run())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(StorageUnavailable):
        await asyncio.wait_for(loop.submit(write("1")), 5)
    assert (disk.batches, disk.lost) == ([], [write("1")])
