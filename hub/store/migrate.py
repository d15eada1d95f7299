"""Numbered migrations: a database is brought to this version at the start, or refused when it is from a newer one."""

from __future__ import annotations

from importlib.resources import files

import aiosqlite

from hub.errors import StartRefused


def migrations() -> list[tuple[int, str]]:
    """(version, SQL) of every migration, in order; the version is the file name's number."""
    folder = files("hub.store").joinpath("sql/sqlite")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), folder.joinpath(name).read_text("utf-8")) for name in found]


async def migrate(connection: aiosqlite.Connection, path: str) -> None:
    steps = migrations()
    version = await version_of(connection)
    if version > steps[-1][0]:
        raise StartRefused(
            f"The database {path} has version {version}, this hub knows up to {steps[-1][0]}: start a newer hub."
        )
    for number, sql in steps:
        if number > version:
            await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")


async def version_of(connection: aiosqlite.Connection) -> int:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])
