"""What both clients promise, the one in Python and the one in JavaScript."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.client.twins import Twin, added, is_lost, is_now, told, watching
from tests.conftest import Start
from tests.faults.world import until
from tests.harness import HubProcess
from tests.network import Proxy, ScriptedHub

BY = {"uid": "mia", "appid": "demo"}

# What is promised of a watch -----------------------------------------------------------------------------------------


async def test_a_watch_begins_with_a_snapshot_and_goes_on_with_every_event(twin: Twin, hub: HubProcess) -> None:
    id = await hub.create()
    await twin.open(hub.url)
    await twin.watch(id)
    await told(twin, [2, None, "never watched"], id=id)
    await is_now(twin, "live")
    result = await twin.call("joinConf", id=id, **BY, users=[{"id": "ada"}, {"id": "bob"}])
    assert [each["ok"] for each in result["result"]["results"]] == [True, True]
    await told(twin, [2, None, "never watched"], *added(3, 4), id=id)
    assert await twin.participants(id) == ["1", "2"]


async def test_many_conferences_are_watched_on_one_connection(twin: Twin, hub: HubProcess) -> None:
    ids = [await hub.create() for _ in range(3)]
    await twin.open(hub.url)
    await is_now(twin, "live")
    for id in ids:
        await twin.watch(id)
    for number, id in enumerate(ids):
        await hub.post("joinConf", id=id, **BY, users=[{"id": f"user-{each}"} for each in range(number)])
    for number, id in enumerate(ids):
        await until(lambda id=id, seq=2 + number: is_at(twin, id, seq))  # type: ignore[misc]
    await is_now(twin, "live")


async def is_at(twin: Twin, id: str, seq: int) -> bool:
    said = await twin.told(id)
    return bool(said) and said[-1][0] == seq


async def test_after_a_break_it_comes_back_for_exactly_what_it_missed(
    twin: Twin, hub: HubProcess, proxy: Proxy
) -> None:
    id = await hub.create()
    await twin.open(proxy.url)
    await twin.watch(id)
    await told(twin, [2, None, "never watched"], id=id)
    for round in range(3):
        proxy.cut_all()
        await hub.post("joinConf", id=id, **BY, users=[{"id": f"user-{round}"}])
        await told(twin, [2, None, "never watched"], *added(*range(3, 4 + round)), id=id)
    await is_now(twin, "live")
    assert (await twin.words()).count("offline") == 3


async def test_it_asks_from_where_it_stands(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.events(6, 7)
    await told(twin, [5, None, "never watched"], *added(6, 7))
    session.reset()
    session = await script.session()
    assert await session.resume(7) == {"id": "1", "epoch": "e", "seq": 7}


async def test_a_snapshot_replaces_and_says_why(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    session.reset()
    session = await script.session()
    await session.begin(3, "x", "y", epoch="another", reason="unknown epoch")
    await session.events(4, epoch="another")
    await told(twin, [5, None, "never watched"], *added(6), [3, None, "unknown epoch"], *added(4))
    assert await twin.participants("1") == ["x", "y", "row-4"]


async def test_an_event_told_twice_or_of_another_epoch_is_ignored(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.events(6, 6, 5, 1)
    await session.events(7, epoch="another")
    await session.events(7)
    await told(twin, [5, None, "never watched"], *added(6, 7))
    assert session.is_silent


async def test_a_gap_is_asked_for(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.events(6, 8, 9)
    assert await session.resume(9) == {"id": "1", "epoch": "e", "seq": 6}
    await session.events(7, 8, 9)
    await told(twin, [5, None, "never watched"], *added(6, 7, 8, 9))
    await is_now(twin, "live")


async def test_what_is_no_longer_in_the_log_is_made_up_for_by_a_snapshot(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    await session.close(4001, "restart")
    session = await script.session()
    assert await session.begin(40, "x", reason="trimmed") == {"id": "1", "epoch": "e", "seq": 6}
    await session.events(41)
    await told(twin, [5, None, "never watched"], *added(6), [40, None, "trimmed"], *added(41))
    assert await twin.participants("1") == ["x", "row-41"]
    await is_now(twin, "live")


async def test_a_position_that_is_known_proves_that_all_is_live(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await session.notify("position", id="1", epoch="e", seq=5)
    await session.notify("position", id="of nobody", epoch="e", seq=7)
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    assert session.is_silent
    assert (await twin.status("1"))[0] == "live"


@pytest.mark.parametrize("where", [{"epoch": "e", "seq": 6}, {"epoch": "another", "seq": 5}])
async def test_a_position_that_is_not_known_is_asked_for(
    twin: Twin, script: ScriptedHub, where: dict[str, Any]
) -> None:
    session = await watching(twin, script)
    await session.notify("position", id="1", **where)
    await is_now(twin, "catching up")
    assert await session.resume(6) == {"id": "1", "epoch": "e", "seq": 5}
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    await is_now(twin, "live")


async def test_it_is_live_only_once_all_that_was_announced_is_here(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await is_now(twin, "live", "1")
    session.reset()
    session = await script.session()
    await session.resume(7)
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    assert (await twin.status("1"))[0] == (await twin.status())[0] == "catching up"
    await session.events(7)
    await is_now(twin, "live", "1")
    assert (await twin.words())[-3:] == ["offline", "catching up", "live"]


async def test_a_conference_that_is_not_there_ends_its_watch_alone(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await twin.watch("99")
    await session.refuse(await session.asked("watchConf"), 1001, "unknown_conference")
    await until(lambda: is_lost(twin, "99", "unknown_conference"))
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    await is_now(twin, "live")
    assert await twin.lost("1") is None


async def test_a_conference_that_cannot_be_ends_its_watch(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await twin.watch("")
    await session.refuse(await session.asked("watchConf"), -32602, "invalid_params")
    await until(lambda: is_lost(twin, "", "invalid_params"))


async def test_a_conference_that_goes_while_it_is_away_ends_its_watch(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    session.reset()
    session = await script.session()
    await session.refuse(await session.asked("watchConf"), 1001, "unknown_conference")
    await until(lambda: is_lost(twin, "1", "unknown_conference"))


async def test_too_many_is_honoured_by_waiting(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    refused = await session.asked("watchConf")
    began = asyncio.get_running_loop().time()
    await session.refuse(refused, 1429, "too_many", retry_after_ms=300)
    await session.begin(5)
    assert asyncio.get_running_loop().time() - began >= 0.299
    await told(twin, [5, None, "never watched"])


async def test_many_watches_ask_a_few_at_a_time(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    ids = [str(number) for number in range(20)]
    for id in ids:
        await twin.watch(id)
    while ids:
        requests = [await session.asked("watchConf") for _ in ids[:8]]
        call = asyncio.create_task(twin.call("getConf"))
        await session.answer(await session.asked("getConf"))
        await call
        assert sorted(request["params"]["id"] for request in requests) == sorted(ids[:8])
        for request in requests:
            await session.answer(request, id=ids.pop(0), epoch="e", seq=0, recovered=True)
    await is_now(twin, "live")


async def test_what_goes_wrong_for_now_is_asked_again(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    for code, name in ((1503, "storage_unavailable"), (-32603, "internal_error")):
        await session.refuse(await session.asked("watchConf"), code, name)
    await session.begin(5)
    await told(twin, [5, None, "never watched"])


async def test_whoever_leaves_is_told_no_more_and_may_come_back(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    await twin.leave("1")
    unwatch = await session.asked("unwatchConf")
    assert unwatch["params"] == {"id": "1"}
    await session.answer(unwatch, id="1", watched=True)
    await session.events(6)
    await twin.watch("1")
    await session.begin(6)
    await told(twin, [6, None, "never watched"])


async def test_an_answer_for_one_who_has_left_starts_nothing(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    late = await session.asked("watchConf")
    await twin.leave("1")
    await session.asked("unwatchConf")
    snapshot = {"conference": {"id": "1"}, "participants": []}
    await session.answer(late, id="1", epoch="e", seq=5, recovered=False, reason="never watched", **snapshot)
    await session.asked("unwatchConf")
    await session.events(6)
    assert (await twin.told("1"), (await twin.status())[0]) == ([], "live")


# What is promised of a call ------------------------------------------------------------------------------------------


async def test_a_refused_call_says_what_the_hub_said(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    call = asyncio.create_task(twin.call("muteConf", id="1"))
    await session.refuse(await session.asked("muteConf"), 1429, "too_many", retry_after_ms=60_000)
    data = {"name": "too_many", "retry_after_ms": 60_000}
    assert await call == {"error": {"kind": "RpcError", "name": "too_many", "code": 1429, "data": data}}
    assert session.is_silent


async def test_answers_find_their_calls_in_any_order(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    calls = [asyncio.create_task(twin.call("getConf", id=str(number))) for number in range(3)]
    requests = [await session.asked("getConf") for _ in calls]
    for request in reversed(requests):
        await session.answer(request, id=request["params"]["id"])
    assert [(await call)["result"]["id"] for call in calls] == ["0", "1", "2"]


async def test_a_call_cut_off_is_neither_done_nor_undone(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    call = asyncio.create_task(twin.call("inviteConf", id="1"))
    await session.asked("inviteConf")
    session.reset()
    assert await call == {"error": {"kind": "ConnectionLost"}}
    session = await script.session()
    assert session.is_silent


async def test_a_call_without_a_connection_is_not_made(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    script.deny(503)
    await session.close(4029, '{"retry_after_ms": 300}')
    await is_now(twin, "offline")
    assert await twin.call("inviteConf", id="1") == {"error": {"kind": "Offline"}}
    assert (await script.session()).is_silent


# What is promised of the connection ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 4000, 4001, 4008, 4010, 4029, 4499])
async def test_it_comes_back_after_a_close_for_now(twin: Twin, script: ScriptedHub, code: int) -> None:
    session = await watching(twin, script)
    await session.close(code)
    session = await script.session()
    await session.resume(6)
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))


@pytest.mark.parametrize("code", [4501, 4503, 4504, 4999])
async def test_it_stays_away_after_a_close_for_good(twin: Twin, script: ScriptedHub, code: int) -> None:
    session = await watching(twin, script)
    call = asyncio.create_task(twin.call("getConf", id="1"))
    await session.asked("getConf")
    await session.close(code, "enough")
    assert await call == {"error": {"kind": "ConnectionLost"}}
    await until(lambda: is_lost(twin, "1", "Refused"))
    assert await twin.status() == ("offline", f"closed with {code} enough", True)
    assert await twin.call("getConf", id="1") == {"error": {"kind": "Refused"}}
    assert script.handshakes == 1


async def test_it_comes_back_no_sooner_than_it_was_told(twin: Twin, script: ScriptedHub) -> None:
    session = await watching(twin, script)
    began = asyncio.get_running_loop().time()
    await session.close(4029, '{"retry_after_ms": 300}')
    session = await script.session()
    assert asyncio.get_running_loop().time() - began >= 0.299
    await session.resume(5)


async def test_it_waits_for_a_hub_that_is_not_there(twin: Twin, start: Start) -> None:
    hub = await start()
    id = await hub.create()
    await twin.open(hub.url)
    await twin.watch(id)
    await is_now(twin, "live", id)
    await hub.kill()
    await is_now(twin, "offline", id)
    await start("--port", hub.url.rpartition(":")[2])
    await is_now(twin, "live", id)


async def test_what_it_does_not_know_it_ignores(twin: Twin, script: ScriptedHub) -> None:
    """Whoever has no token cannot renew one."""
    session = await watching(twin, script)
    await session.notify("signal", id="1", talking=["7"])
    await session.notify("signal", type="expiring")
    await session.say(method="surprise")
    await session.say(id=None, error={"code": -32700, "message": "not JSON"})
    await session.say(id=12345, result={})
    await session.events(6)
    await told(twin, [5, None, "never watched"], *added(6))
    assert await twin.signals() == [{"id": "1", "talking": ["7"]}, {"type": "expiring"}]
    call = asyncio.create_task(twin.call("getConf"))
    await session.answer(await session.asked("getConf"))
    await call


@pytest.mark.parametrize("nonsense", ["{", "", "\x00"])
async def test_nonsense_ends_the_connection_and_nothing_else(twin: Twin, script: ScriptedHub, nonsense: str) -> None:
    session = await watching(twin, script)
    await session.say_text(nonsense)
    session = await script.session()
    await session.resume(5)
    await is_now(twin, "live")


async def test_a_snapshot_may_be_large(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    await session.begin(5, *(f"{number:0400}" for number in range(10_000)))
    await told(twin, [5, None, "never watched"])
    assert len(await twin.participants("1")) == 10_000
