"""Every fault of the platform alone, and with every other one, under the checker.

CI takes other pairs each time; SEED repeats those of an earlier run, SCALE=1 takes all.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from hub.simulator.faults import FAULTS
from tests.conftest import Start
from tests.faults.checker import Evidence
from tests.faults.run import Run, put, running
from tests.faults.world import Meeting, agree, answered, dialled_once, nothing_broke, settled
from tests.harness import HubProcess
from tests.scale import SCALE

Faults = tuple[str, ...]

AT_ONCE = 8
"""Hubs, each with a platform of its own: most of the time they wait for answers that do not come."""

OFTEN = 0.5
"""How probable each of two faults is, so that either also strikes without the other."""

UNTRUE: list[set[str]] = [{"callback_dropped"}, {"callback_without_callid", "callback_reordered"}]
"""What leaves a roster untrue: nobody tells it what was lost, or which of two calls is meant."""

SLOW = {"answer_lost", "answer_111111"}
"""Those that take longest begin first."""

STARTS_IN_MS = 400
CONTROLS = ("muteConf", "quitConf", "unmuteConf")
SPOILT = (1005, 1006, 1007)
"""Errors that tell of the provider."""


def cases(dice: Random) -> list[Faults]:
    """All alone and all pairs; or of the pairs so many that every fault is in at least two."""
    pairs: list[Faults] = list(itertools.combinations(FAULTS, 2))
    return [*((name,) for name in FAULTS), *(pairs if SCALE == 1 else some_of(pairs, dice))]


def some_of(pairs: Sequence[Faults], dice: Random) -> Iterator[Faults]:
    times = dict.fromkeys(FAULTS, 0)
    for pair in dice.sample(pairs, len(pairs)):
        if min(times[name] for name in pair) < 2:
            times |= {name: times[name] + 1 for name in pair}
            yield pair


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_is_played_alone_and_in_two_pairs(seed: int) -> None:
    played = cases(Random(seed))
    for name in FAULTS:
        assert (name,) in played
        assert sum(name in faults for faults in played) >= 3


async def test_faults_alone_and_in_pairs_are_never_silently_wrong(start: Start, tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED") or secrets.randbits(32))
    print(f"SEED={seed}")
    began = time.monotonic()
    waiting = sorted(enumerate(cases(Random(seed))), key=lambda case: len(SLOW & set(case[1])))
    count = len(waiting)
    evidence: list[Evidence] = []

    async def work(folder: Path) -> None:
        folder.mkdir()
        async with running(start, "--speed", "50", "--seed", str(seed), folder=folder) as run:
            while waiting:
                evidence.append(await play(run, *waiting.pop()))

    async with asyncio.TaskGroup() as group:
        for number in range(AT_ONCE):
            group.create_task(work(tmp_path / str(number)))
    acknowledged = sum(said.is_acknowledged for each in evidence for said in each.said)
    events = sum(len(log) for each in evidence for log in each.logs.values())
    print(f"faults: {count} alone and in pairs, {acknowledged} acknowledged, {events} events, ", end="")
    print(f"{time.monotonic() - began:.1f} s")


async def play(run: Run, number: int, faults: Faults) -> Evidence:
    """Two meetings, the later of which starts while the faults are on; then they are mended, and all must be so."""
    dial = f"13{number:05}"
    try:
        meeting = await Meeting.open(run.hub)
        later = await Meeting.open(run.hub, f"{dial}0000", f"{dial}9001", time=in_a_moment())
        async with run.followed([meeting.id, later.id]) as followed:
            async with switched_on(run.hub, faults):
                await come_and_go(run, meeting, dial)
            await settled(meeting, later)
            await dialled_once(run.hub)
            if not any(untrue <= set(faults) for untrue in UNTRUE):
                await agree(meeting, later)
            await end(meeting, later)
            nothing_broke(run.hub)
            return await followed.check()
    except Exception as error:
        error.add_note(f"with the faults {faults}")
        raise


def in_a_moment() -> str:
    return str(round(time.time() * 1000) + STARTS_IN_MS)


@asynccontextmanager
async def switched_on(hub: HubProcess, faults: Faults) -> AsyncIterator[None]:
    for name in faults:
        await hub.simulator("fault", name=name, probability=1.0 if len(faults) == 1 else OFTEN)
    yield
    await hub.simulator("mend")


async def come_and_go(run: Run, meeting: Meeting, dial: str) -> None:
    """People come by themselves, are put on the roster and called; one is muted, one removed, one hangs up."""
    strangers = [f"{dial}000{place}" for place in range(7, 9)]
    for stranger in strangers if await is_running(meeting) else ():
        await run.hub.simulator("dial-in", number=stranger, confid=meeting.id)
    await asyncio.gather(called(run, meeting, dial), meeting.ask("callAllConf"), elsewhere(run.hub, dial))
    await settled(meeting)
    inside = [row for row in await meeting.rows() if row.get("callid") and row["state"] == 1]
    asked = [meeting.ask(name, users=[{"callid": row["callid"]}]) for name, row in zip(CONTROLS, inside, strict=False)]
    await asyncio.gather(*asked)
    if await answered(run.hub, strangers[-1]):
        await run.hub.simulator("hangup", number=strangers[-1])


async def is_running(meeting: Meeting) -> bool:
    """At the platform: whatever the hub asks may have had it deleted."""
    conferences = (await meeting.hub.simulator("conferences"))["conferences"]
    return any(each["confid"] == meeting.id and each["state"] == "running" for each in conferences)


async def called(run: Run, meeting: Meeting, dial: str) -> None:
    """Four are invited, one of whom hangs up soon, and two only listed."""
    invited = [f"{dial}000{place}" for place in range(1, 4)]
    async with run.hub.http() as http:
        for number in [*invited, f"{dial}9004"]:
            await put(http, run.said, "inviteConf", meeting.id, {"id": f"invited-{number}", "number": number})
        for place in range(2):
            await put(http, run.said, "joinConf", meeting.id, {"id": f"listed-{dial}-{place}"})


async def elsewhere(hub: HubProcess, dial: str) -> None:
    """What is asked of the platform besides."""
    answers = await asyncio.gather(
        hub.post("createConf", id="mia", appid="demo"),
        hub.post("getUser", id=f"user-{dial}", appid="demo"),
        hub.post("sendNotice", mps=f"{dial}0001"),
    )
    assert all(answer["status"] == 1 or answer["error"]["code"] in SPOILT for answer in answers), answers


async def end(*meetings: Meeting) -> None:
    for meeting in meetings:
        await meeting.done("stopConf")
        await meeting.until_state("ended")
    await settled(*meetings)
