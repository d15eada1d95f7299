"""`confhub keys`, `tokens` and `audit`, with a hub that runs and without; and how a hub is got into the first time."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import pty
import re
import sqlite3
import stat
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub.store.migrate import migrations
from tests.conftest import Start
from tests.harness import PATIENCE_S, ROOT, HubProcess, clean_environment
from tests.test_cli import confhub

Order = Callable[..., Awaitable[str]]


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    return await start("--auth", "keys")


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """What an order prints, which must succeed and say nothing else."""

    async def run(*words: str) -> str:
        done = await asyncio.to_thread(confhub, tmp_path, *words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    return run


async def may(hub: HubProcess, key: str) -> bool:
    return (await hub.post("getUserConfs", credential=key, id="mia", appid="demo"))["status"] == 1


async def test_a_key_is_printed_alone_and_works_at_once(hub: HubProcess, order: Order) -> None:
    key = await order("keys", "create", "--app", "demo")
    assert re.fullmatch(r"ck_[a-z0-9]{8}_[\w-]{43}\n", key, re.ASCII)
    assert await may(hub, key.strip())


async def test_two_keys_are_live_until_one_is_revoked(hub: HubProcess, order: Order) -> None:
    old, new = [(await order("keys", "create", "--app", "demo")).strip() for _ in range(2)]
    assert (await may(hub, old), await may(hub, new)) == (True, True)
    assert await order("keys", "revoke", old.split("_")[1]) == f"{old.split('_')[1]} is revoked\n"
    assert (await may(hub, old), await may(hub, new)) == (False, True)
    listed = await order("keys", "list")
    assert [line.split("  ")[2].split()[0] for line in listed.splitlines()] == ["good", "revoked", "good"]
    assert [line.split("  ")[3] for line in listed.splitlines()] == ["admin", "app demo", "app demo"]
    assert not any(secret.split("_", 2)[2] in listed for secret in (old, new))


async def test_where_no_hub_runs_the_orders_go_to_its_database(hub: HubProcess, order: Order, start: Start) -> None:
    first = (await order("keys", "create", "--app", "demo")).strip()
    await hub.kill()
    second = (await order("keys", "create", "--app", "demo")).strip()
    await order("keys", "revoke", first.split("_")[1])
    assert len((await order("audit")).splitlines()) == 4
    hub = await start("--auth", "keys")
    assert (await may(hub, first), await may(hub, second)) == (False, True)


async def test_the_socket_is_the_users_own_and_goes_with_the_hub(hub: HubProcess) -> None:
    socket = hub.folder / "confhub.db.sock"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    await hub.kill(15)
    assert not socket.exists()


async def test_a_database_that_lies_deep_is_reached_as_well(start: Start, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    hub = await start("--auth", "keys", "--database", str(deep / "confhub.db"))
    made = await asyncio.to_thread(
        confhub, tmp_path, "keys", "create", "--app", "demo", "--database", f"{deep}/confhub.db"
    )
    assert await may(hub, made.stdout.strip())


async def test_a_database_is_reached_by_any_of_its_names(hub: HubProcess, order: Order) -> None:
    (hub.folder / "link.db").symlink_to("confhub.db")
    assert await may(hub, (await order("keys", "create", "--app", "demo", "--database", "link.db")).strip())


def test_what_is_no_socket_is_not_taken_away(tmp_path: Path) -> None:
    (tmp_path / "confhub.db.sock").write_text("precious")
    refused = confhub(tmp_path, "--port", "0")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "The socket" in refused.stderr
    assert "confhub.db.sock cannot be made: Address already in use." in refused.stderr
    assert (tmp_path / "confhub.db.sock").read_text() == "precious"


WRONG = {
    ("keys", "create"): "one of the arguments --app --admin is required",
    ("keys", "create", "--app", "a", "--admin"): "not allowed with",
    ("keys", "create", "--app", ""): "app: must not be empty",
    ("keys", "revoke", "nobody"): "confhub: The hub refuses: id: there is no key nobody.\n",
    ("keys", "list", "--database", "other.db"): "confhub: There is no database other.db",
    ("keys",): "the following arguments are required: ORDER",
}


async def test_what_cannot_be_done_is_said_in_a_sentence(hub: HubProcess, tmp_path: Path) -> None:
    for words, sentence in WRONG.items():
        done = await asyncio.to_thread(confhub, tmp_path, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


async def test_the_audit_is_read_as_text_and_as_a_table(hub: HubProcess, order: Order) -> None:
    key = (await order("keys", "create", "--app", "demo")).strip()
    id = (await hub.post("createConf", credential=key, id="=1+1", name="=1+1"))["id"]
    await hub.post("pwdConf", credential=key, id=id, uid="mia", pwd="4711")
    await hub.post("createConf", id="mia", appid="demo")
    rows = list(csv.DictReader(io.StringIO(await order("audit", "--csv"))))
    assert [(row["operation"], row["actor"], row["outcome"]) for row in rows] == [
        ("createKey", "local", "ok"),
        ("createKey", "local", "ok"),
        ("createConf", "user:=1+1", "ok"),
        ("pwdConf", "user:mia", "ok"),
        ("createConf", "none", "unauthenticated"),
    ]
    assert {"127.0.0.1"} == {row["address"] for row in rows[2:]}
    assert (json.loads(rows[3]["before"])["conference"], json.loads(rows[3]["after"])["conference"]) == (
        {"hasPwd": False},
        {"hasPwd": True},
    )
    assert rows[3]["credential"] == f"key:{key.split('_')[1]}"
    lines = (await order("audit", "--conference", id)).splitlines()
    assert [" ".join(line.split("  ")[2:4]) for line in lines] == [
        f"user:=1+1 createConf of {id}: ok",
        f"user:mia pwdConf of {id}: ok",
    ]
    assert "4711" not in await order("audit", "--csv")


async def test_whoever_reads_only_the_beginning_sees_no_traceback(hub: HubProcess) -> None:
    for _ in range(3):
        await hub.post("getConf", id="1")
    command = f"{sys.executable} {ROOT / 'run.py'} audit | head -1; echo ${{PIPESTATUS[0]}}"
    shown = await asyncio.create_subprocess_exec(
        *("bash", "-c", command), cwd=hub.folder, env=clean_environment(), stdout=PIPE, stderr=PIPE
    )
    out, errors = await asyncio.wait_for(shown.communicate(), PATIENCE_S)
    assert (len(out.splitlines()), errors) == (2, b"")


@pytest.mark.parametrize("words", [("keys", "list"), ("audit",), ("serve", "--port", "0"), ("backup", "copy.db")])
def test_a_file_that_is_not_the_hubs_stays_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "family.db")) as family:
        family.execute("CREATE TABLE album (photo)")
    before = (tmp_path / "family.db").read_bytes()
    done = confhub(tmp_path, *words, "--database", "family.db")
    assert (done.returncode, "is not a database of this hub" in done.stderr) == (2, True), done
    assert (tmp_path / "family.db").read_bytes() == before


def test_nor_does_the_simulator_take_another_file_for_its_own(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "family.db")) as family:
        family.execute("CREATE TABLE album (photo)")
    before = (tmp_path / "family.db").read_bytes()
    words = ("simulator", "--port", "0", "--callback-url", "http://127.0.0.1:9/x", "--database", "family.db")
    done = confhub(tmp_path, *words)
    assert (done.returncode, "it is not a simulator's" in done.stderr) == (2, True), done
    assert (tmp_path / "family.db").read_bytes() == before


async def test_only_a_start_brings_an_older_database_forward(hub: HubProcess, start: Start) -> None:
    await hub.kill()
    for file in hub.folder.glob("confhub.db*"):
        file.unlink()
    with contextlib.closing(sqlite3.connect(hub.folder / "confhub.db")) as database:
        database.executescript("".join(sql for _, sql in migrations()[:2]) + "PRAGMA user_version = 2;")
    refused = await asyncio.to_thread(confhub, hub.folder, "audit")
    assert (refused.returncode, refused.stderr) == (
        2,
        "confhub: The database confhub.db is of an older version: start the hub on it first.\n",
    )
    hub = await start("--auth", "keys")
    assert f"confhub.db goes from version 2 to {len(migrations())}: older hubs refuse it now" in hub.log
    assert await may(hub, hub.admin_key)


# The first start -----------------------------------------------------------------------------------------------------


async def test_without_a_terminal_the_ways_in_are_files_that_the_log_names(hub: HubProcess) -> None:
    page, line, _ = [await hub.line() for _ in range(3)]
    for name in ("confhub.admin-key", "confhub.sign-in"):
        path = hub.folder / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert f" {name}\n" in hub.log
        assert path.read_text().strip() not in hub.log + "\n".join(hub.lines)
    assert page == f"page: {hub.url}/"
    assert await may(hub, hub.admin_key)
    pasted = await asyncio.create_subprocess_exec(
        *("bash", "-c", line.removeprefix("try:")), cwd=hub.folder, stdout=asyncio.subprocess.PIPE
    )
    assert b'"status":1' in (await asyncio.wait_for(pasted.communicate(), PATIENCE_S))[0]


async def test_a_link_signs_in_once(hub: HubProcess) -> None:
    link = (hub.folder / "confhub.sign-in").read_text().strip()
    address, _, ticket = link.partition("/#?sign-in=")
    assert address == hub.url
    signed_in = await hub.post("signIn", ticket=ticket, uid="mia")
    assert (signed_in["role"], signed_in["uid"], signed_in["appid"]) == ("admin", "mia", None)
    assert await may(hub, signed_in["token"])
    assert (await hub.post("signIn", ticket=ticket))["error"]["name"] == "unauthenticated"


async def test_only_the_first_start_makes_a_key(hub: HubProcess, start: Start) -> None:
    key = hub.admin_key
    (hub.folder / "confhub.admin-key").unlink()
    link = (hub.folder / "confhub.sign-in").read_text()
    await hub.kill()
    hub = await start("--auth", "keys")
    assert not (hub.folder / "confhub.admin-key").exists()
    assert (hub.folder / "confhub.sign-in").read_text() != link
    assert await may(hub, key)


def test_on_a_terminal_the_ways_in_are_shown_there(tmp_path: Path) -> None:
    """And nowhere else."""
    ours, its = pty.openpty()
    command = [sys.executable, str(ROOT / "run.py"), "--auth", "keys", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdout=its, stderr=its) as process:
        shown = ""
        while "calls are" not in shown:
            shown += os.read(ours, 1000).decode()
        process.kill()
    for end in (ours, its):
        os.close(end)
    assert re.search(r"page: http://127.0.0.1:\d+/#\?sign-in=cl_[\w-]{43} \(signs in once\)", shown)
    key = re.search(r"key:  (ck_\w{8}_[\w-]{43}) \(an admin's; shown this once\)", shown)
    assert key
    assert f'-H "Authorization: Bearer {key[1]}"' in shown
    assert {path.name for path in tmp_path.glob("confhub.*")} & {"confhub.admin-key", "confhub.sign-in"} == set()


async def test_an_open_hub_has_no_key_and_no_link(start: Start) -> None:
    hub = await start("--auth", "open")
    assert "Authorization" not in "\n".join([await hub.line() for _ in range(3)])
    assert not list(hub.folder.glob("confhub.admin-key")) + list(hub.folder.glob("confhub.sign-in"))
