"""Reserved conferences at the worst moments, and people who come by themselves."""

from __future__ import annotations

import asyncio
import time

from tests.conftest import Start
from tests.faults.world import Meeting, agree, dialled_once, nothing_broke, people
from tests.harness import HubProcess

ADA, BOB, CAT = "13800000001", "13800000002", "13800000003"


def soon(seconds: float = 0.6) -> str:
    return str(round((time.time() + seconds) * 1000))


async def test_kills_around_the_start_call_nobody_twice(start: Start) -> None:
    hub = await start("--speed", "20")
    meeting = await Meeting.open(hub, ADA, BOB, CAT, time=soon(1))
    deleted = await Meeting.open(hub, "13900000009", time=soon(1))
    await hub.simulator("delete", confid=deleted.id)
    await hub.simulator("fault", name="answer_slow", only="QueryConfState", seconds=10)
    for _ in range(2):
        async with hub.moderator().connected() as moderator:
            await moderator.watch(meeting.id)
            await moderator.wait_for(1)
        await hub.kill()
        hub = meeting.hub = deleted.hub = await start("--speed", "20")
    await deleted.until("joined")
    await meeting.until_state("active")
    await agree(meeting, deleted)
    await dialled_once(hub)
    nothing_broke(hub)


async def test_an_end_during_the_start_is_an_end(hub: HubProcess) -> None:
    await hub.simulator("fault", name="answer_slow", only="QueryConfState", seconds=5)
    meeting = await Meeting.open(hub, ADA, time=soon())
    async with hub.moderator().connected() as moderator:
        await moderator.watch(meeting.id)
        await moderator.until(lambda events: events[-1]["conference"]["pending"] == "start" if events else False)
        await meeting.done("stopConf")
    assert await meeting.state() == "ended"
    assert (await hub.simulator("calls"))["calls"] == []
    assert [conference["state"] for conference in (await hub.simulator("conferences"))["conferences"]] == ["over"]


async def test_a_conference_deleted_while_it_is_looked_for_starts_all_the_same(hub: HubProcess) -> None:
    await hub.simulator("fault", name="answer_slow", only="QueryConfState", seconds=5)
    meeting = await Meeting.open(hub, ADA, time=soon())
    async with hub.moderator().connected() as moderator:
        await moderator.watch(meeting.id)
        await moderator.until(lambda events: events[-1]["conference"]["pending"] == "start" if events else False)
        await hub.simulator("delete", confid=meeting.id)
    await meeting.until("joined")
    await agree(meeting)


async def test_whoever_has_an_account_dials_in_as_themselves_while_their_phone_rings(hub: HubProcess) -> None:
    voip = (await hub.post("getUser", id="ada", appid="demo"))["user"]["voip"]
    meeting = await Meeting.open(hub)
    await meeting.done("joinConf", users=[{"id": "ada", "name": "Ada"}])
    await hub.simulator("dial-in", number=voip)
    await meeting.until("joined")
    assert [(row["id"], row["unidentified"]) for row in await meeting.rows()] == [("ada", False)]
    await hub.simulator("fault", name="answer_slow", only="InviteJoinConf", seconds=3)
    await meeting.done("inviteConf", users=people(BOB))
    await hub.simulator("dial-in", number=BOB)
    await agree(meeting)
    await hub.simulator("hangup", number=BOB)
    await agree(meeting)
    nothing_broke(hub)


async def test_calling_all_while_inviting_calls_nobody_twice(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub)
    numbers = [f"1380000{number:04}" for number in range(40)]
    await asyncio.gather(
        *(meeting.done("inviteConf", users=people(*numbers[first : first + 10])) for first in range(0, 40, 5)),
        *(meeting.done("callAllConf") for _ in range(8)),
    )
    await agree(meeting)
    await dialled_once(hub)


async def test_every_number_is_reminded_once(hub: HubProcess) -> None:
    numbers = [f"1380000{number:04}" for number in range(250)]
    answer = await hub.post("sendNotice", mps=",".join([*numbers, *numbers, "+86 138 0000 0001", "nobody"]))
    assert [result["ok"] for result in answer["results"]] == [True, True, True, False]
    assert [message["number"] for message in (await hub.simulator("messages"))["messages"]] == numbers
