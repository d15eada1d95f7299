"""The two reference clients behind one face, so that one test holds both to one promise."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import pytest
from playwright.async_api import Page

from hub.client import ClientError, Connection, RpcError, Status, Watch
from tests.browser.chromium import open_page
from tests.faults.world import until
from tests.network import ScriptedHub, Session

Told = list[Any]
"""[seq, type of the event or None, reason of the snapshot or None]"""

Tokens = str | Sequence[str | None] | None
"""A string, or what a function gives one after another; None: it fails."""

NOT_TO_BE_TOLD = "the token of yesterday"
"""What a function that fails says."""


class Twin(Protocol):
    """Its waits between attempts are over at once."""

    async def open(self, url: str, *, token: Tokens = None, uid: str = "") -> None:
        """Begin to connect."""

    async def close(self) -> None: ...

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """{"result"} or {"error": {"kind", "name", "code", "data"}}"""

    async def watch(self, id: str) -> None: ...

    async def leave(self, id: str) -> None: ...

    async def told(self, id: str) -> list[Told]:
        """The updates so far."""

    async def participants(self, id: str) -> list[str]:
        """Keys, in order."""

    async def lost(self, id: str) -> str | None:
        """The name of the error with which the watch has ended."""

    async def status(self, id: str | None = None) -> tuple[str, str, bool]:
        """Of the connection or of a watch: state, reason, whether it is final."""

    async def words(self) -> list[str]:
        """The states that the connection has had."""

    async def reasons(self) -> list[str]:
        """Why it was offline, each time."""

    async def signals(self) -> list[dict[str, Any]]: ...


def function(tokens: Sequence[str | None]) -> Callable[[], Awaitable[str]]:
    left = iter(tokens)

    async def give() -> str:
        token = next(left, None)
        if token is None:
            raise TypeError(NOT_TO_BE_TOLD)
        return token

    return give


class PythonTwin:
    def __init__(self) -> None:
        self._connection: Connection
        self._owner: asyncio.Task[None] | None = None
        self._is_left = asyncio.Event()
        self._watches: dict[str, Watch] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._told: dict[str, list[Told]] = {}
        self._lost: dict[str, str] = {}
        self._statuses: list[Status] = []
        self._signals: list[dict[str, Any]] = []

    async def open(self, url: str, *, token: Tokens = None, uid: str = "") -> None:
        self._connection = Connection(
            url,
            token=token if token is None or isinstance(token, str) else function(token),
            uid=uid,
            on_status=self._statuses.append,
            on_signal=lambda params: self._signals.append(dict(params)),
        )
        self._owner = asyncio.create_task(self._own())

    async def _own(self) -> None:
        with contextlib.suppress(ClientError):
            async with self._connection:
                await self._is_left.wait()

    async def close(self) -> None:
        for id in list(self._readers):
            await self.leave(id)
        if self._owner:
            self._owner.cancel()
            await asyncio.gather(self._owner, return_exceptions=True)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        try:
            return {"result": await self._connection.call(method, **params)}
        except RpcError as error:
            return {"error": {"kind": "RpcError", "name": error.name, "code": error.code, "data": error.data}}
        except ClientError as error:
            return {"error": {"kind": type(error).__name__}}

    async def watch(self, id: str) -> None:
        self._watches[id] = self._connection.watch(id)
        self._told[id] = []
        self._readers[id] = asyncio.create_task(self._read(id))

    async def _read(self, id: str) -> None:
        try:
            async for update in self._watches[id]:
                self._told[id].append([update.state.seq, update.event and update.event["type"], update.reason])
        except RpcError as error:
            self._lost[id] = error.name
        except ClientError as error:
            self._lost[id] = type(error).__name__

    async def leave(self, id: str) -> None:
        reader = self._readers.pop(id)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)

    async def told(self, id: str) -> list[Told]:
        return list(self._told[id])

    async def participants(self, id: str) -> list[str]:
        return list(self._watches[id].state.participants)

    async def lost(self, id: str) -> str | None:
        return self._lost.get(id)

    async def status(self, id: str | None = None) -> tuple[str, str, bool]:
        status = (self._watches[id] if id else self._connection).status
        return status.state, status.reason, status.is_final

    async def words(self) -> list[str]:
        return [status.state for status in self._statuses]

    async def reasons(self) -> list[str]:
        return [status.reason for status in self._statuses if status.reason]

    async def signals(self) -> list[dict[str, Any]]:
        return self._signals


SCRIPT = """async ([url, dice, token, uid, notToBeTold]) => {
    if (dice !== null) Math.random = () => dice;
    const { Connection } = await import("/js/connection.js");
    window.statuses = [];
    window.signals = [];
    window.watches = {};
    window.told = {};
    const give = async () => {
        const next = token.shift() ?? null;
        if (next === null) throw new TypeError(notToBeTold);
        return next;
    };
    window.connection = new Connection(url, { token: Array.isArray(token) ? give : token, uid });
    connection.addEventListener("status", () => statuses.push(connection.status));
    connection.addEventListener("signal", ({ detail }) => signals.push(detail));
    window.follow = (id) => {
        const watch = watches[id] = connection.watch(id);
        const said = told[id] = [];
        watch.addEventListener("change", ({ detail: { event, reason } }) =>
            said.push([watch.state.seq, event && event.type, reason]));
    };
    window.attempt = (method, params) => connection.call(method, params).then(
        (result) => ({ result }),
        ({ constructor: { name: kind }, name, code, data }) =>
            ({ error: kind === "RpcError" ? { kind, name, code, data } : { kind } }));
}"""


class JavaScriptTwin:
    """In a page that the hub (or its double) serves itself, as browsers want it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, url: str, dice: float | None = 0, *, token: Tokens = None, uid: str = "") -> None:
        await self.page.goto(f"{url}/healthz")
        await self.page.bring_to_front()
        await self.page.wait_for_function("document.visibilityState === 'visible'")
        await self.page.evaluate(SCRIPT, [url, dice, token, uid, NOT_TO_BE_TOLD])

    async def close(self) -> None:
        await self.page.evaluate("window.connection?.close()")

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.page.evaluate(
            "([method, params]) => attempt(method, params)", [method, params]
        )
        return answer

    async def watch(self, id: str) -> None:
        await self.page.evaluate("(id) => follow(id)", id)

    async def leave(self, id: str) -> None:
        await self.page.evaluate("(id) => watches[id].close()", id)

    async def told(self, id: str) -> list[Told]:
        told: list[Told] = await self.page.evaluate("(id) => told[id]", id)
        return told

    async def participants(self, id: str) -> list[str]:
        keys: list[str] = await self.page.evaluate("(id) => [...watches[id].state.participants.keys()]", id)
        return keys

    async def lost(self, id: str) -> str | None:
        """JavaScript has no exception to end a watch with when the connection does: its status says so."""
        name: str | None = await self.page.evaluate(
            "(id) => watches[id].error?.name ?? (watches[id].status.isFinal ? 'Refused' : null)", id
        )
        return name

    async def status(self, id: str | None = None) -> tuple[str, str, bool]:
        status = await self.page.evaluate("(id) => (id ? watches[id] : connection).status", id)
        return status["state"], status["reason"], status["isFinal"]

    async def words(self) -> list[str]:
        words: list[str] = await self.page.evaluate("statuses.map(({ state }) => state)")
        return words

    async def reasons(self) -> list[str]:
        reasons: list[str] = await self.page.evaluate("statuses.map(({ reason }) => reason).filter(Boolean)")
        return reasons

    async def signals(self) -> list[dict[str, Any]]:
        signals: list[dict[str, Any]] = await self.page.evaluate("signals")
        return signals


