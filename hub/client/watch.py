"""One watched conference, for whoever iterates over it.

A watch has no task of its own. What the hub tells is kept until it is taken, up to a limit; beyond it the hub is told
to stop, and what is missing is asked for once the rest is taken: the log is durable. So a slow reader costs no memory,
holds up nobody, and may make calls while it reads. Shares the insides of Connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.client.breaks import jitter
from hub.client.conference import Event, State, apply, from_snapshot, nothing
from hub.client.errors import ConnectionLost, Offline, RpcError
from hub.client.status import OnStatus, Reported

if TYPE_CHECKING:
    from hub.client.connection import Connection

BACKLOG = 1000
"""Events that are kept for a slow reader."""

FINAL_ERRORS = (1001, -32602)


@dataclass(frozen=True, slots=True)
class Update:
    """A state, and the event that led to it; or a snapshot, which has a `reason` instead.

    `reason` is `never watched`, `unknown epoch`, `ahead` or `trimmed` (what was missed is no longer in the log): a
    snapshot replaces all that was known.
    """

    state: State
    event: Event | None = None
    reason: str | None = None


class Watch(Reported):
    """Iterate over it: `async for update in hub.watch(id)`. Leaving the loop ends the watch; another loop over the same
    watch goes on where it stood. Python closes a loop that was left only a little later, so of two loops over one
    conference the newer goes on, and the older raises RuntimeError.

    Raises RpcError if there is no such conference (1001) or no conference could have such an id (-32602), Offline once
    the connection has been closed, and Refused if the hub does not want this client any more. `state` is that of the
    newest update taken.
    """

    def __init__(self, connection: Connection, id: str, on_status: OnStatus | None) -> None:
        super().__init__(on_status, "not watched")
        self.id = str(id)
        self.state = nothing
        self._connection = connection
        self._epoch: str | None = None
        self._told_epoch = ""
        self._asked: object = None
        self._loop: object = None
        self._is_following = False
        self._backlog: deque[Mapping[str, Any]] = deque()
        self._tail = 0
        self._head = 0
        self._attempts = 0
        self._woken = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Update]:
        self._connection._add(self)
        self._asked = None
        self._loop = loop = object()
        self._woken.set()
        try:
            while loop is self._loop:
                if self._backlog:
                    yield self._take()
                else:
                    await self._more(loop)
            raise RuntimeError(f"another loop watches conference {self.id} on this connection")
        finally:
            if loop is self._loop:
                self._forget()
                self._connection._remove(self)

    def _give_way(self) -> None:
        """To another watch of this conference."""
        self._loop = None
        self._forget()
        self._report("offline", "not watched")
        self._woken.set()

    def _forget(self) -> None:
        self._asked = None
        self._is_following = False
        self._backlog.clear()

    async def _more(self, loop: object) -> None:
        """Until there may be something to take."""
        self._connection._raise_if_over()
        if self._is_following or not self._connection._is_open:
            self._woken.clear()
            await self._woken.wait()
        else:
            await self._resume(loop)

    def _take(self) -> Update:
        said = self._backlog.popleft()
        if "recovered" in said:
            self._epoch, self.state = said["epoch"], from_snapshot(said)
            return Update(self.state, reason=said.get("reason"))
        self.state = apply(self.state, said)
        return Update(self.state, said)

    async def _resume(self, loop: object) -> None:
        """Ask for what is missing: at once, or after a while if attempts before this one led nowhere."""
        if self._attempts:
            await self._pause(jitter(self._attempts - 1), loop)
        async with self._connection._turns:
            if loop is not self._loop:
                return
            self._attempts += 1
            try:
                await self._ask()
            except RpcError as error:
                if error.code in FINAL_ERRORS:
                    raise
                await self._pause(error.retry_after_s, loop)
            except (Offline, ConnectionLost):
                pass

    async def _pause(self, seconds: float, loop: object) -> None:
        """Shorter if nobody waits for what comes after it."""
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while now() < until and loop is self._loop and not self._connection._over:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._woken.wait()

    async def _ask(self) -> None:
        self._asked = asked = object()
        since = {} if self._epoch is None else {"epoch": self._epoch, "seq": self.state.seq}
        await self._connection._ask("watchConf", {"id": self.id, **since}, lambda said: self._stand(asked, said))

    # What the connection tells, before it reads on -------------------------------------------------------------------

    def _stand(self, asked: object, position: Mapping[str, Any]) -> None:
        """The hub's answer to watchConf: the events that follow continue it. Whoever asked may have left since."""
        if asked is not self._asked:
            self._connection._unwatch(self.id)
            return
        if not position["recovered"]:
            self._backlog.append(position)
        self._told_epoch, self._head = position["epoch"], position["seq"]
        self._tail = self.state.seq if position["recovered"] else position["seq"]
        self._is_following = True
        self._arrived()

    def _event(self, event: Event) -> None:
        if not self._is_following or event["epoch"] != self._told_epoch or event["seq"] <= self._tail:
            return
        if event["seq"] > self._tail + 1:
            self._lose()
        elif len(self._backlog) >= BACKLOG:
            self._connection._ask("unwatchConf", {"id": self.id})
            self._lose()
        else:
            self._backlog.append(event)
            self._tail = event["seq"]
            self._attempts = 0
            self._arrived()

    def _position(self, position: Mapping[str, Any]) -> None:
        """Where the log stands, told on a quiet watch."""
        if self._is_following and (position["epoch"] != self._told_epoch or position["seq"] > self._tail):
            self._lose()

    def _arrived(self) -> None:
        self._woken.set()
        if self._tail >= self._head and self.status.state != "live":
            self._connection._settle()

    def _lose(self) -> None:
        """What comes now does not continue what is here."""
        self._is_following = False
        self._woken.set()
        self._connection._settle()

    def _settle(self, is_open: bool, reason: str, is_final: bool) -> None:
        if not is_open:
            self._is_following = False
            self._attempts = 0
            self._report("offline", reason, is_final)
        else:
            self._report("live" if self._is_following and self._tail >= self._head else "catching up")
        self._woken.set()
