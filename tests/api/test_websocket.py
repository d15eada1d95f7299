from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.registry import REGISTRY
from tests.conftest import Start
from tests.harness import HubProcess, apply


def ws(hub: HubProcess) -> str:
    return hub.url.replace("http://", "ws://") + "/ws"


async def test_a_first_watch_gets_a_snapshot_and_then_every_event(hub: HubProcess) -> None:
    id = await hub.create("Watched")
    async with hub.moderator().connected() as moderator:
        snapshot = await moderator.watch(id)
        assert (snapshot["seq"], snapshot["recovered"], snapshot["reason"]) == (2, False, "never watched")
        assert (snapshot["conference"]["name"], snapshot["participants"]) == ("Watched", [])
        assert "pwd" not in snapshot["conference"]
        users = [{"number": f"1380000000{number}"} for number in range(3)]
        await moderator.call("inviteConf", id=id, uid="mia", appid="demo", users=users)
        events = await moderator.until(lambda events: sum(e["type"] == "participant.joined" for e in events) == 3)
    assert [event["seq"] for event in events] == list(range(3, 3 + len(events)))
    assert {(event["id"], event["epoch"]) for event in events} == {(id, snapshot["epoch"])}
    users_now = (await hub.post("getConfUsers", id=id))["users"]
    assert list(apply({}, events).values()) == users_now


async def test_a_later_watch_gets_exactly_what_it_missed(hub: HubProcess) -> None:
    id = await hub.create()
    async with hub.moderator().connected() as before:
        snapshot = await before.watch(id)
    for number in range(300):
        await hub.post("joinConf", id=id, uid="mia", appid="demo", users=[{"id": f"user-{number}"}])
    async with hub.moderator().connected() as after:
        position = await after.watch(id, epoch=snapshot["epoch"], seq=snapshot["seq"])
        assert position == {"id": id, "epoch": snapshot["epoch"], "seq": 302, "recovered": True}
        events = await after.wait_for(300)
        assert [event["seq"] for event in events] == list(range(3, 303))


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ({}, "never watched"),
        ({"epoch": "another", "seq": 1}, "unknown epoch"),
        ({"seq": 99}, "ahead"),
    ],
)
async def test_where_it_cannot_resume_it_says_why(hub: HubProcess, since: dict[str, Any], reason: str) -> None:
    id = await hub.create()
    async with hub.moderator().connected() as moderator:
        epoch = (await moderator.watch(id))["epoch"]
        if since:
            since = {"epoch": epoch, **since}
        answer = await moderator.watch(id, **since)
        assert (answer["recovered"], answer["reason"], answer["seq"]) == (False, reason, 2)
        assert answer.keys() >= {"conference", "participants"}


async def test_an_unwatched_conference_is_silent(hub: HubProcess) -> None:
    id = await hub.create()
    async with hub.moderator().connected() as moderator:
        await moderator.watch(id)
        assert (await moderator.call("unwatchConf", id=id))["result"] == {"id": id, "watched": True}
        await moderator.call("joinConf", id=id, uid="mia", appid="demo", users=[{"id": "ada"}])
        assert (await moderator.call("unwatchConf", id=id))["result"] == {"id": id, "watched": False}
        assert moderator.events == []


async def test_what_is_watched_last_is_what_was_asked_last(start: Start) -> None:
    """Even if the first has to be read from the database."""
    hub = await start()
    id = await hub.create()
    await hub.kill()
    hub = await start()
    async with hub.moderator().connected() as moderator:
        watched, unwatched = await asyncio.gather(moderator.watch(id), moderator.call("unwatchConf", id=id))
        assert (watched["seq"], unwatched["result"]) == (2, {"id": id, "watched": True})
        await hub.post("joinConf", id=id, uid="mia", appid="demo", users=[{"id": "ada"}])
        await moderator.call("ping")
        assert moderator.events == []


async def test_an_unknown_conference_cannot_be_watched(hub: HubProcess) -> None:
    async with hub.moderator().connected() as moderator:
        assert (await moderator.call("watchConf", id="99"))["error"]["code"] == 1001


