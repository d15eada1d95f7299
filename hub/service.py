"""Conferences: everything that can be asked of the hub, in the hub's own words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from hub.access.audit import entry
from hub.access.identity import Author
from hub.actions import Actions, Asking
from hub.callbacks import Callbacks
from hub.domain import messages as m
from hub.domain.course import next_check
from hub.domain.messages import Outcome
from hub.domain.model import Conference, Details, Source, State, dialled
from hub.domain.rules import outstanding
from hub.errors import HubError, InvalidNumber, ProviderError, StorageUnavailable, TimeInPast
from hub.inbox import Inbox
from hub.lives import Lives, Publish, Wording
from hub.providers.base import Provider
from hub.reconciler import Reconciler
from hub.schedule import Schedule
from hub.store.base import Account, Callback, Store, Write

logger = logging.getLogger(__name__)


MOST_DIGITS = 20
"""Of a phone number with everything that may be dialled before it."""

EARLIEST_START = timedelta(minutes=-1)
"""From now; a start before this has been missed by whoever asks for it."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A conference to create; see Details."""

    app: str
    owner: str
    name: str
    time: str = ""
    pwd: str = ""
    starts_at: datetime | None = None
    autocall: bool = False


Fate = tuple[m.Target | int, HubError | None]
"""What became of a target."""

Change = Callable[[Source], m.Command]
Commanded = Callable[[Source], m.ControlLegs | m.SetMuteMode | m.StopConference]
"""Who does it is filled in last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: that a phone may ring, that something wanted may take, that a reserved conference may be empty; and
    from one comparison with the provider to the next."""

    ring: float = 60.0
    settle: float = 5.0
    idle: float = 600.0
    reconcile: float = 60.0


