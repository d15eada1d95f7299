"""Orderly stops while calls are being made: nothing that the platform says meanwhile is lost."""

from __future__ import annotations

import signal
from typing import Any

from tests.conftest import Start
from tests.harness import HubProcess, apply

STOPS = 3
PEOPLE = 60


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


async def some_more(hub: HubProcess, id: str, count: int) -> None:
    """Until so many events have been told, or everybody is inside."""
    async with hub.moderator().connected() as moderator:
        rows = {row["key"]: row for row in (await moderator.watch(id))["participants"]}

        def is_enough(events: list[dict[str, Any]]) -> bool:
            return len(events) >= count or all(row["state"] == 1 for row in apply(rows, events).values())

        await moderator.until(is_enough)
