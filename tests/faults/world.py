"""A hub and its simulator side by side: what the hub shows, what the platform knows, and whether they agree."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from hub.client import Connection, State
from tests.harness import PATIENCE_S, POLL_S, HubProcess

BY = {"uid": "mia", "appid": "demo"}
INSIDE = "inside"
UNDER_WAY = ("queued", "dialing", "unknown")


class Meeting:
    """A conference of mia's, told by the numbers of its callers."""

    def __init__(self, hub: HubProcess, id: str) -> None:
        self.hub = hub
        self.id = id

    @classmethod
    async def open(cls, hub: HubProcess, *invited: str, time: str = "") -> Meeting:
        answer = await hub.post("createConf", id="mia", appid="demo", name="Call", time=time)
        assert answer["status"] == 1, answer
        meeting = cls(hub, answer["id"])
        if invited:
            await meeting.done("inviteConf", users=people(*invited))
        return meeting

    async def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.hub.post(operation, id=self.id, **BY, **params)

    async def done(self, operation: str, **params: Any) -> dict[str, Any]:
        answer = await self.ask(operation, **params)
        assert answer["status"] == 1, answer
        return answer

    async def control(self, operation: str, number: str) -> dict[str, Any]:
        """muteConf, unmuteConf or quitConf for the call of this number."""
        return await self.ask(operation, users=[{"callid": (await self.row(number))["callid"]}])

    async def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.hub.post("getConfUsers", id=self.id))["users"]
        return rows

    async def row(self, number: str) -> dict[str, Any]:
        (row,) = [row for row in await self.rows() if row["number"] == number]
        return row

    async def state(self) -> str:
        return str((await self.hub.post("getConf", id=self.id))["state"])

    async def until_state(self, state: str) -> None:
        await until(lambda: self._is(state))

    async def until(self, *progress: str) -> None:
        """Until these are the states of the rows, in their order."""
        await until(lambda: self._are(progress))

    async def _is(self, state: str) -> bool:
        return await self.state() == state

    async def _are(self, progress: tuple[str, ...]) -> bool:
        return tuple(row["progress"] for row in await self.rows()) == progress


def people(*numbers: str) -> list[dict[str, str]]:
    return [{"number": number} for number in numbers]


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """The hub is another process: it is asked until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():  # noqa: ASYNC110 - there is no event for all that may be asked
            await asyncio.sleep(POLL_S)


async def log_of(hub: HubProcess, id: str) -> list[dict[str, Any]]:
    """From the first event."""
    events: list[dict[str, Any]] = []
    while (page := await hub.post("getEvents", id=id, after=len(events), limit=1000))["more"]:
        events += page["events"]
    return events + page["events"]


async def snapshot_of(hub: HubProcess, id: str) -> State:
    async with Connection(hub.url) as fresh:
        async for update in fresh.watch(id):
            assert update.event is None
            return update.state
    raise AssertionError


async def answered(hub: HubProcess, number: str) -> bool:
    calls = (await hub.simulator("calls"))["calls"]
    return any(call["number"] == number and call["state"] == INSIDE for call in calls)


async def settled(*meetings: Meeting) -> None:
    """Nothing is on its way any more: nobody is still to be called, no phone rings, no notice is still to be taken."""

    async def is_quiet() -> bool:
        rosters = [await meeting.rows() for meeting in meetings]
        if any(row["progress"] == "queued" for rows in rosters for row in rows):
            return False
        with contextlib.closing(sqlite3.connect(meetings[0].hub.folder / "confhub-simulator.db")) as file:
            (count,) = file.execute(
                "SELECT (SELECT count(*) FROM notices) + (SELECT count(*) FROM calls WHERE state = 'ringing')"
            ).fetchone()
        return bool(count == 0)

    await until(is_quiet)


async def concluded(*meetings: Meeting) -> None:
    """Every call has been answered or has come to an end: also those of which a platform that has tried often enough to
    say something says nothing any more."""

    async def is_so() -> bool:
        rosters = [await meeting.rows() for meeting in meetings]
        return not any(row["progress"] in UNDER_WAY for rows in rosters for row in rows)

    await until(is_so)


async def agree(*meetings: Meeting) -> None:
    """Once all is quiet, those shown inside are inside, those inside are shown, and as muted as they are.

    A call whose callid the platform never said is known by its number. All the world's meetings have to be given.
    """
    await settled(*meetings)
    shown = [row for meeting in meetings for row in await meeting.rows()]
    inside = [call for call in (await meetings[0].hub.simulator("calls"))["calls"] if call["state"] == INSIDE]
    named = {row["callid"] for row in shown if "callid" in row}
    theirs = sorted((call["callid"] if call["callid"] in named else call["number"], call["muted"]) for call in inside)
    ours = sorted((row.get("callid", row["number"]), row["muted"]) for row in shown if row["state"] == 1)
    assert ours == theirs, (shown, inside)


async def dialled_once(hub: HubProcess) -> None:
    """For stories in which nobody was meant to be called twice."""
    numbers = [call["number"] for call in (await hub.simulator("calls"))["calls"]]
    assert len(numbers) == len(set(numbers)), numbers


def nothing_broke(hub: HubProcess) -> None:
    for bad in ("Traceback", "ERROR hub", "CRITICAL"):
        assert bad not in hub.log, hub.log
