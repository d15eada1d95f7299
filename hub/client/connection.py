"""One WebSocket to the hub at a time, again and again: calls, and the watches that live on it.

One task receives and one sends. The receiving one never waits for a caller or a watch, so whoever reads updates may
make calls as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any, Never, Self, cast

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from hub.client import breaks
from hub.client.breaks import Break, Broken
from hub.client.credential import Credential, Token
from hub.client.errors import ConnectionLost, Offline, Refused, RpcError
from hub.client.status import OnStatus, Reported, tell
from hub.client.watch import Watch
from hub.client.wire import Call, Params, Socket, address, make_call, opening, send_all

PING_S = 15.0
ANSWER_S = 10.0
AUTHENTICATE_S = 8.0
"""Less than the ten seconds after which the hub would close for good on whom it has not heard."""

RENEW_S = 10.0
"""Between two renewals: the hub says of a token of less than a minute at once that it expires."""

WATCHES_AT_ONCE = 8
"""So many watches ask for their place at a time: after a break a thousand would be too many for the hub."""

SILENT = Break("the hub does not answer")

logger = logging.getLogger(__name__)


class Connection(Reported):
    """To the hub at an address like `http://127.0.0.1:8000`. After a break it comes back by itself.

    Entering waits for the hub, however long that takes (`asyncio.timeout` sets a limit), and raises Refused if the hub
    does not want us. `on_status` is told each new status, `on_signal` the params of each signal. Proxies that the
    environment names are not used.

    `token` is a token or a key, or a function that gives one, or something to await for one: it is called for every
    connection, and before a token expires, and has ten seconds. `uid` is who holds a key.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
        uid: str = "",
        on_status: OnStatus | None = None,
        on_signal: Callable[[Params], None] | None = None,
    ) -> None:
        super().__init__(on_status, "not connected yet")
        self._address = address(url)
        self._credential = Credential(token, uid)
        self._is_expiring = asyncio.Event()
        self._on_signal = on_signal
        self._watches: dict[str, Watch] = {}
        self._calls: dict[int, Call] = {}
        self._outbox: asyncio.Queue[Call] | None = None
        self._last_id = 0
        self._attempts = 0
        self._turns = asyncio.Semaphore(WATCHES_AT_ONCE)
        self._over: type[Offline] | None = None
        self._has_begun = asyncio.Event()
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="confhub connection")
        try:
            await self._has_begun.wait()
            self._raise_if_over()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def call(self, method: str, /, **params: Any) -> Any:
        """The result of an operation. Raises RpcError, ConnectionLost or Offline, and tries nothing again by itself."""
        return await self._ask(method, params)

    def watch(self, id: str, *, on_status: OnStatus | None = None) -> Watch:
        """One conference, to be iterated over; a later loop over the same conference ends an earlier one."""
        return Watch(self, id, on_status)

    # One socket after another ----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            while self._over is None:
                broken = await self._until_broken()
                if broken.reason != self.status.reason:
                    logger.warning("offline: %s", broken.reason)
                self._over = Refused if broken.is_final else None
                self._broke(broken)
                if not broken.is_final:
                    await asyncio.sleep(broken.at_least_s + breaks.jitter(self._attempts))
                self._attempts += 1
        finally:
            if self._over is None:
                self._over = Offline
                self._broke(Break("the connection was closed", is_final=True))

    async def _until_broken(self) -> Break:
        try:
            shown = await self._credential.ask(ANSWER_S)
            async with opening(self._address, ANSWER_S) as socket:
                await self._enter(cast(Socket, socket), shown)
                await self._converse(cast(Socket, socket))
        except Broken as error:
            return error.broken
        except InvalidStatus as error:
            return breaks.of_denial(error.response)
        except ConnectionClosed:
            return breaks.of_close(socket.close_code or breaks.NOTHING_SAID, socket.close_reason or "")
        except (OSError, WebSocketException) as error:
            return Break(str(error) or type(error).__name__)

    async def _enter(self, socket: Socket, shown: Params | None) -> None:
        """Nothing else is said before the hub has accepted what is shown. Raises Broken."""
        self._is_expiring.clear()
        if shown is None:
            return
        call = self._new_call("authenticate", shown)
        try:
            async with asyncio.timeout(AUTHENTICATE_S):
                await socket.send(call.message)
                while not call.answer.done():
                    self._heard(await socket.recv())
        except TimeoutError:
            socket.transport.abort()
            raise Broken(SILENT) from None
        if isinstance(error := call.answer.exception(), RpcError):
            raise Broken(breaks.of_refusal(error, self._credential.is_renewable))

    async def _converse(self, socket: Socket) -> Never:
        """Until it is over. Raises ConnectionClosed or Broken."""
        self._outbox = asyncio.Queue()
        self._has_begun.set()
        self._settle()
        writer = asyncio.create_task(send_all(self._outbox, socket), name="confhub writer")
        minder = asyncio.create_task(self._mind(socket), name="confhub minder")
        renewer = asyncio.create_task(self._renew(), name="confhub renewer")
        try:
            while True:
                self._heard(await socket.recv())
        except ConnectionClosed:
            if minder.done():
                raise Broken(SILENT) from None
            raise
        finally:
            self._outbox = None
            for task in (writer, minder, renewer):
                task.cancel()
            await asyncio.wait({writer, minder, renewer})

    async def _mind(self, socket: Socket) -> None:
        """Answers wait behind others, so anything that comes is a sign of life."""
        while socket.heard.is_set():
            await asyncio.sleep(PING_S)
            self._ask("ping", {})
            socket.heard.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await socket.heard.wait()
        socket.transport.abort()

    async def _renew(self) -> None:
        """On the live connection. Where that fails nothing is lost yet: the hub closes when the old token is over."""
        while self._credential.is_renewable:
            await self._is_expiring.wait()
            self._is_expiring.clear()
            with contextlib.suppress(Broken, Offline):
                if shown := await self._credential.ask(ANSWER_S):
                    self._ask("authenticate", shown)
            await asyncio.sleep(RENEW_S)

    def _broke(self, broken: Break) -> None:
        """What was not yet given to the socket has not happened; of the rest nobody knows."""
        calls, self._calls = self._calls, {}
        self._settle(broken)
        for call in calls.values():
            call.fail((ConnectionLost if call.is_sent else Offline)(broken.reason))
        if broken.is_final:
            self._has_begun.set()

    async def _close(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    @property
    def _is_open(self) -> bool:
        return self._outbox is not None

    # What is asked and told ------------------------------------------------------------------------------------------

    def _ask(self, method: str, params: Params, then: Callable[[Any], None] | None = None) -> asyncio.Future[Any]:
        """The answer to come, which nobody needs to await. Raises Offline."""
        if self._outbox is None:
            self._raise_if_over()
            raise Offline(self.status.reason or "not connected")
        call = self._new_call(method, params, then)
        self._outbox.put_nowait(call)
        return call.answer

    def _new_call(self, method: str, params: Params, then: Callable[[Any], None] | None = None) -> Call:
        self._last_id += 1
        call = self._calls[self._last_id] = make_call(self._last_id, method, params, then)
        return call

    def _heard(self, message: str | bytes) -> None:
        try:
            self._told(json.loads(message))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise Broken(Break(f"the hub said what cannot be understood: {error!r}")) from error

    def _told(self, said: dict[str, Any]) -> None:
        """Notifications that are not known mean something to newer clients."""
        match said.get("method"):
            case None:
                self._answered(said)
            case "signal":
                self._signalled(said.get("params", {}))
            case "event" if watch := self._watches.get(said["params"]["id"]):
                watch._event(said["params"])
            case "position" if watch := self._watches.get(said["params"]["id"]):
                watch._position(said["params"])

    def _signalled(self, params: Params) -> None:
        match params:
            case {"type": "expiring"}:
                self._is_expiring.set()
        tell(self._on_signal, params)

    def _answered(self, reply: dict[str, Any]) -> None:
        call = self._calls.get(reply["id"])
        if call is None:
            return
        if "error" in reply:
            call.fail(RpcError(reply["error"]))
        else:
            call.succeed(reply["result"])
            self._attempts = 0
        del self._calls[reply["id"]]

    def _raise_if_over(self) -> None:
        if self._over:
            raise self._over(self.status.reason)

    # Its watches -----------------------------------------------------------------------------------------------------

    def _add(self, watch: Watch) -> None:
        """In the place of another watch of the same conference."""
        other = self._watches.get(watch.id, watch)
        if other is not watch:
            other._give_way()
        self._watches[watch.id] = watch
        self._settle()

    def _remove(self, watch: Watch) -> None:
        del self._watches[watch.id]
        self._unwatch(watch.id)
        self._settle()
        if self._over is None:
            watch._report("offline", "not watched")

    def _unwatch(self, id: str) -> None:
        if self._is_open and id not in self._watches:
            self._ask("unwatchConf", {"id": id})

    def _settle(self, broken: Break | None = None) -> None:
        """A connection is as live as the least of its watches."""
        if broken:
            self._report("offline", broken.reason, broken.is_final)
        for watch in list(self._watches.values()):
            watch._settle(self._is_open, self.status.reason, self.status.is_final)
        if self._is_open:
            is_live = all(watch.status.state == "live" for watch in self._watches.values())
            self._report("live" if is_live else "catching up")
