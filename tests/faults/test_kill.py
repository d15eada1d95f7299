"""kill -9 under load, the platform running on: nothing acknowledged is lost, doubled or reordered."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.conftest import Start
from tests.faults.run import running
from tests.faults.world import BY, Meeting, agree, concluded, dialled_once, nothing_broke
from tests.harness import HubProcess
from tests.scale import scaled

KILLS = scaled(200)
CONFERENCES = 5
ACKNOWLEDGED_BETWEEN_KILLS = 24


async def test_kills_under_load_lose_double_and_reorder_nothing(start: Start) -> None:
    began = time.monotonic()
    async with running(start, "--speed", "20", hub_too=("--ring-timeout", "3")) as run:
        ids = [await run.hub.create(f"Call {number}") for number in range(CONFERENCES)]
        meetings = [Meeting(run.hub, id) for id in ids]
        async with run.followed(ids) as followed:
            async with run.app(ids) as app, run.app(ids, place=1):
                for _ in range(KILLS):
                    await app.more(ACKNOWLEDGED_BETWEEN_KILLS)
                    await run.restart()
            await concluded(*meetings)
            await agree(*meetings)
            await dialled_once(run.hub)
            evidence = await followed.check()
            await they_go_on(run.hub, ids)
        nothing_broke(run.hub)
    print(f"kill -9: {KILLS} kills, {evidence}, {time.monotonic() - began:.1f} s")


async def they_go_on(hub: HubProcess, ids: Sequence[str]) -> None:
    """Those who are inside can be muted: the platform still has the calls that were made before the kills."""
    inside = 0
    for id in ids:
        rows = (await hub.post("getConfUsers", id=id))["users"]
        calls = [{"callid": row["callid"]} for row in rows if row["state"] == 1]
        answer = await hub.post("muteConf", id=id, **BY, users=calls)
        assert all(result["ok"] for result in answer["results"]), answer
        inside += len(calls)
        assert (await hub.post("stopConf", id=id, **BY))["status"] == 1
    assert inside > KILLS
