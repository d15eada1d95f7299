"""Orderly stops while calls are being made: nothing that the platform says meanwhile is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

from tests.conftest import Start
from tests.faults.run import running
from tests.faults.world import Meeting, agree, dialled_once, nothing_broke
from tests.harness import HubProcess, apply
from tests.scale import scaled

STOPS = 3
PEOPLE = 60
STOPS_UNDER_LOAD = scaled(50)
ACKNOWLEDGED_BETWEEN_STOPS = 40


async def test_callbacks_during_a_stop_arrive_after_the_restart(start: Start) -> None:
    hub = await start("--speed", "20")
    id = await hub.create()
    users = [{"number": f"138000000{number:02}"} for number in range(PEOPLE)]
    await hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users)
    for _ in range(STOPS):
        await some_more(hub, id, PEOPLE // 3)
        assert await hub.kill(signal.SIGTERM) == 0
        assert "ERROR" not in hub.log
        hub = await start("--speed", "20")
    await some_more(hub, id, PEOPLE * PEOPLE)


async def test_stops_under_load_are_orderly_and_lose_nothing(start: Start) -> None:
    began = time.monotonic()
    async with running(start, "--speed", "20") as run:
        ids = [await run.hub.create(f"Call {number}") for number in range(3)]
        async with run.followed(ids) as followed:
            async with run.app(ids) as app, run.app(ids, place=1):
                for _ in range(STOPS_UNDER_LOAD):
                    await app.more(ACKNOWLEDGED_BETWEEN_STOPS)
                    assert await run.restart(signal.SIGTERM) == 0
            meetings = [Meeting(run.hub, id) for id in ids]
            await agree(*meetings)
            await dialled_once(run.hub)
            evidence = await followed.check()
        nothing_broke(run.hub)
    print(f"SIGTERM: {STOPS_UNDER_LOAD} stops under load, {evidence}, {time.monotonic() - began:.1f} s")


async def some_more(hub: HubProcess, id: str, count: int) -> None:
    """Until so many events have been told, or everybody is inside."""
    async with hub.moderator().connected() as moderator:
        rows = {row["key"]: row for row in (await moderator.watch(id))["participants"]}

        def is_enough(events: list[dict[str, Any]]) -> bool:
            return len(events) >= count or all(row["state"] == 1 for row in apply(rows, events).values())

        await moderator.until(is_enough)


async def test_who_waits_for_a_silent_platform_is_told_when_the_hub_stops(start: Start) -> None:
    hub = await start()
    await hub.simulator("fault", name="answer_lost")
    async with hub.moderator().connected() as moderator:
        over_http = asyncio.create_task(hub.post("createConf", id="mia", appid="demo"))
        await moderator.socket.send(
            '{"jsonrpc":"2.0","id":7,"method":"createConf","params":{"id":"mia","appid":"demo"}}'
        )
        await moderator.call("ping")
        assert await hub.kill(signal.SIGTERM) == 0
        await moderator.socket.wait_closed()
        assert moderator.socket.close_code == 4001
        error = (await over_http)["error"]
    assert (error["code"], error["name"]) == (1007, "outcome_unknown")
    assert "ERROR" not in hub.log
