"""Another process holds the database: changes are refused, reads go on, and it recovers by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import httpx

from tests.harness import PATIENCE_S, HubProcess


async def test_a_locked_database_is_said_and_outlived(hub: HubProcess) -> None:
    id = await hub.create()
    with closing(sqlite3.connect(hub.folder / "confhub.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with httpx.AsyncClient(base_url=hub.url, trust_env=False, timeout=PATIENCE_S) as http:
            join = {"id": id, "uid": "mia", "appid": "demo", "users": [{"id": "ada"}]}
            changed, ready = await asyncio.gather(http.post("joinConf", json=join), http.get("readyz"))
            assert (changed.status_code, changed.headers["retry-after"]) == (503, "1")
            assert (changed.json()["status"], changed.json()["error"]["name"]) == (0, "storage_unavailable")
            assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
            assert (await http.get("healthz")).status_code == 200
            assert (await hub.post("getConfUsers", id=id))["users"] == []
        other.execute("ROLLBACK")
    assert (await hub.post("joinConf", **join))["status"] == 1
    log = (await hub.post("getEvents", id=id))["events"]
    assert [event["seq"] for event in log] == [1, 2, 3]