async def test_both_doors_say_the_same(hub: HubProcess) -> None:
    id = await hub.create()
    await hub.post("joinConf", id=id, uid="mia", appid="demo", users=[{"id": "ada"}])
    async with hub.moderator().connected() as moderator:
        for operation, params in {
            "getUser": {"id": "ada", "appid": "demo"},
            "getConf": {"id": id},
            "getConfUsers": {"id": id},
            "getUserConfs": {"id": "mia", "appid": "demo"},
            "getEvents": {"id": id},
        }.items():
            posted = await hub.post(operation, **params)
            assert posted.pop("status") == 1
            assert (await moderator.call(operation, **params))["result"] == posted


async def test_every_operation_refuses_nonsense_alike_at_both_doors(start: Start) -> None:
    hub = await start("--auth", "keys")
    nonsense = {"id": {"no": "text"}, "seq": "x", "after": [], "users": 7}
    async with hub.moderator().connected() as moderator:
        await moderator.call("authenticate", token=hub.admin_key)
        for operation in REGISTRY.values():
            reply = await moderator.call(operation.name, **nonsense)
            posted = await hub.post(operation.name, credential=hub.admin_key, **nonsense)
            expected = -32601 if operation.socket else reply["error"]["code"]
            assert (reply["error"]["code"], posted["error"]["code"]) == (-32602, expected), operation.name


async def test_nonsense_disturbs_neither_the_session_nor_others(hub: HubProcess) -> None:
    async with connect(ws(hub), proxy=None) as socket:
        for nonsense in ("{", "[]", "1", "[1]", '{"jsonrpc":"2.0","method":"x"}', "\ufeff{}", "[" * 50_000):
            await socket.send(nonsense)
        await socket.send(b'{"jsonrpc":"2.0","id":1,"method":"ping"}')
        replies = []
        while not any(isinstance(reply, dict) and reply.get("id") == 1 for reply in replies):
            replies.append(json.loads(await socket.recv()))
    assert len(replies) == 7


async def test_two_watches_of_one_conference_are_one(hub: HubProcess) -> None:
    id = await hub.create()
    for number in range(10):
        await hub.post("joinConf", id=id, uid="mia", appid="demo", users=[{"id": f"user-{number}"}])
    epoch = (await hub.post("getEvents", id=id, limit=1))["events"][0]["epoch"]
    watch = {"jsonrpc": "2.0", "id": 1, "method": "watchConf", "params": {"id": id, "epoch": epoch, "seq": 5}}
    async with hub.moderator().connected() as moderator:
        await moderator.socket.send(json.dumps([watch, watch]))
        await moderator.call("joinConf", id=id, uid="mia", appid="demo", users=[{"id": "last"}])
        events = await moderator.wait_for(8)
        await moderator.call("ping")
        assert [event["seq"] for event in events] == list(range(6, 14))


async def test_a_client_that_hangs_up_at_once_stops_nothing_that_it_asked_for(hub: HubProcess) -> None:
    id = await hub.create()
    users = [{"number": f"138000000{number:02}"} for number in range(20)]
    await hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users)
    async with hub.moderator().connected() as watching:
        await watching.watch(id)
        rows = {row["key"]: row for row in watching.snapshot["participants"]}
        is_inside = lambda events: all(row["state"] == 1 for row in apply(rows, events).values())  # noqa: E731
        inside = apply(rows, await watching.until(is_inside))
        for row in inside.values():
            async with connect(ws(hub), proxy=None) as brief:
                params = {"id": id, "uid": "mia", "appid": "demo", "users": [{"callid": row["callid"]}]}
                mute = {"jsonrpc": "2.0", "id": 1, "method": "muteConf", "params": params}
                await brief.send(json.dumps(mute))
                brief.transport.abort()
        await watching.until(lambda events: all(row["muted"] for row in apply(rows, events).values()))


async def test_a_foreign_page_is_refused_before_the_handshake(hub: HubProcess) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(ws(hub), proxy=None, origin="https://evil.example").__aenter__()  # type: ignore[arg-type]
    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body or b"")["error"]["code"] == 1403
    async with connect(ws(hub), proxy=None, origin=hub.url):  # type: ignore[arg-type]
        pass
    assert "ERROR" not in hub.log


async def test_the_public_address_is_an_own_page(start: Start) -> None:
    hub = await start("--public-url", "https://hub.example")
    async with connect(ws(hub), proxy=None, origin="https://hub.example"):  # type: ignore[arg-type]
        pass
