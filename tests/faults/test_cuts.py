"""The promise of the push channel: whatever is cut, every event arrives exactly once and in order.

Both clients, each behind a network that ends their connections at random bytes while events flow. SCALE=1 is full size;
SEED repeats the cuts of an earlier run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from random import Random
from typing import Any, Self

import pytest
from playwright.async_api import Page

from hub.client import Connection, State, Watch
from tests.browser.chromium import open_page
from tests.conftest import Start
from tests.faults.world import Meeting, log_of, nothing_broke, people, snapshot_of, until
from tests.harness import HubProcess
from tests.network import Cut, Proxy
from tests.scale import scaled

CLIENTS = scaled(200)
IN_ONE_PAGE = 12
CUTS = 20
"""Of each client; in the page, on average."""

MEETINGS = 4
BATCH = 10
HANDSHAKE = 250
"""Bytes. Every client sends so many at once, with its first watch; the hub's answer has about as many."""

FARTHEST = 20_000

Entry = dict[str, Any]
"""An event as it was applied, or {"snapshot": seq}."""


class Follower:
    """A client in Python that watches some conferences and keeps all that it applied."""

    def __init__(self, hub: HubProcess, ids: list[str], cuts: list[Cut]) -> None:
        self.ids = ids
        self.proxy = Proxy(hub.url, cuts)
        self.entries: dict[str, list[Entry]] = {id: [] for id in ids}
        self.states: dict[str, State] = {}

    async def follow(self) -> None:
        async with self.proxy.running(), Connection(self.proxy.url) as hub, asyncio.TaskGroup() as group:
            for id in self.ids:
                group.create_task(self._read(hub, id))

    async def _read(self, hub: Connection, id: str) -> None:
        async for update in hub.watch(id):
            self.states[id] = update.state
            self.entries[id].append(dict(update.event) if update.event else {"snapshot": update.state.seq})


class Crowd:
    """Clients in JavaScript, all in one page, which came through the network that cuts them as well."""

    def __init__(self, hub: HubProcess) -> None:
        self.proxy = Proxy(hub.url)
        self._page: Page

    @contextlib.asynccontextmanager
    async def following(self, ids: list[str], cuts: list[Cut]) -> AsyncIterator[Self]:
        async with self.proxy.running(), open_page() as self._page:
            await self._page.goto(f"{self.proxy.url}/healthz")
            await self._page.evaluate("import('/js/connection.js').then(() => {})")
            self.proxy.plan = cuts
            await self._page.evaluate(FOLLOW, [ids, IN_ONE_PAGE])
            yield self

    async def seqs(self) -> list[tuple[str, int]]:
        return [(id, seq) for id, seq in await self._page.evaluate("crowd.map(({ id, state }) => [id, state.seq])")]

    async def all(self) -> list[dict[str, Any]]:
        """{id, entries, state: {seq, conference, participants}} of each."""
        told: list[dict[str, Any]] = json.loads(await self._page.evaluate(TELL))
        return told


FOLLOW = """async ([ids, count]) => {
    const random = Math.random;
    Math.random = () => random() / 50;
    const { Connection } = await import("/js/connection.js");
    window.entries = [];
    window.crowd = Array.from({ length: count }, (_, number) => {
        const watch = new Connection(location.origin).watch(ids[number % ids.length]);
        entries[number] = [];
        watch.addEventListener("change", ({ detail: { event } }) =>
            entries[number].push(event ?? { snapshot: watch.state.seq }));
        return watch;
    });
}"""

TELL = """JSON.stringify(crowd.map(({ id, state: { seq, conference, participants } }, number) => ({
    id, entries: entries[number], state: { seq, conference, participants: [...participants.values()] } })))"""


