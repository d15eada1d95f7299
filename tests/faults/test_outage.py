"""The provider goes away amid invitations and comes back: what was not done says so, nobody is called twice."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence

from tests.conftest import Start
from tests.faults.run import Run, put, running
from tests.faults.world import Meeting, agree, dialled_once, nothing_broke, people, settled, until
from tests.scale import scaled

OUTAGE_S = scaled(60)
SPEED = 5
"""The platform deletes a conference in which nobody has been for ten minutes: the outage must be shorter than that."""

PACE_S = 0.1
"""Between two invitations; as many people as a conference at the provider holds are more than come of it."""

MEETINGS = 6
AT_ONCE = 8
"""Invitations that the hub is asking for at the moment at which the provider goes."""

UNREACHABLE, UNKNOWN = "provider_unreachable", "outcome_unknown"


async def test_an_outage_amid_invitations_is_told_and_outlived(start: Start) -> None:
    began = time.monotonic()
    async with running(start, "--speed", str(SPEED)) as run:
        meetings = [await Meeting.open(run.hub) for _ in range(MEETINGS)]
        async with run.followed([meeting.id for meeting in meetings]) as followed:
            in_flight = await go_amid_invitations(run, meetings[0])
            invited = await invite_during_the_outage(run, meetings)
            await what_is_asked_is_refused(meetings[0])
            await run.platform.start()
            await run.hub.simulator("mend")
            await settled(*meetings)
            not_done = await told_truly(run, meetings)
            for meeting in meetings:
                await meeting.done("callAllConf")
            await agree(*meetings)
            await dialled_once(run.hub)
            evidence = await followed.check()
            inside, open_ = await all_are_inside_but_the_unknown(meetings)
            causes = {event["cause"] for log in evidence.logs.values() for event in log}
            assert {UNREACHABLE, UNKNOWN} <= causes
            for meeting in meetings:
                await meeting.done("stopConf")
        nothing_broke(run.hub)
    print(
        f"outage: {OUTAGE_S} s, {in_flight} invitations in flight and {invited} during it, {not_done} of them not done,"
        f" {inside} people inside in the end, {open_} unknown; {evidence}, {time.monotonic() - began:.1f} s"
    )


async def go_amid_invitations(run: Run, meeting: Meeting) -> int:
    """The provider is killed when it has begun to call some, and none has been told so."""
    await run.hub.simulator("fault", name="answer_slow", only="InviteJoinConf", seconds=600)
    numbers = [f"1380000{place:04}" for place in range(AT_ONCE)]
    await meeting.done("inviteConf", users=people(*numbers))

    async def calls_some() -> bool:
        return len((await run.hub.simulator("calls"))["calls"]) >= AT_ONCE // 2

    await until(calls_some)
    await run.platform.kill()
    return len(numbers)


async def invite_during_the_outage(run: Run, meetings: Sequence[Meeting]) -> int:
    """One after the other, here and there: all are accepted."""
    ends = time.monotonic() + OUTAGE_S
    async with run.hub.http() as http:
        for place, meeting in enumerate(itertools.cycle(meetings)):
            user = {"id": f"user-{place}", "number": f"1390000{place:04}"}
            assert await put(http, run.said, "inviteConf", meeting.id, user)
            await asyncio.sleep(PACE_S)
            if time.monotonic() > ends:
                return place + 1
    raise AssertionError


async def what_is_asked_is_refused(meeting: Meeting) -> None:
    made = await meeting.hub.post("createConf", id="mia", appid="demo")
    assert (made["status"], made["error"]["name"]) == (0, UNREACHABLE)
    assert await meeting.state() == "active"


async def told_truly(run: Run, meetings: Sequence[Meeting]) -> int:
    """Of nobody who is shown as failed is there a call; those with an id, invited in vain, say why. How many."""
    called = {call["number"] for call in (await run.hub.simulator("calls"))["calls"]}
    rows = [row for meeting in meetings for row in await meeting.rows()]
    failed = [row for row in rows if row["progress"] == "failed"]
    assert {row["cause"] for row in failed if row["id"]} == {UNREACHABLE}
    assert not called & {row["number"] for row in failed}
    assert all(row["cause"] == UNKNOWN for row in rows if row["progress"] == "unknown")
    return sum(bool(row["id"]) for row in failed)


async def all_are_inside_but_the_unknown(meetings: Sequence[Meeting]) -> tuple[int, int]:
    rows = [row for meeting in meetings for row in await meeting.rows()]
    unknown = [row for row in rows if row["progress"] == "unknown"]
    assert len(unknown) <= AT_ONCE
    assert {row["progress"] for row in rows if row not in unknown} == {"joined"}
    return len(rows) - len(unknown), len(unknown)
