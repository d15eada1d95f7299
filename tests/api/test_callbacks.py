from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Start
from tests.harness import HubProcess

SECRET = "a-secret-of-the-test"


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    return await start("--callback-secret", SECRET, "--database", "hub.db")


async def callback(hub: HubProcess, word: str, secret: str = SECRET, **arguments: Any) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(f"{hub.url}/callbacks/yuntongxun/{secret}/{word}", **arguments)


def inbox(folder: Path) -> list[Any]:
    with closing(sqlite3.connect(folder / "hub.db")) as database:
        return database.execute("SELECT word, status FROM inbox ORDER BY id").fetchall()


@pytest.mark.parametrize("form", ["query", "form", "xml"])
async def test_a_stranger_who_dials_in_is_on_the_roster(hub: HubProcess, form: str) -> None:
    id = await hub.create()
    fields = {"confid": id, "callid": "c1", "number": "10086", "jointime": "20261123170000"}
    xml = "<Request>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</Request>"
    arguments: dict[str, Any] = {"query": {"params": fields}, "form": {"data": fields}, "xml": {"content": xml}}[form]
    answer = await callback(hub, "join", **arguments)
    assert (answer.status_code, "<statuscode>000000</statuscode>" in answer.text) == (200, True)
    (row,) = (await hub.post("getConfUsers", id=id))["users"]
    assert (row["callid"], row["number"], row["state"], row["unidentified"]) == ("c1", "10086", 1, True)


async def test_every_callback_is_kept(hub: HubProcess, tmp_path: Path) -> None:
    id = await hub.create()
    await callback(hub, "join", params={"confid": id, "callid": "c1", "number": "10086"})
    await callback(hub, "record", params={"confid": id, "notifytype": "12"})
    await callback(hub, "join", params={"confid": "99999999", "callid": "c1"})
    await callback(hub, "nonsense", content=b"\xff\xfe")
    await callback(hub, "join-" + "1" * 100, params={"confid": id})
    assert inbox(tmp_path) == [
        ("join", "applied"),
        ("record", "ignored"),
        ("join", "unmatched"),
        ("nonsense", "ignored"),
        ("join-" + "1" * 100, "ignored"),
    ]
    assert "a callback 'join' is about conference 99999999, which is not ours" in hub.log


async def test_a_wrong_secret_is_a_path_that_does_not_exist(hub: HubProcess, tmp_path: Path) -> None:
    id = await hub.create()
    for secret in ("wrong", SECRET[:-1], SECRET + "x", "é"):
        answer = await callback(hub, "join", secret, params={"confid": id})
        assert answer.status_code == 404
    async with httpx.AsyncClient(trust_env=False) as http:
        for path in (f"yuntongxun!{SECRET}/join", f"yuntongxun/{SECRET}", f"yuntongxun{SECRET}/join"):
            assert (await http.post(f"{hub.url}/callbacks/{path}")).status_code == 404, path
        assert (await http.get(f"{hub.url}/callbacks/yuntongxun/{SECRET}/join")).status_code == 405
    assert inbox(tmp_path) == []
    assert "4 callbacks so far had a wrong secret" in hub.log


async def test_a_callback_may_have_64_kibibytes(hub: HubProcess) -> None:
    assert (await callback(hub, "join", content=b"x" * (64 * 1024 + 1))).status_code == 413


async def test_the_secret_is_in_no_log(hub: HubProcess) -> None:
    id = await hub.create()
    await callback(hub, "join", params={"confid": id})
    await callback(hub, "nonsense")
    await callback(hub, "join", content=b"x" * 70_000)
    assert SECRET not in hub.log
