"""Numbered migrations: a database is brought to this version at the start, or refused when it is from a newer one."""

from __future__ import annotations

import logging
from importlib.resources import files

import aiosqlite

from hub.errors import StartRefused

logger = logging.getLogger(__name__)


def migrations() -> list[tuple[int, str]]:
    """(version, SQL) of every migration, in order; the version is the file name's number."""
    folder = files("hub.store").joinpath("sql/sqlite")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), folder.joinpath(name).read_text("utf-8")) for name in found]


async def migrate(connection: aiosqlite.Connection, path: str, *, may_change: bool = True) -> None:
    """Raises StartRefused, and leaves as it is, what is no database of the hub's, or not of this version if it may not
    be changed."""
    steps = migrations()
    version = await version_of(connection)
    if version > steps[-1][0]:
        raise StartRefused(
            f"The database {path} has version {version}, this hub knows up to {steps[-1][0]}: start a newer hub."
        )
    tables = {row[0] for row in await connection.execute_fetchall("SELECT name FROM sqlite_schema")}
    if tables and "meta" not in tables:
        raise StartRefused(f"{path} is not a database of this hub.")
    if version < steps[-1][0] and not may_change:
        raise StartRefused(f"The database {path} is of an older version: start the hub on it first.")
    if 0 < version < steps[-1][0]:
        logger.warning("%s goes from version %d to %d: older hubs refuse it now", path, version, steps[-1][0])
    for number, sql in steps:
        if number > version:
            await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


async def version_of(connection: aiosqlite.Connection) -> int:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])
