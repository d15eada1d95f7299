"""Live conferences: the tip that decisions build on, the committed state that is shown, and the way between them.

The event loop is the lock: from `load` to `submit` nothing is awaited. Tip and committed state are the same values: a
commit makes the state that it was submitted with the committed one. What a failed commit was built on is thrown away
and read again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from hub.access.audit import entry
from hub.access.identity import Author
from hub.domain.lifecycle import evolve
from hub.domain.messages import Action, ConferenceStopped, Decision, Event, Message
from hub.domain.model import Conference, State
from hub.domain.rules import decide
from hub.errors import UnknownConference
from hub.store.base import Callback, Entry, Store, Write
from hub.store.commits import CommitLoop

logger = logging.getLogger(__name__)

ENDED_KEPT = 100
"""Ended conferences kept in memory after somebody has read them."""

Publish = Callable[[int, int, Sequence[bytes]], None]
"""(conference key, first seq, event bodies): told once they are committed, in order."""


class Wording(NamedTuple):
    """How what happens is written down: an event for the log; for the audit what events change, before and after."""

    event: Callable[[Event], bytes]
    changes: Callable[[Conference, Sequence[Event]], tuple[bytes, bytes]]


Act = Callable[[int, Sequence[Action]], None]
"""(conference key, actions): what a committed decision wants of the provider."""


@dataclass(slots=True)
class Live:
    """A conference in memory; nothing of a new one is committed yet. `in_flight` counts writes on their way."""

    tip: Conference
    committed: Conference | None
    in_flight: int = 0


class Lives:
    """`now` is UTC."""

    def __init__(self, store: Store, wording: Wording, publish: Publish, now: Callable[[], datetime]) -> None:
        self._store = store
        self._wording = wording
        self._publish = publish
        self._now = now
        self._lives: dict[int, Live] = {}
        self._keys: dict[str, int] = {}
        self._loading: dict[int, asyncio.Task[None]] = {}
        self._ended: deque[int] = deque()
        self.commits = CommitLoop(store.write, self._committed, self._lost)
        self.act: Act = lambda key, actions: None

    async def find(self, id: str) -> int:
        """The key of the newest conference that has, or was created with, this number at the provider."""
        if id not in self._keys:
            key = await self._store.key_of(id)
            if key is None:
                raise UnknownConference(f"no conference {id}")
            self._keys.setdefault(id, key)
        return self._keys[id]

    async def give_up(self, number: str, but: int) -> None:
        """The provider has given this number to `but`: whatever conference had it is no longer there."""
        key = await self._store.key_of(number)
        if key is None or key == but:
            return
        decision = await self.tell(key, ConferenceStopped(number))
        if decision.events:
            logger.warning("the provider has given number %s again: conference %d no longer has it", number, key)

    def add(self, conference: Conference) -> None:
        """A new conference, of which nothing is stored yet."""
        self._lives[conference.key] = Live(conference, None)
        self._keys[conference.details.id] = conference.key

    def drop(self, key: int) -> None:
        """One of which nothing could be stored, nor is about to be."""
        live = self._lives.get(key)
        if live and not live.in_flight:
            self._forget(live.tip)

    async def load(self, key: int) -> None:
        """On return the conference is in memory, and stays there until the caller awaits again.

        Whoever needs it meanwhile waits for the same reading: a second one could bring back what has since changed.
        """
        while key not in self._lives:
            if key not in self._loading:
                self._loading[key] = asyncio.create_task(self._read(key), name=f"load {key}")
            await asyncio.shield(self._loading[key])

    async def _read(self, key: int) -> None:
        try:
            conference = await self._store.load(key)
            self._lives[key] = Live(conference, conference)
            if conference.details.state is State.ENDED:
                self._ended.append(key)
                self._forget_oldest_ended()
        finally:
            del self._loading[key]

    def _forget_oldest_ended(self) -> None:
        while len(self._ended) > ENDED_KEPT:
            oldest = self._lives.get(self._ended.popleft())
            if oldest and not oldest.in_flight:
                self._forget(oldest.tip)

    def tip(self, key: int) -> Conference:
        return self._lives[key].tip

    async def committed(self, key: int) -> Conference:
        """What may be shown of a conference."""
        await self.load(key)
        committed = self._lives[key].committed
        if committed is None:
            raise UnknownConference("no such conference")
        return committed

    def submit(
        self, key: int, message: Message, callback: Callback | None = None, author: Author | None = None
    ) -> tuple[Decision, asyncio.Future[None]]:
        """Decide on the tip and queue what comes of it; its actions are started once it is committed.

        Whoever is the author of it is in the audit with the change, or neither is; so it is with the author's claim.
        """
        live = self._lives[key]
        decision = decide(live.tip, message, self._now())
        after = evolve(live.tip, decision.events) if decision.events else live.tip
        bodies = tuple(map(self._wording.event, decision.events))
        audit = self._entry(author, live.tip, decision.events) if author and decision.events else None
        claim = author.claim if author else None
        before = live.tip if live.tip.seq else None
        write = Write(
            after, decision.events, bodies, callback, actions=decision.actions, audit=audit, claim=claim, before=before
        )
        done = self.commits.submit(write)
        live.tip = after
        live.in_flight += 1
        return decision, done

    def _entry(self, author: Author, conference: Conference, events: Sequence[Event]) -> Entry:
        before, after = self._wording.changes(conference, events)
        said = entry(author, self._now(), conference.details.app, conference.details.id)
        return replace(said, before=before, after=after)

    async def tell(self, key: int, message: Message, author: Author | None = None) -> Decision:
        """Decide and commit."""
        await self.load(key)
        decision, done = self.submit(key, message, author=author)
        await done
        return decision

    def _committed(self, batch: Sequence[Write]) -> None:
        told: dict[int, list[Write]] = {}
        for write in batch:
            if write.conference:
                told.setdefault(write.conference.key, []).append(write)
        for key, writes in told.items():
            live = self._lives[key]
            live.committed = writes[-1].conference
            if not live.tip.details.is_lost:
                self._keys[live.tip.details.number] = key
            live.in_flight -= len(writes)
            if events := [event for write in writes for event in write.events]:
                self._publish(key, events[0].seq, [body for write in writes for body in write.bodies])
            self.act(key, [action for write in writes for action in write.actions])
            self._forget_if_over(key)

    def _forget_if_over(self, key: int) -> None:
        live = self._lives[key]
        if not live.in_flight and live.tip.details.state is State.ENDED:
            self._forget(live.tip)

    def _lost(self, batch: Sequence[Write]) -> None:
        for write in batch:
            if write.conference:
                self._forget(write.conference)

    def _forget(self, conference: Conference) -> None:
        """The next use reads the database."""
        self._lives.pop(conference.key, None)
        for number in (conference.details.id, conference.details.number):
            if self._keys.get(number) == conference.key:
                del self._keys[number]
