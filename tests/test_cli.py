"""The confhub command as an operator meets it."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hub.server import listen
from tests.conftest import Start
from tests.harness import PATIENCE_S, ROOT, HubProcess, clean_environment


def confhub(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        cwd=folder,
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_help_is_for_strangers(tmp_path: Path) -> None:
    top, serve = confhub(tmp_path, "--help"), confhub(tmp_path, "serve", "--help")
    assert (top.returncode, serve.returncode) == (0, 0)
    assert "simulator" in top.stdout
    for word in ("--port", "CONFHUB_PORT", "default: 8000", "--database", "--provider-url"):
        assert word in serve.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        ((), {"CONFHUB_PROT": "1"}, "confhub: CONFHUB_PROT is not a setting of the hub.\n"),
        (("--port", "x"), {}, "confhub: CONFHUB_PORT (--port) must be a port number from 0 to 65535.\n"),
        (("--database", "no/such/folder.db", "--port", "0"), {}, "No such file or directory"),
        (("--database", ".", "--port", "0"), {}, "Is a directory"),
        (("--database", str(ROOT / "README.md"), "--port", "0"), {}, "is not a database"),
        (("--host", "192.0.2.1", "--auth", "open"), {}, "must be a loopback address"),
        (("simulator",), {}, "CONFHUB_CALLBACK_URL (--callback-url) is not set."),
    ],
)
def test_what_it_will_not_start_with_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    refused = confhub(tmp_path, *arguments, **variables)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = confhub(tmp_path, "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "Address already in use" in refused.stderr


async def test_a_second_hub_on_the_same_database_will_not_start(hub: HubProcess) -> None:
    (hub.folder / "link.db").symlink_to(hub.folder / "confhub.db")
    for database in ("confhub.db", "link.db"):
        refused = await asyncio.to_thread(confhub, hub.folder, "--port", "0", "--database", database)
        assert refused.returncode == 2
        assert "is in use by another process" in refused.stderr


async def test_it_says_where_the_page_is_and_gives_a_line_to_paste(hub: HubProcess) -> None:
    page, line, calls = await hub.line(), await hub.line(), await hub.line()
    assert calls == "calls are simulated"
    assert page == f"page: {hub.url}/"
    pasted = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", line.removeprefix("try:")], capture_output=True, text=True
    )
    assert '"status":1' in pasted.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_an_orderly_stop(start: Start, number: int) -> None:
    hub = await start()
    async with hub.moderator().connected() as moderator:
        id = await hub.create()
        await moderator.watch(id)
        assert await hub.kill(number) == 0
        await asyncio.wait_for(moderator.socket.wait_closed(), PATIENCE_S)
    assert "Traceback" not in hub.log
    hub = await start()
    assert (await hub.post("getConf", id=id))["state"] == "active"


async def test_hub_and_simulator_can_be_two_processes(start: Start, tmp_path: Path) -> None:
    secret = "a-secret-of-the-test"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/callbacks/yuntongxun/{secret}"
    platform = await start("--callback-url", url, "--speed", "20", command="simulator")
    given = dict([(await platform.line()).split("=", 1) for _ in range(3)])
    hub = await start(
        *("--provider-url", platform.url, "--provider-account-sid", given["account_sid"]),
        *("--provider-auth-token", given["auth_token"], "--provider-app-id", given["app_id"]),
        *("--callback-secret", secret, "--port", str(port)),
    )
    id = await hub.create()
    async with hub.moderator().connected() as moderator:
        await moderator.watch(id)
        await hub.post("inviteConf", id=id, uid="mia", appid="demo", users=[{"number": "13800000001"}])
        await moderator.until(lambda events: any(event["type"] == "participant.joined" for event in events))
        await platform.kill()
        calls = [{"callid": row["callid"]} for row in (await hub.post("getConfUsers", id=id))["users"]]
        answer = await hub.post("muteConf", id=id, uid="mia", appid="demo", users=calls)
        assert (answer["status"], answer["error"]["code"]) == (0, 1006)
        assert (await hub.post("createConf", id="mia", appid="demo"))["error"]["name"] == "provider_unreachable"


def test_answers_do_not_wait_for_nagle() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


async def test_a_backup_of_a_running_hub_is_started_from(start: Start, tmp_path: Path) -> None:
    hub = await start("--speed", "10")
    id = await hub.create("Kept")
    copied = confhub(tmp_path, "backup", "copy.db")
    assert (copied.returncode, copied.stderr) == (0, "")
    await hub.create("Later")
    again = confhub(tmp_path, "backup", "copy.db")
    assert (again.returncode, again.stderr) == (2, "confhub: copy.db exists already.\n")
    restored = await start("--database", "copy.db")
    log = await hub.post("getEvents", id=id)
    copy = await restored.post("getEvents", id=id)
    assert [event["seq"] for event in copy["events"]] == [event["seq"] for event in log["events"]]
    assert copy["events"][0]["epoch"] != log["events"][0]["epoch"]
    assert len((await restored.post("getUserConfs", id="mia", appid="demo"))["confs"]) == 1


async def test_a_hub_that_others_can_read_says_so_loudly(start: Start) -> None:
    hub = await start("--auth", "keys", "--host", "0.0.0.0")  # noqa: S104 - for this is what is warned of
    assert "WARNING hub: NOT ENCRYPTED: 0.0.0.0 can be reached from other machines" in hub.log
