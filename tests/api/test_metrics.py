"""What the hub counts, as Prometheus reads it."""

from __future__ import annotations

import pytest

from hub.access.identity import Role
from hub.api.metrics import COUNTERS, GAUGES
from hub.domain.messages import Counted
from tests.api.conftest import Doors, new_key


async def figures(doors: Doors, credential: str = "") -> dict[str, int]:
    answer = await doors.client(credential=credential).get("metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = [line.split() for line in answer.text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("confhub_").removesuffix("_total"): int(figure) for name, figure in lines}


async def test_it_counts_what_is_wrong(doors: Doors) -> None:
    assert await figures(doors) == dict.fromkeys([*COUNTERS, *GAUGES], 0)
    who = await doors.create()
    await doors.inside(who)
    await doors.conferences._lives.tell(await doors.conferences.find(who["id"]), Counted(0))
    await doors.http.post("/callbacks/yuntongxun/wrong/join")
    counted = await figures(doors)
    assert {name for name, count in counted.items() if count == 1} == {
        *("callbacks_refused", "conferences_active", "conferences_uncertain"),
    }


@pytest.mark.parametrize("settings", [{"auth": "keys"}])
async def test_it_is_for_admins(doors: Doors) -> None:
    said = {role: await new_key(doors, app) for role, app in ((Role.ADMIN, None), (Role.APP, "demo"))}
    assert (await doors.client().get("metrics")).status_code == 401
    refused = await doors.client(credential=said[Role.APP]).get("metrics")
    assert refused.json()["error"]["name"] == "not_allowed"
    assert (await figures(doors, said[Role.ADMIN]))["conferences_active"] == 0
