"""Watches and their cursors: who has been told how much of which log.

A watch is live while it stands at the head of its conference's log and its peer takes writes: then an event is one
write of shared bytes, straight to the transport. Otherwise it lags, and a task of its own walks it to the head: from
the ring of recent events, or from the log in pages. A first watch, a resume after a day and a slow client are this one
path.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from hub.push.presence import Presence
from hub.push.wire import RESTART, SLOW, Peer, Transport, text_frame
from hub.seldom import is_told

logger = logging.getLogger(__name__)

RING = 256
"""Recent events kept in memory for each watched conference."""

PAGE = 100
"""Events handed to a lagging peer in one write."""

POSITION_S = 30.0
"""After so long without an event the watchers of a conference are told where its log stands."""

ReadPage = Callable[[int, int, int], Awaitable[list[tuple[int, bytes]]]]
"""(conference key, after seq, limit) -> [(seq, body)]"""


class Trimmed(Exception):
    """What a watch has still to be told is no longer in the log: whoever comes back gets a snapshot instead."""


class View(NamedTuple):
    """How a conference is seen: `prefix` stands before every stored body, and says by which of its names it is
    watched; `show` makes of a body what may be seen of it."""

    prefix: bytes
    show: Callable[[bytes], bytes]


class Channel:
    """One conference as it is watched in one view: the head of its log, its newest frames, its watches.

    Of each live watch only its transport is kept: a thousand of them are told in a loop of nothing but writes.
    """

    def __init__(self, key: int, view: View, head: int) -> None:
        self.key = key
        self.view = view
        self.head = head
        self.live: dict[Watch, Transport] = {}
        self.lagging: set[Watch] = set()
        self._ring: deque[bytes] = deque(maxlen=RING)
        self._loop = asyncio.get_running_loop()
        self._told_at = self._loop.time()
        self._timer = self._loop.call_later(POSITION_S, self._remind)

    def frame(self, body: bytes) -> bytes:
        return self.notice(b"event", self.view.show(body))

    def notice(self, method: bytes, body: bytes) -> bytes:
        return text_frame(b'{"jsonrpc":"2.0","method":"%b","params":{%b%b}' % (method, self.view.prefix, body[1:]))

    def append(self, first: int, frames: Sequence[bytes]) -> None:
        """After a gap the ring starts anew, and nobody is live: what it lacks is in the log."""
        if first != self.head + 1:
            self._ring.clear()
            for watch in list(self.live):
                watch.lag()
        self._ring.extend(frames)
        self.head = first + len(frames) - 1
        self._told_at = self._loop.time()

    def recent(self, after: int, limit: int) -> list[bytes]:
        """The frames that follow `after`, or none if the ring does not reach back so far."""
        start = len(self._ring) - (self.head - after)
        return [self._ring[index] for index in range(start, min(start + limit, len(self._ring)))] if start >= 0 else []

    def tell(self, frames: bytes) -> None:
        """All that are live. One whose buffer is full now leaves them meanwhile."""
        for transport in list(self.live.values()):
            transport.write(frames)

    def _remind(self) -> None:
        """The watches are told where the log stands once it has been quiet; those on their way will see for themselves.

        One whose peer had its hands full when it got to the head has them free by now.
        """
        quiet_s = self._loop.time() - self._told_at
        if quiet_s >= POSITION_S:
            quiet_s = 0.0
            self._told_at = self._loop.time()
            for watch in list(self.lagging):
                watch.go_on()
            self.tell(self.notice(b"position", b'{"seq":%d}' % self.head))
        self._timer = self._loop.call_later(POSITION_S - quiet_s, self._remind)

    def close(self) -> None:
        self._timer.cancel()


class Watch:
    """One peer's place in one log: `cursor` while it lags, the head while it is live.

    Told nothing until it is started, nor once it has ended.
    """

    def __init__(
        self, channel: Channel, peer: Peer, cursor: int, person: bytes, advance: Callable[[Watch], None]
    ) -> None:
        self.channel = channel
        self.peer = peer
        self.person = person
        self.cursor = cursor
        self.task: asyncio.Task[None] | None = None
        self.is_started = False
        self._advance = advance
        channel.lagging.add(self)
        peer.subscribe(self.lag)

    def start(self) -> None:
        self.is_started = self in self.channel.lagging
        self.go_on()

    def go_on(self) -> None:
        self._advance(self)

    def arrive(self) -> None:
        """Go live, if it stands at the head: what was read from the log may be ahead of what has been told."""
        if self.cursor == self.channel.head and self.peer.is_writable:
            self.channel.lagging.discard(self)
            self.channel.live[self] = self.peer.transport

    def lag(self) -> None:
        """The peer takes no more, now or ever: it has been told all that there was."""
        if self.channel.live.pop(self, None):
            self.cursor = self.channel.head
            self.channel.lagging.add(self)

    def end(self) -> None:
        self.peer.unsubscribe(self.lag)
        self.channel.live.pop(self, None)
        self.channel.lagging.discard(self)
        if self.task:
            self.task.cancel()


class FanOut:
    """All watches of this process."""

    def __init__(self, read_page: ReadPage) -> None:
        self._read_page = read_page
        self._channels: dict[int, dict[View, Channel]] = {}
        self._presence = Presence(self.signal)
        self._stalled = 0

    def watch(self, key: int, view: View, head: int, after: int, peer: Peer, person: bytes = b"") -> Watch:
        """Once started, tell `peer` everything that follows `after`. `head` is the committed seq at this moment.

        `person` is who watches, if others are to know.
        """
        channels = self._channels.setdefault(key, {})
        channel = channels.get(view) or channels.setdefault(view, Channel(key, view, head))
        watch = Watch(channel, peer, after, person, self._advance)
        self._presence.come(key, person)
        return watch

    def unwatch(self, watch: Watch) -> None:
        watch.end()
        if not watch.channel.live and not watch.channel.lagging:
            self._forget(watch.channel)
        self._presence.go(watch.channel.key, watch.person)

    def signal(self, key: int, body: bytes) -> None:
        """Something of the moment: whoever does not take it now is not told."""
        for channel in self._channels.get(key, {}).values():
            notice = channel.notice(b"signal", channel.view.show(body))
            channel.tell(notice)
            for watch in channel.lagging:
                if watch.is_started and watch.peer.is_writable:
                    watch.peer.write(notice)

    def publish(self, key: int, first: int, bodies: Sequence[bytes]) -> None:
        """These events, numbered from `first`, continue the log of this conference and are committed."""
        for channel in self._channels.get(key, {}).values():
            self._tell(channel, first, [channel.frame(body) for body in bodies])

    def _tell(self, channel: Channel, first: int, frames: Sequence[bytes]) -> None:
        channel.append(first, frames)
        channel.tell(b"".join(frames))
        for watch in list(channel.lagging):
            self._advance(watch)

    def _forget(self, channel: Channel) -> None:
        channel.close()
        channels = self._channels[channel.key]
        del channels[channel.view]
        if not channels:
            del self._channels[channel.key]

    def _advance(self, watch: Watch) -> None:
        if not watch.is_started or watch.task:
            return
        if watch.cursor < watch.channel.head:
            watch.task = asyncio.create_task(self._catch_up(watch), name=f"catch up {watch.channel.key}")
        else:
            watch.arrive()

    async def _catch_up(self, watch: Watch) -> None:
        try:
            while watch.cursor < watch.channel.head:
                await watch.peer.drained()
                frames = watch.channel.recent(watch.cursor, PAGE) or await self._from_log(watch)
                watch.peer.write(b"".join(frames))
                watch.cursor += len(frames)
            watch.arrive()
        except TimeoutError:
            watch.peer.close(*SLOW)
            self._note_stalled(watch.channel.key)
        except Trimmed as error:
            logger.info("a watcher has to begin anew: %s", error)
            watch.peer.close(*RESTART)
        except Exception:
            logger.exception("a watcher of conference %d could not be told its events", watch.channel.key)
            watch.peer.cut()
        finally:
            watch.task = None

    def _note_stalled(self, key: int) -> None:
        self._stalled += 1
        if is_told(self._stalled):
            logger.warning("%d watchers so far took nothing and were sent away, now one of %d", self._stalled, key)

    async def _from_log(self, watch: Watch) -> list[bytes]:
        page = await self._read_page(watch.channel.key, watch.cursor, PAGE)
        if not page or page[0][0] != watch.cursor + 1:
            raise Trimmed(f"the log of conference {watch.channel.key} no longer has what follows {watch.cursor}")
        return [watch.channel.frame(body) for _, body in page]