async def test_every_event_comes_exactly_once_however_often_it_is_cut(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("SEED") or secrets.randbits(32))
    print(f"SEED={seed}")
    dice = Random(seed)
    monkeypatch.setattr("hub.client.breaks.FIRST_WAIT_S", 0.05)
    monkeypatch.setattr("hub.client.breaks.LONGEST_WAIT_S", 0.3)
    resumes = count_resumes(monkeypatch)

    hub = await start("--speed", "50", "--seed", str(seed))
    meetings = [await Meeting.open(hub) for _ in range(MEETINGS)]
    ids = [meeting.id for meeting in meetings]
    followers = [Follower(hub, some(ids, number), cuts(dice, CUTS)) for number in range(CLIENTS)]
    crowd = Crowd(hub)
    proxies = [crowd.proxy, *(follower.proxy for follower in followers)]

    began = asyncio.get_running_loop().time()
    async with crowd.following(ids, cuts(dice, CUTS * IN_ONE_PAGE)):
        following = [asyncio.create_task(follower.follow()) for follower in followers]
        await asyncio.gather(*(bustle(meeting, Random(dice.random()), proxies) for meeting in meetings))
        logs = {id: await log_of(hub, id) for id in ids}
        await until(lambda: all_are_there(followers, crowd, logs))
        fresh = {id: await snapshot_of(hub, id) for id in ids}
        in_javascript = await crowd.all()
        for task in following:
            task.cancel()
        ended = await asyncio.gather(*following, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended

    for follower in followers:
        for id in follower.ids:
            exactly_once_in_order(follower.entries[id], logs[id])
            assert follower.states[id] == fresh[id]
    for each in in_javascript:
        exactly_once_in_order(each["entries"], logs[each["id"]])
        assert each["state"] == as_json(fresh[each["id"]])
    nothing_broke(hub)

    told = [entry for follower in followers for entries in follower.entries.values() for entry in entries]
    told += [entry for each in in_javascript for entry in each["entries"]]
    snapshots = sum("snapshot" in entry for entry in told)
    print(
        f"{CLIENTS} clients and {IN_ONE_PAGE} in a page, {sum(proxy.cuts for proxy in proxies)} cuts, "
        f"{sum(map(len, logs.values()))} events, told {len(told) - snapshots} times, {snapshots} snapshots, "
        f"{len(resumes)} resumes in Python, {asyncio.get_running_loop().time() - began:.1f} s"
    )


def cuts(dice: Random, count: int) -> list[Cut]:
    """In the handshake or far from it, in either direction, told or not."""
    return [cut(dice) for _ in range(count)]


def cut(dice: Random) -> Cut:
    is_reset = dice.random() < 0.5
    where = dice.random()
    if where < 0.15:
        return Cut(dice.randrange(HANDSHAKE), is_upward=True, is_reset=is_reset)
    if where < 0.3:
        return Cut(dice.randrange(HANDSHAKE), is_reset=is_reset)
    return Cut(round(math.exp(dice.uniform(math.log(HANDSHAKE), math.log(FARTHEST)))), is_reset=is_reset)


def some(ids: list[str], number: int) -> list[str]:
    """One conference; for every third client, two."""
    return [ids[(number + each) % len(ids)] for each in range(2 if number % 3 == 0 else 1)]


def count_resumes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seq of each resume that the hub has answered."""
    resumes: list[int] = []
    stand = Watch._stand

    def noted(self: Watch, asked: object, position: Mapping[str, Any]) -> None:
        resumes.extend([position["seq"]] * position["recovered"])
        stand(self, asked, position)

    monkeypatch.setattr(Watch, "_stand", noted)
    return resumes


async def bustle(meeting: Meeting, dice: Random, proxies: list[Proxy]) -> None:
    """People are called, named anew and removed for as long as there is a cut to come.

    One stays inside, and is there before anybody is removed: with the last one who leaves a conference ends.
    """
    await meeting.done("inviteConf", users=people("13800000001", *(f"1380000{dice.randrange(9000)}" for _ in range(8))))
    names = 0
    while any(proxy.plan or proxy.doomed for proxy in proxies):
        names += BATCH
        users = [{"id": f"user-{dice.randrange(40)}", "name": f"{names + each}"} for each in range(BATCH)]
        await meeting.done("joinConf", users=users)
        inside = {row["number"]: row["callid"] for row in await meeting.rows() if row["state"] == 1}
        if inside.pop("13800000001", None) and inside and dice.random() < 0.2:
            callid = next(iter(inside.values()))
            await meeting.ask(dice.choice(["quitConf", "muteConf"]), users=[{"callid": callid}])


async def all_are_there(followers: list[Follower], crowd: Crowd, logs: dict[str, list[Entry]]) -> bool:
    in_python = [(id, state.seq) for follower in followers for id, state in follower.states.items()]
    wanted = sum(len(follower.ids) for follower in followers)
    seqs = in_python + await crowd.seqs()
    return len(in_python) == wanted and all(seq == len(logs[id]) for id, seq in seqs)


def exactly_once_in_order(entries: list[Entry], log: list[Entry]) -> None:
    """One snapshot, because the hub has lost nothing, and then every event after it."""
    first, *events = entries
    assert events == log[first["snapshot"] :]


def as_json(state: State) -> dict[str, Any]:
    return {"seq": state.seq, "conference": state.conference, "participants": list(state.participants.values())}
