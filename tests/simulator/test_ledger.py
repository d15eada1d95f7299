"""The simulator's file: what it keeps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hub.simulator.ledger import VERSION, open_ledger
from tests.simulator.conftest import Run

FIRST_VERSION = """
CREATE TABLE account (sid TEXT NOT NULL, token TEXT NOT NULL, app TEXT NOT NULL);
INSERT INTO account VALUES ('s', 't', 'a');
CREATE TABLE sub_accounts (
    name TEXT PRIMARY KEY, sid TEXT NOT NULL, token TEXT NOT NULL, voip TEXT NOT NULL, pwd TEXT NOT NULL,
    created TEXT NOT NULL
);
INSERT INTO sub_accounts VALUES ('demo.mia', 'sub', 'token', '8', 'p', '20261123090000');
CREATE TABLE conferences (confid INTEGER PRIMARY KEY, maxmember INTEGER NOT NULL, words TEXT NOT NULL);
INSERT INTO conferences VALUES (60000001, 3, '{}');
CREATE TABLE notices (id INTEGER PRIMARY KEY, confid INTEGER NOT NULL, word TEXT NOT NULL, fields TEXT NOT NULL);
"""


def _schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT IN ('account', 'sub_accounts')"))


async def test_a_file_of_an_older_version_keeps_its_accounts(tmp_path: Path, run: Run) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as db:
        db.executescript(FIRST_VERSION)
    ledger = await open_ledger(tmp_path / "old.db", 1.0)
    assert ledger.account == ("s", "t", "a")
    assert await ledger.read("SELECT name, sid FROM sub_accounts") == [("demo.mia", "sub")]
    assert await ledger.read("SELECT * FROM conferences") == []
    assert await ledger.read("PRAGMA user_version") == [(VERSION,)]
    await ledger.close()
    client = await run("new.db")
    assert sorted(_schema(tmp_path / "old.db")) == sorted(_schema(tmp_path / "new.db"))
    assert client.world.ledger.address == "http://platform"


async def test_a_change_is_all_or_nothing(tmp_path: Path) -> None:
    ledger = await open_ledger(tmp_path / "world.db", 1.0)
    try:
        async with ledger.change():
            await ledger.later(1, "idle", "1")
            raise KeyError
    except KeyError:
        assert await ledger.read("SELECT * FROM agenda") == []
    await ledger.close()
