"""kill -9 under load: nothing acknowledged is lost, doubled or reordered, and conferences go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from tests.conftest import Start
from tests.harness import PATIENCE_S, HubProcess, Moderator, apply

KILLS = 10
CONFERENCES = 3
ACKNOWLEDGED_BETWEEN_KILLS = 12


class Load:
    """An app that puts people on rosters and invites them, and remembers what was acknowledged."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids
        self.acknowledged: list[tuple[str, str]] = []
        self._changed = asyncio.Condition()
        self._sent = 0

    async def run(self, url: str) -> None:
        """Until the hub is gone."""
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S) as http:
            while True:
                self._sent += 1
                id = self.ids[self._sent % len(self.ids)]
                user = {"id": f"user-{self._sent}", "number": f"1380000{self._sent:04}", "name": ""}
                operation = "inviteConf" if self._sent % 4 == 0 else "joinConf"
                params = {"id": id, "uid": "mia", "appid": "demo", "users": [user]}
                try:
                    answer = await http.post(operation, json=params)
                except httpx.HTTPError:
                    return
                assert answer.json()["status"] == 1, answer.text
                async with self._changed:
                    self.acknowledged.append((id, user["id"]))
                    self._changed.notify_all()

    async def more(self, count: int) -> None:
        goal = len(self.acknowledged) + count
        async with self._changed:
            await asyncio.wait_for(
                self._changed.wait_for(lambda: len(self.acknowledged) >= goal),
                PATIENCE_S,
            )


class Log:
    """What one moderator was told of one conference, over all connections: every number once and in order."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.epoch: str | None = None
        self.first: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []

    @property
    def seq(self) -> int:
        return self.events[-1]["seq"] if self.events else int(self.first.get("seq", 0))

    async def follow(self, moderator: Moderator) -> None:
        since = {} if self.epoch is None else {"epoch": self.epoch, "seq": self.seq}
        position = await moderator.watch(self.id, **since)
        if self.epoch is None:
            self.epoch, self.first = position["epoch"], position
        else:
            assert position["recovered"], position

    def take(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["id"] == self.id:
                assert (event["epoch"], event["seq"]) == (self.epoch, self.seq + 1)
                self.events.append(event)

    def roster(self, further: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
        first = {row["key"]: row for row in self.first["participants"]}
        return list(apply(first, [*self.events, *further]).values())

    def is_settled(self, further: Sequence[dict[str, Any]]) -> bool:
        """Nobody is on the way: every call that was asked for was answered, or its outcome is unknown."""
        rows = self.roster([event for event in further if event["id"] == self.id])
        return not {"queued", "dialing"} & {row["progress"] for row in rows}


async def follow_until_gone(hub: HubProcess, logs: list[Log], watching: asyncio.Event) -> None:
    moderator = hub.moderator()
    try:
        async with moderator.connected():
            for log in logs:
                await log.follow(moderator)
            watching.set()
            await moderator.socket.wait_closed()
    except (WebSocketException, OSError):
        pass
    for log in logs:
        log.take(moderator.events)


async def test_ten_kills_under_load_lose_double_and_reorder_nothing(start: Start) -> None:
    hub = await start("--speed", "20")
    ids = [await hub.create(f"Call {number}") for number in range(CONFERENCES)]
    load, logs = Load(ids), [Log(id) for id in ids]
    for _ in range(KILLS):
        watching = asyncio.Event()
        work = asyncio.gather(load.run(hub.url), follow_until_gone(hub, logs, watching))
        await watching.wait()
        await load.more(ACKNOWLEDGED_BETWEEN_KILLS)
        await hub.kill()
        await work
        hub = await start("--speed", "20")

    moderator = hub.moderator()
    async with moderator.connected():
        for log in logs:
            await log.follow(moderator)
        await moderator.until(lambda events: all(log.is_settled(events) for log in logs))
        async with hub.moderator().connected() as newcomer:
            snapshots = {id: await newcomer.watch(id) for id in ids}
        heads = {id: snapshot["seq"] for id, snapshot in snapshots.items()}
        await moderator.until(lambda events: all(reached(logs, events)[id] >= heads[id] for id in ids))

    for log in logs:
        log.take([event for event in moderator.events if event["seq"] <= heads[event["id"]]])
        whole = (await everything(hub, log.id))[: heads[log.id]]
        assert [event["seq"] for event in whole] == list(range(1, len(whole) + 1))
        assert whole[log.first["seq"] :] == log.events
        assert log.roster() == snapshots[log.id]["participants"]
        added = [e["participant"]["id"] for e in whole if e["type"] in FIRST_SEEN and e["participant"]["attempt"] < 2]
        acknowledged = [user for id, user in load.acknowledged if id == log.id]
        assert [user for user in added if user in set(acknowledged)] == acknowledged

    await they_go_on(hub, ids)


FIRST_SEEN = {"participant.added", "participant.queued"}


def reached(logs: list[Log], events: list[dict[str, Any]]) -> dict[str, int]:
    last = {log.id: log.seq for log in logs}
    return last | {event["id"]: event["seq"] for event in events}


async def everything(hub: HubProcess, id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while True:
        page = await hub.post("getEvents", id=id, after=len(events), limit=1000)
        events += page["events"]
        if not page["more"]:
            return events


async def they_go_on(hub: HubProcess, ids: list[str]) -> None:
    """Those who are inside can be muted: the platform still has the calls that were made before the kills."""
    inside = 0
    for id in ids:
        rows = (await hub.post("getConfUsers", id=id))["users"]
        calls = [{"callid": row["callid"]} for row in rows if row["state"] == 1]
        answer = await hub.post("muteConf", id=id, uid="mia", appid="demo", users=calls)
        assert all(result["ok"] for result in answer["results"]), answer
        inside += len(calls)
        assert (await hub.post("stopConf", id=id, uid="mia", appid="demo"))["status"] == 1
    assert inside > KILLS
