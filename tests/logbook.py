"""Everything that was logged in this process and by its hubs, and every secret that was made there."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MADE = re.compile(
    r"(?<!\w)(ck_[a-z0-9]{8}_[\w-]{43}|c[tl]_[\w-]{43}|eyJ[\w-]+\.[\w-]+\.[\w-]+|sig=[0-9A-Fa-f]{32})", re.ASCII
)
"""Keys, tickets, links, tokens, and what the platform is shown: known by how they look."""

NUMBER = re.compile(r"(?<![0-9A-Za-z_-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z_-])")
SHORTEST = 8
"""Letters of a secret; shorter ones stand in a log by chance."""

lines: list[str] = []
secrets: set[str] = set()


class Handler(logging.Handler):
    """What is logged in this process."""

    def emit(self, record: logging.LogRecord) -> None:
        lines.append(f"{record.name}: {logging.Formatter().format(record)}")


def keep(folder: Path) -> None:
    """What a hub logged whose folder this is, and what it keeps secret."""
    log = folder / "stderr.log"
    if log.exists():
        lines.extend(f"{folder.name}: {line}" for line in log.read_text(errors="replace").splitlines())
    for path in folder.glob("*.db"):
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as db:
            secrets.update(secret for secret in _in(db) if len(secret) >= SHORTEST)


def told() -> list[str]:
    """The lines that have a secret in them."""
    return [line for line in lines if MADE.search(line) or NUMBER.search(line) or any(map(line.__contains__, secrets))]


def _in(db: sqlite3.Connection) -> Iterator[str]:
    """Of a hub's database or of a simulator's."""
    yield from _column(db, "SELECT value FROM meta WHERE name = 'callback_secret'")
    yield from _column(db, "SELECT token FROM account")
    yield from (json.loads(details)["pwd"] for details in _column(db, "SELECT details FROM conferences"))
    for account in map(json.loads, _column(db, "SELECT account FROM users")):
        yield from (account["token"], account["voip_pwd"])


def _column(db: sqlite3.Connection, sql: str) -> list[Any]:
    try:
        return [row[0] for row in db.execute(sql)]
    except sqlite3.Error:
        return []
