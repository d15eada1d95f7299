"""Copies of a database that may be in use."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from hub.errors import StartRefused
from hub.store.migrate import migrations

LEFT_BEHIND = ("-wal", "-shm", "-journal")
"""What another database of that name may have left: SQLite would apply it to the copy."""


def backup(source: Path, target: Path) -> None:
    """Copy `source` as it is at one moment, without its epoch: a hub that starts from the copy makes a new one.

    Whoever runs on `source` goes on. The copy has the hub's secrets, so only its owner may read it. Raises StartRefused
    with a sentence.
    """
    for path in (target, *(target.with_name(target.name + ending) for ending in LEFT_BEHIND)):
        if os.path.lexists(path):
            raise StartRefused(f"{path} exists already.")
    if not os.path.isfile(source):
        raise StartRefused(f"There is no database {source}.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(0o600)
        _copy(source, partial)
        partial.rename(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StartRefused(f"The database {source} cannot be copied to {target}: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """The name of a new file is on the disk once its folder is."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _copy(source: Path, target: Path) -> None:
    address = f"file:{quote(str(source.absolute()))}?mode=rw"
    with (
        contextlib.closing(sqlite3.connect(address, uri=True)) as original,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        original.execute("PRAGMA query_only = 1")
        _check(original, source)
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("DELETE FROM meta WHERE name = 'epoch'")
        copy.commit()


def _check(original: sqlite3.Connection, source: Path) -> None:
    (version,) = original.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in original.execute("SELECT name FROM sqlite_master")}
    if not 0 < version <= migrations()[-1][0] or "meta" not in tables:
        raise StartRefused(f"{source} is not a database of this hub.")
