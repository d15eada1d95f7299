from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from hub.domain.model import Conference
from hub.errors import StartRefused
from hub.store.backup import backup
from hub.store.base import Write
from hub.store.sqlite import open_store
from tests.store.test_sqlite import A_LIFE, details, told


async def test_a_copy_has_everything_but_the_epoch(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "hub.db")
    conference, writes = told(Conference(7, details()), *A_LIFE)
    await store.write(writes)
    await asyncio.to_thread(backup, tmp_path / "hub.db", tmp_path / "copy.db")
    await store.write(told(Conference(8, details("8")), A_LIFE[0])[1])
    copy = await open_store(tmp_path / "copy.db")
    assert await copy.load(7) == conference
    assert await copy.next_key() == 8
    assert copy.callback_secret == store.callback_secret
    assert copy.epoch != store.epoch
    assert copy.is_copy
    await copy.close()
    again = await open_store(tmp_path / "copy.db")
    assert (again.epoch, again.is_copy) == (copy.epoch, True)
    await again.write([Write(has_recovered=True)])
    await again.close()
    again = await open_store(tmp_path / "copy.db")
    assert (again.epoch, again.is_copy) == (copy.epoch, False)
    await again.close()
    await store.close()


async def test_a_stopped_hubs_database_is_copied_as_well(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "hub.db")
    await store.close()
    backup(tmp_path / "hub.db", tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "hub.db"]


async def test_only_the_owner_may_read_a_copy(tmp_path: Path) -> None:
    await (await open_store(tmp_path / "hub.db")).close()
    backup(tmp_path / "hub.db", tmp_path / "copy.db")
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


async def test_a_copy_made_amid_writes_is_whole(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "hub.db")
    copying = asyncio.create_task(asyncio.to_thread(_copy_often, tmp_path))
    conference = Conference(1, details())
    while not copying.done():
        conference, writes = told(conference, *A_LIFE[:1])
        await store.write(writes)
    await copying
    for number in range(10):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copy:
            found = copy.execute("SELECT seq FROM conferences").fetchall()
            ((events,),) = copy.execute("SELECT count(*) FROM events").fetchall()
            assert events == (found[0][0] if found else 0)
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await store.close()


def _copy_often(folder: Path) -> None:
    for number in range(10):
        backup(folder / "hub.db", folder / f"{number}.db")


def test_what_cannot_be_copied_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="There is no database"):
        backup(tmp_path / "hub.db", tmp_path / "copy.db")
    (tmp_path / "hub.db").write_text("this is a letter, not a database" * 100)
    with pytest.raises(StartRefused, match="cannot be copied"):
        backup(tmp_path / "hub.db", tmp_path / "copy.db")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t (x)").connection.close()
    with pytest.raises(StartRefused, match="not a database of this hub"):
        backup(tmp_path / "other.db", tmp_path / "copy.db")
    with pytest.raises(StartRefused, match="exists already"):
        backup(tmp_path / "hub.db", tmp_path / "other.db")
    (tmp_path / "gone.db-wal").write_text("of another one")
    with pytest.raises(StartRefused, match=r"gone\.db-wal exists already"):
        backup(tmp_path / "other.db", tmp_path / "gone.db")
    assert not (tmp_path / "copy.db").exists()
    assert not (tmp_path / "copy.db.partial").exists()
    with pytest.raises(StartRefused, match="cannot be copied"):
        backup(tmp_path / "other.db", tmp_path / "nowhere" / "copy.db")
