"""Several conferences, several faults of the callbacks by chance: rosters are true where nothing was lost."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.conftest import Start
from tests.faults.world import Meeting, agree, answered, nothing_broke, people, until
from tests.harness import HubProcess

UNLIKELY = 0.2
SAYS_ALL = ("callback_duplicated", "callback_delayed", "callback_reordered", "callback_as_form", "callback_as_xml")
NAMES_NONE = ("callback_duplicated", "callback_delayed", "callback_without_callid", "callback_with_jointime")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_rosters_are_true_whatever_happens_to_the_callbacks(seed: int, start: Start) -> None:
    """Even if people call by themselves while they are being called."""
    await crowd(await start("--speed", "50", "--seed", str(seed)), SAYS_ALL, seed, first_caller=1)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_rosters_are_true_if_the_callbacks_name_no_call(seed: int, start: Start) -> None:
    """As long as nobody has two calls, which nobody could tell apart."""
    await crowd(await start("--speed", "50", "--seed", str(seed)), NAMES_NONE, seed, first_caller=6)


async def crowd(hub: HubProcess, faults: tuple[str, ...], seed: int, first_caller: int) -> None:
    meetings = [await Meeting.open(hub) for _ in range(3)]
    for name in faults:
        await hub.simulator("fault", name=name, probability=UNLIKELY)
    dice = Random(seed)
    await asyncio.gather(
        *(
            bustle(meeting, Random(dice.random()), f"138{place}000", first_caller)
            for place, meeting in enumerate(meetings)
        )
    )
    await agree(*meetings)
    nothing_broke(hub)


async def bustle(meeting: Meeting, dice: Random, prefix: str, first_caller: int) -> None:
    """People come and go in every way there is; one stays, so that the conference does."""
    numbers = [f"{prefix}{number:04}" for number in range(12)]
    await meeting.done("inviteConf", users=people(*numbers[:6], f"{prefix}9001"))
    await until(lambda: answered(meeting.hub, numbers[0]))
    for _ in range(25):
        called, caller, anybody = (
            dice.choice(numbers[1:6]),
            dice.choice(numbers[first_caller:]),
            dice.choice(numbers[1:]),
        )
        match dice.choice(["invite", "dial-in", "hangup", "hangup", "quitConf", "muteConf", "callAllConf"]):
            case "invite":
                await meeting.done("inviteConf", users=people(called))
            case "callAllConf":
                await meeting.done("callAllConf")
            case "dial-in" if not await is_called(meeting.hub, caller):
                await meeting.hub.simulator("dial-in", number=caller, confid=meeting.id)
            case "hangup" if await answered(meeting.hub, anybody):
                await meeting.hub.simulator("hangup", number=anybody)
            case "quitConf" | "muteConf" as operation:
                await control_if_inside(meeting, operation, anybody)


async def is_called(hub: HubProcess, number: str) -> bool:
    calls = (await hub.simulator("calls"))["calls"]
    return any(call["number"] == number and call["state"] != "over" for call in calls)


async def control_if_inside(meeting: Meeting, operation: str, number: str) -> None:
    """It may have been a moment ago."""
    for row in await meeting.rows():
        if row["number"] == number and row["state"] == 1 and "callid" in row:
            await meeting.ask(operation, users=[{"callid": row["callid"]}])
