"""`confhub simulator` as its user meets it: started, looked at, and ordered about from another terminal."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from hub.simulator import commands
from tests.conftest import Start
from tests.harness import HubProcess, need_program
from tests.simulator.doubles import Application
from tests.test_cli import confhub

Said = subprocess.CompletedProcess[str]


async def say(folder: Path, *arguments: str) -> Said:
    return await asyncio.to_thread(confhub, folder, "simulator", *arguments)


async def rows(folder: Path, *arguments: str) -> list[dict[str, str]]:
    """The table that a command prints."""
    said = await say(folder, *arguments)
    assert said.returncode == 0, said.stderr
    head, *lines = said.stdout.splitlines() or [""]
    return [dict(zip(head.split(), line.split(), strict=True)) for line in lines]


@pytest.fixture
async def hub_with_calls(start: Start) -> tuple[HubProcess, str]:
    """A hub whose only call rings for two minutes, and its conference."""
    hub = await start("--speed", "0.25", "--seed", "1")
    id = await hub.create()
    users = [{"number": "13800009002"}]
    await hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users)
    return hub, id


async def test_the_command_prints_what_a_hub_needs(start: Start, tmp_path: Path) -> None:
    process = await start("--callback-url", "http://127.0.0.1:9/callbacks/yuntongxun/secret", command="simulator")
    printed = [await process.line() for _ in range(3)]
    assert [line.partition("=")[0] for line in printed] == ["account_sid", "auth_token", "app_id"]
    assert all(len(line.partition("=")[2]) == 32 for line in printed)
    assert (tmp_path / "confhub-simulator.db").exists()


async def test_the_hubs_own_simulator_is_at_hand(hub_with_calls: tuple[HubProcess, str]) -> None:
    """Every command, at the simulator built into a hub."""
    hub, id = hub_with_calls
    own = ("--database", "confhub-simulator.db")
    async with hub.moderator().connected() as moderator:
        await moderator.watch(id)
        (call,) = await _until(hub.folder, "calls")
        assert (call["confid"], call["number"], call["state"], call["muted"]) == (id, "13800009002", "ringing", "no")
        assert (await say(hub.folder, "answer", "13800009002", *own)).stdout == f"callid={call['callid']}\n"
        await moderator.until(lambda events: events[-1]["type"] == "participant.joined")
        dialled = await say(hub.folder, "dial-in", "13900000001", "--conference", id, *own)
        assert dialled.stdout.startswith("callid=")
        assert len(await rows(hub.folder, "calls")) == 2
        assert (await say(hub.folder, "hangup", call["callid"])).returncode == 0
        await moderator.until(lambda events: any(event["type"] == "participant.left" for event in events))
        assert (await say(hub.folder, "delete")).stdout == f"confid={id}\n"
        await moderator.until(lambda events: events[-1]["type"] == "conference.ended")
    (conference,) = await rows(hub.folder, "conferences")
    assert (conference["confid"], conference["state"]) == (id, "over")


async def _until(folder: Path, command: str) -> list[dict[str, str]]:
    """The rows, as soon as there are any."""
    while not (found := await rows(folder, command)):
        pass
    return found


async def test_faults_and_scenes_from_the_command_line(start: Start, tmp_path: Path) -> None:
    await start("--callback-url", "http://127.0.0.1:9/", command="simulator")
    said = await say(tmp_path, "fault", "callback_dropped", "--only", "join", "--nth", "2")
    assert (said.returncode, said.stdout) == (0, "name=callback_dropped\nonly=join\n")
    (tmp_path / "scene.json").write_text(json.dumps({"faults": [{"name": "answer_slow", "probability": 0.5}]}))
    assert (await say(tmp_path, "play", "scene.json")).returncode == 0
    assert [list(row.values()) for row in await rows(tmp_path, "faults")] == [
        ["callback_dropped", "join", "1", "2", "0", "0", "0"],
        ["answer_slow", "-", "0.5", "-", "3", "0", "0"],
    ]
    assert (await say(tmp_path, "mend", "answer_slow")).returncode == 0
    assert [row["name"] for row in await rows(tmp_path, "faults")] == ["callback_dropped"]
    assert (await say(tmp_path, "mend")).returncode == 0
    assert (await say(tmp_path, "faults")).stdout == (await say(tmp_path, "messages")).stdout == ""


async def test_what_a_command_cannot_do_is_said_in_a_sentence(start: Start, tmp_path: Path) -> None:
    process = await start("--callback-url", "http://127.0.0.1:9/", command="simulator")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "bad.json").write_text("[]")
    for arguments, sentence in {
        ("calls", "--database", "none.db"): "There is no file none.db",
        ("calls", "--database", "broken.json"): "is not the file of a simulator",
        ("answer", "1"): "The simulator refuses: no call of 1 is ringing.",
        ("fail", "1", "--as", "busy"): "The simulator refuses: no call of 1 is ringing.",
        ("fault", "gremlins"): "The simulator refuses: there is no fault 'gremlins'",
        ("play", "none.json"): "cannot be read",
        ("play", "broken.json"): "is not JSON",
        ("play", "bad.json"): "The simulator refuses: the scene: Expected `object`, got `array`.",
    }.items():
        _assert_refused(await say(tmp_path, *arguments), sentence)
    await process.kill()
    _assert_refused(await say(tmp_path, "calls"), f"No simulator answers at {process.url}")
    with socket.create_server(("127.0.0.1", int(process.url.rpartition(":")[2]))) as taken:
        server = await asyncio.start_server(_stranger, sock=taken)
        _assert_refused(await say(tmp_path, "calls"), "is not this simulator")
        server.close()


async def _stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
    writer.close()


def _assert_refused(said: Said, sentence: str) -> None:
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr


async def test_a_command_that_there_is_not(tmp_path: Path) -> None:
    assert (await say(tmp_path, "dance")).returncode == 2
    listed = await say(tmp_path, "--help")
    assert all(name in " ".join(listed.stdout.split()) for name in commands.COMMANDS)
    assert "answer_lost" in (await say(tmp_path, "fault", "--help")).stdout


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([need_program("openssl"), *made, *files], check=True, capture_output=True)
    return certificate, key


async def test_with_a_certificate_it_speaks_tls(start: Start, tmp_path: Path, application: Application) -> None:
    certificate, key = _certificate(tmp_path)
    flags = ("--certificate", str(certificate), "--key", str(key))
    process = await start("--callback-url", application.url, *flags, command="simulator")
    assert process.url.startswith("https://127.0.0.1:")
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        assert (await http.get(f"{process.url}/control/calls")).status_code == 401
    assert await rows(tmp_path, "calls") == []


@pytest.mark.parametrize("flags", [("--certificate", "x"), ("--key", "x")])
async def test_a_certificate_needs_its_key(tmp_path: Path, flags: tuple[str, str]) -> None:
    refused = await say(tmp_path, "--port", "0", "--callback-url", "http://127.0.0.1:9/", *flags)
    _assert_refused(refused, "CONFHUB_CERTIFICATE and CONFHUB_KEY belong together")


async def test_a_certificate_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no certificate")
    flags = ("--certificate", "x", "--key", "x")
    refused = await say(tmp_path, "--port", "0", "--callback-url", "http://127.0.0.1:9/", *flags)
    _assert_refused(refused, "cannot be used")


async def test_a_seed_is_a_number(tmp_path: Path) -> None:
    refused = await say(tmp_path, "--callback-url", "http://127.0.0.1:9/", "--seed", "x")
    _assert_refused(refused, "CONFHUB_SEED (--seed) must be a whole number.")


def test_tables_are_aligned() -> None:
    table = commands.table([{"name": "a", "muted": True, "nth": None}, {"name": "long", "muted": False, "nth": 2.5}])
    assert table == "name  muted  nth\na     yes    -\nlong  no     2.5\n"