@contextlib.asynccontextmanager
async def twin_named(name: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Twin]:
    if name == "python":
        monkeypatch.setattr("hub.client.breaks.random.uniform", lambda low, high: low)
        yield (twin := PythonTwin())
        await twin.close()
    else:
        async with open_page() as page:
            yield (in_page := JavaScriptTwin(page))
            await in_page.close()


# What both are asked --------------------------------------------------------------------------------------------------


async def told(twin: Twin, *expected: Told, id: str = "1") -> None:
    """Until it has been told exactly this."""

    async def is_so() -> bool:
        said = await twin.told(id)
        assert said == list(expected[: len(said)]), (said, expected)
        return len(said) == len(expected)

    await until(is_so)


async def is_now(twin: Twin, state: str, id: str | None = None) -> None:
    async def is_so() -> bool:
        return (await twin.status(id))[0] == state

    await until(is_so)


async def watching(twin: Twin, script: ScriptedHub, seq: int = 5) -> Session:
    """One that watches conference 1 and has a snapshot as of `seq`."""
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    await session.begin(seq)
    await told(twin, [seq, None, "never watched"])
    return session


def added(*seqs: int) -> list[Told]:
    return [[seq, "participant.added", None] for seq in seqs]


async def is_lost(twin: Twin, id: str, name: str) -> bool:
    return await twin.lost(id) == name