class Conferences:
    """`publish` is told what is committed; `now` is UTC. Every change has an author. `tally` counts what is wrong."""

    def __init__(
        self,
        store: Store,
        provider: Provider,
        wording: Wording,
        publish: Publish,
        now: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._store = store
        self._provider = provider
        self._now = now
        self._lives = Lives(store, wording, publish, now)
        self.tally: Counter[str] = Counter()
        self._reconciler = Reconciler(self._lives, provider, patience.reconcile, self.tally)
        waits = {m.Wait.RING: patience.ring, m.Wait.SETTLE: patience.settle, m.Wait.IDLE: patience.idle}
        self._actions = Actions(self._lives, provider, waits, self._reconciler.doubt, self.tally)
        self._lives.act = self._actions.act
        self._schedule = Schedule(self._check_clock, now)
        self.inbox = Inbox(store, self.submit)
        self._callbacks = Callbacks(self._lives, store, provider, self.inbox.wake)
        self._next_key = 0

    def workers(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        """By name, what has to run for as long as the hub lives."""
        return {
            "commit loop": self._lives.commits.run(),
            "schedule": self._schedule.run(),
            "reconciler": self._reconciler.run(self._store.active),
            "inbox": self.inbox.run(self.receive),
        }

    async def start(self) -> None:
        """Take up what the last run left open."""
        self._next_key = await self._store.next_key()
        reserved = await self._store.reserved()
        started = {key for key, details in reserved if self._store.is_copy or details.state is State.ACTIVE}
        keys = sorted(started.union(await self._store.outstanding()))
        keys = [key for key in keys if await self._can_be_read(key)]
        recover = m.Recover(self._store.is_copy)
        decisions = {key: self._lives.submit(key, recover) for key in keys}
        for key, (decision, done) in decisions.items():
            await done
            await self._take_up(key, len(decision.events))
        if self._store.is_copy:
            await self._lives.commits.submit(Write(has_recovered=True))
        for key, details in reserved:
            self._look_again(key, details)
        await self.inbox.start()

    async def _can_be_read(self, key: int) -> bool:
        """One that cannot holds up no other. Raises StorageUnavailable if nothing can be read at all."""
        try:
            await self._lives.load(key)
        except StorageUnavailable:
            raise
        except Exception:
            logger.exception("conference %d cannot be read: nothing that it left open is taken up", key)
            return False
        return True

    async def _take_up(self, key: int, unknown: int) -> None:
        conference = await self._lives.committed(key)
        actions = outstanding(conference)
        if actions or unknown:
            id = conference.details.id
            logger.warning("conference %s: took up %d actions; %d dials unknown", id, len(actions), unknown)
        self._actions.act(key, actions)

    async def _check_clock(self, key: int) -> None:
        await self._lives.tell(key, m.CheckClock())
        self._look_again(key, (await self.committed(key)).details)

    def _look_again(self, key: int, details: Details) -> None:
        at = next_check(details, self._now())
        if at:
            self._schedule.add(key, at)

    async def stop(self) -> None:
        await self._actions.stop()

    async def check(self) -> None:
        """Returns once something has been written through the commit loop; raises StorageUnavailable."""
        await self._lives.commits.submit(Write(checked_at=self._now().isoformat()))

    def submit(self, write: Write) -> asyncio.Future[None]:
        """What is no conference's, through the same commit loop: one process, one that writes."""
        return self._lives.commits.submit(write)

    async def gauges(self) -> Mapping[str, int]:
        """How many conferences go on, and how many of them are uncertain."""
        active, uncertain = await self._store.census()
        return {"conferences_active": active, "conferences_uncertain": uncertain}

    async def find(self, id: str) -> int:
        """The key of a conference. Raises UnknownConference."""
        return await self._lives.find(id)

    async def committed(self, key: int) -> Conference:
        """What may be shown of a conference."""
        return await self._lives.committed(key)

    async def of_user(self, app: str, user: str) -> list[tuple[Details, int, int]]:
        """Oldest first, with how many people are inside and how many on the roster."""
        return await self._store.conferences_of(app, user)

    async def events(self, key: int, after: int, limit: int) -> list[tuple[int, bytes]]:
        """At most `limit` events of the log that follow `after`: (seq, body)."""
        return await self._store.page(key, after, limit)

    async def create(self, wanted: Wanted, author: Author) -> Details:
        """Now, or at its time; that it is asked for is claimed before it is. Raises TimeInPast."""
        at = self._now()
        if wanted.starts_at and wanted.starts_at < at + EARLIEST_START:
            raise TimeInPast(f"time: {wanted.time} has passed")
        if wanted.starts_at and wanted.starts_at <= at:
            wanted = replace(wanted, starts_at=None)
        if author.claim:
            await self._lives.commits.submit(Write(claim=author.claim))
        made = await self._provider.create_conference(reserved=wanted.starts_at is not None)
        details = Details(**asdict(wanted), id=made.id, number=made.id, vid=made.vid, created_at=at)
        key, self._next_key = self._next_key, self._next_key + 1
        self._lives.add(Conference(key, details))
        try:
            await self._lives.give_up(made.id, but=key)
            await self._lives.tell(key, m.CreateConference(_source(author)), author)
        except StorageUnavailable:
            self._lives.drop(key)
            with contextlib.suppress(ProviderError):
                await self._provider.dismiss(made.id)
            raise
        self._look_again(key, details)
        return details

    async def change(self, key: int, change: Change, author: Author) -> m.Decision:
        """What needs no answer of the provider: what came of it, once that is committed."""
        return await self._lives.tell(key, change(_source(author)), author)

    async def command(self, key: int, command: Commanded, author: Author) -> list[Fate]:
        """What does: the fate of each target, once the provider has answered for all of them."""
        return await self._command(key, command(_source(author)), author)

    @property
    def reminded_at_once(self) -> int:
        """Numbers that one reminder goes to."""
        return self._provider.reminded_at_once

    async def remind(self, numbers: Sequence[str]) -> list[tuple[list[str], HubError | None]]:
        """Send the reminder by SMS, to everybody once. An error or None for each group that was told together."""
        once: dict[str, str] = {}
        for number in numbers:
            once.setdefault(dialled(number) or number, number)
        good = [number for number in once.values() if _is_number(number)]
        wrong = [
            ([number], InvalidNumber(f"{number!r} is no number")) for number in once.values() if not _is_number(number)
        ]
        limit = self.reminded_at_once
        groups = [good[first : first + limit] for first in range(0, len(good), limit)]
        return [*[(group, await self._remind(group)) for group in groups], *wrong]

    async def _remind(self, numbers: Sequence[str]) -> HubError | None:
        try:
            message = await self._provider.remind(numbers)
        except ProviderError as error:
            return error
        logger.info("a reminder to %d numbers is SMS %s", len(numbers), message)
        return None

    async def end(self, key: int, author: Author) -> None:
        for _, error in await self.command(key, m.StopConference, author):
            if error:
                raise error

    async def receive(self, callback: Callback) -> None:
        """Record a callback with what it changes; returns once that is durable."""
        await self._callbacks.receive(callback)

    async def account(self, app: str, user: str, author: Author) -> Account:
        """The user's sub-account, made at the provider on first use: then that is in the audit."""
        known = await self._store.user(app, user)
        if known:
            return known
        made = await self._provider.sub_account(app, user)
        account = Account(made.id, made.token, made.voip, made.voip_pwd)
        await self._lives.commits.submit(Write(user=(app, user, account), audit=entry(author, self._now(), app)))
        return account

    async def _command(self, key: int, message: m.Command, author: Author) -> list[Fate]:
        """Waits for the provider's answers; whoever stops waiting does not stop the commands."""
        await self._lives.load(key)
        decision, done = self._lives.submit(key, message, author=author)
        already = [self._asking(key, outcome) for outcome in decision.outcomes]
        await done
        await self._ask_what_nobody_asks(key, decision.outcomes)
        pairs = zip(already, decision.outcomes, strict=True)
        askings = [(known or self._asking(key, outcome), outcome) for known, outcome in pairs]
        return [(it.target, await asyncio.shield(asking) if asking else it.error) for asking, it in askings]

    async def _ask_what_nobody_asks(self, key: int, outcomes: Sequence[Outcome]) -> None:
        """A command may be pending although its asking is over: its answer could not be stored then."""
        wanted = {outcome.command for outcome in outcomes if outcome.command and not self._asking(key, outcome)}
        if wanted:
            actions = outstanding(await self._lives.committed(key))
            self._actions.act(key, [a for a in actions if isinstance(a, m.Request) and a.number in wanted])

    def _asking(self, key: int, outcome: Outcome) -> Asking | None:
        return self._actions.command(key, outcome.command) if outcome.command else None


def _source(author: Author) -> Source:
    return Source(author.actor, author.identity.credential)


def _is_number(number: str) -> bool:
    """One that cannot be a number would have the provider refuse the others with it."""
    return 0 < len(dialled(number)) <= MOST_DIGITS
