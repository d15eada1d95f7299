"""A run under the checker: the platform in a process of its own, a hub that may be killed, and all who note things.

async with running(start) as run:
    ids = [await run.hub.create()]
    async with run.followed(ids) as followed:
        …
        evidence = await followed.check()
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.exceptions import WebSocketException

from hub.api.callbacks import PATH
from hub.client import Connection, State, from_snapshot
from hub.domain.messages import LegFailed, LegJoined, LegQuit
from hub.providers.yuntongxun_callbacks import read
from hub.server import listen, serving
from tests.conftest import Start
from tests.faults.checker import Event, Evidence, Said, Token, Watcher, wrong
from tests.faults.world import BY, POLL_S, log_of, snapshot_of, until
from tests.harness import PATIENCE_S, HubProcess, Moderator

SECRET = "a-secret-of-a-run-under-the-checker"
NO_ANSWER = 0
BARE = 2
"""Moderators with a bare WebSocket, beside the one who uses the hub's client."""

LASTING_PORTS = range(20_000, 32_000)
"""Outgoing connections have ports from 32768, so nobody takes one of these while its server is down."""


class Tap:
    """Between the platform and the hub: passes every callback on, and notes how it was answered."""

    def __init__(self, hub: str, said: list[Said]) -> None:
        self._hub = hub
        self._said = said
        self._http: httpx.AsyncClient

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Where callbacks go, up to and including the secret."""
        app = Starlette(routes=[Route(PATH + "/{secret}/{word:path}", self._pass_on, methods=["POST"])])
        with listen("127.0.0.1", 0) as listening:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}/{SECRET}"
            async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as self._http, serving(app, listening):
                yield url

    async def _pass_on(self, request: Request) -> Response:
        body, query = await request.body(), request.scope["query_string"]
        kind = request.headers.get("content-type", "")
        heard = tokens_in(request.path_params["word"], query, kind, body)
        sent_at = time.time()
        status = await self._post(f"{request.url.path}?{query.decode()}", body, kind)
        for conference, token in heard:
            self._said.append(Said(conference, token, status, status == 200, sent_at, time.time()))
        return Response(status_code=status or 502)

    async def _post(self, target: str, body: bytes, kind: str) -> int:
        headers = {"content-type": kind} if kind else {}
        try:
            return (await self._http.post(self._hub + target, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return NO_ANSWER


def tokens_in(word: str, query: bytes, content_type: str, body: bytes) -> Iterator[tuple[str, Token]]:
    """(conference, token) of a callback, if it has one. One that does not name its call has none."""
    notice = read(word, query, content_type, body)
    match notice and notice.fact:
        case LegJoined(callid=str(callid)):
            yield notice.conference, Token("joined", callid)
        case LegQuit(callid=str(callid)):
            yield notice.conference, Token("left", callid)
        case LegFailed(number=str(number)):
            yield notice.conference, Token("failed", number)


async def put(http: httpx.AsyncClient, said: list[Said], operation: str, id: str, user: Mapping[str, str]) -> bool:
    """Somebody on a roster, by joinConf or inviteConf: was it acknowledged?"""
    sent_at = time.time()
    try:
        answer = await http.post(operation, json={"id": id, **BY, "users": [user]})
    except httpx.HTTPError:
        status, is_done = NO_ANSWER, False
    else:
        status, is_done = answer.status_code, answer.json()["status"] == 1
    said.append(Said(id, Token("listed", user["id"]), status, is_done, sent_at, time.time()))
    return is_done


class App:
    """Puts people on rosters, one after the other, invites every fourth, and notes how the hub answered."""

    def __init__(self, hub: str, ids: Sequence[str], said: list[Said], place: int = 0) -> None:
        self._hub = hub
        self._ids = ids
        self._said = said
        self._place = place
        self._sent = 0
        self._acknowledged = 0
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[App]:
        work = asyncio.create_task(self._work())
        try:
            yield self
        finally:
            work.cancel()
            (end,) = await asyncio.gather(work, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError), end

    async def _work(self) -> None:
        """Whether the hub is there or not."""
        async with httpx.AsyncClient(base_url=self._hub, trust_env=False, timeout=PATIENCE_S) as http:
            while True:
                self._sent += 1
                is_there = await self._put_somebody(http)
                if not is_there:
                    await asyncio.sleep(POLL_S)

    async def _put_somebody(self, http: httpx.AsyncClient) -> bool:
        id = self._ids[self._sent % len(self._ids)]
        user = {"id": f"user-{self._place}-{self._sent}", "number": f"138{self._place:02}0{self._sent:05}", "name": ""}
        is_done = await put(http, self._said, "inviteConf" if self._sent % 4 == 0 else "joinConf", id, user)
        async with self._changed:
            self._acknowledged += is_done
            self._changed.notify_all()
        return is_done

    async def more(self, count: int) -> None:
        """Until so many more have been acknowledged."""
        goal = self._acknowledged + count
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: self._acknowledged >= goal), PATIENCE_S)


class Bare:
    """A moderator with a bare WebSocket, who comes back after every break and resumes."""

    def __init__(self, hub: HubProcess, watchers: Sequence[Watcher]) -> None:
        self._hub = hub
        self._watchers = {watcher.id: watcher for watcher in watchers}
        self._moderator: Moderator | None = None
        self._taken = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            self._moderator, self._taken = self._hub.moderator(), 0
            try:
                async with self._moderator.connected():
                    for watcher in self._watchers.values():
                        await self._resume(self._moderator, watcher)
                    await self._moderator.socket.wait_closed()
            except (WebSocketException, OSError):
                pass
            finally:
                self.collect()
            await asyncio.sleep(POLL_S)

    async def _resume(self, moderator: Moderator, watcher: Watcher) -> None:
        since = {"epoch": watcher.epoch, "seq": watcher.seq} if watcher.snapshots else {}
        position = await moderator.watch(watcher.id, **since)
        if not position["recovered"]:
            watcher.begin(position["epoch"], from_snapshot(position))

    def collect(self) -> None:
        """What was told since the last time goes to the watchers."""
        events = self._moderator.events if self._moderator else []
        for event in events[self._taken :]:
            self._watchers[event["id"]].take(event)
        self._taken = len(events)


class Followed:
    """Conferences with moderators who follow them over every break."""

    def __init__(self, hub: HubProcess, ids: Sequence[str], said: list[Said]) -> None:
        self._hub = hub
        self._ids = ids
        self._said = said
        self._first = len(said)
        self._with_client = [Watcher("with the client", id) for id in ids]
        names = [f"with a bare WebSocket, {number}" for number in range(BARE)]
        self._bare = [Bare(hub, [Watcher(name, id) for id in ids]) for name in names]
        self._watchers = [*self._with_client, *(each for bare in self._bare for each in bare._watchers.values())]

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[Followed]:
        async with Connection(self._hub.url) as connection:
            tasks = [asyncio.create_task(bare.follow()) for bare in self._bare]
            tasks += [asyncio.create_task(self._read(connection, watcher)) for watcher in self._with_client]
            try:
                await until(self._have_begun)
                yield self
            finally:
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    async def _have_begun(self) -> bool:
        return all(watcher.snapshots for watcher in self._watchers)

    async def _read(self, connection: Connection, watcher: Watcher) -> None:
        async for update in connection.watch(watcher.id):
            watcher.own = update.state
            if update.event is None:
                watcher.begin(None, update.state)
            else:
                watcher.take(update.event)

    async def check(self) -> Evidence:
        """Once nothing moves any more. Fails with every sentence that is not so."""
        fresh: dict[str, State] = {}
        logs: dict[str, list[Event]] = {}

        async def is_quiet() -> bool:
            fresh.update({id: await snapshot_of(self._hub, id) for id in self._ids})
            logs.update({id: await log_of(self._hub, id) for id in self._ids})
            for bare in self._bare:
                bare.collect()
            return all(watcher.seq == fresh[watcher.id].seq == len(logs[watcher.id]) for watcher in self._watchers)

        with contextlib.suppress(TimeoutError):
            await until(is_quiet)
        evidence = Evidence(self._said[self._first :], logs, fresh, self._watchers)
        assert not (flaws := wrong(evidence)), "\n".join(flaws)
        return evidence


class Run:
    """`said` has every callback and command with its answer."""

    def __init__(self, hub: HubProcess, platform: HubProcess, tap: Tap, said: list[Said]) -> None:
        self.hub = hub
        self.platform = platform
        self.tap = tap
        self.said = said

    def app(self, ids: Sequence[str], place: int = 0) -> contextlib.AbstractAsyncContextManager[App]:
        """At work for as long as the context lasts; of several at once each has a place of its own."""
        return App(self.hub.url, ids, self.said, place).at_work()

    def followed(self, ids: Sequence[str]) -> contextlib.AbstractAsyncContextManager[Followed]:
        return Followed(self.hub, ids, self.said).following()

    async def restart(self, number: int = signal.SIGKILL) -> int:
        """The exit code of the hub that was."""
        code = await self.hub.kill(number)
        await self.hub.start()
        return code


@contextlib.asynccontextmanager
async def running(start: Start, *flags: str, hub_too: Sequence[str] = (), **where: Path) -> AsyncIterator[Run]:
    """The hub and the platform keep their ports, so that all can find them again.

    `flags` are the platform's, `hub_too` are the hub's; `where` is a `folder` of its own for one of several at once.
    """
    said: list[Said] = []
    hub_port, platform_port = lasting_port(), lasting_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.client.breaks.FIRST_WAIT_S", 0.05)
        patch.setattr("hub.client.breaks.LONGEST_WAIT_S", 0.3)
        tap = Tap(f"http://127.0.0.1:{hub_port}", said)
        async with tap.running() as url:
            at = ("--callback-url", url, "--port", str(platform_port))
            platform = await start(*at, *flags, command="simulator", **where)
            given = await credentials(platform)
            hub = await start(*given, "--callback-secret", SECRET, "--port", str(hub_port), *hub_too, **where)
            yield Run(hub, platform, tap, said)


async def credentials(platform: HubProcess) -> list[str]:
    """What a hub is told of a platform that has just started."""
    given: dict[str, Any] = dict([(await platform.line()).split("=", 1) for _ in range(3)])
    flags = {"--provider-url": platform.url} | {f"--provider-{name.replace('_', '-')}": given[name] for name in given}
    return [word for flag in flags.items() for word in flag]


def lasting_port() -> int:
    """A free one."""
    for port in Random().sample(LASTING_PORTS, len(LASTING_PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError
