"""Conferences: everything that can be asked of the hub, in the hub's own words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hub.access.audit import entry
from hub.access.identity import Author
from hub.actions import Actions, Asking
from hub.domain import messages as m
from hub.domain.course import next_check
from hub.domain.messages import Outcome
from hub.domain.model import Conference, Details, Kind, Participant, dialled
from hub.domain.rules import outstanding
from hub.errors import HubError, InvalidNumber, ProviderError, StorageUnavailable, TimeInPast, UnknownConference
from hub.lives import Lives, Publish, Wording
from hub.providers.base import Provider
from hub.schedule import Schedule
from hub.store.base import Account, Callback, Store, Write

logger = logging.getLogger(__name__)


MOST_DIGITS = 20
"""Of a phone number with everything that may be dialled before it."""

EARLIEST_START = timedelta(minutes=-1)
"""From now; a start before this has been missed by whoever asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A conference to create; see Details."""

    app: str
    owner: str
    name: str
    time: str = ""
    pwd: str = ""
    starts_at: datetime | None = None
    autocall: bool = False


class Conferences:
    """`publish` is told what is committed; `now` is UTC. Every change has an author."""

    def __init__(
        self,
        store: Store,
        provider: Provider,
        wording: Wording,
        publish: Publish,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._provider = provider
        self._now = now
        self._lives = Lives(store, wording, publish, now)
        self._actions = Actions(self._lives, provider)
        self._lives.act = self._actions.act
        self._schedule = Schedule(self._check_clock, now)
        self._next_key = 0

    def workers(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        """By name, what has to run for as long as the hub lives."""
        return {"commit loop": self._lives.commits.run(), "schedule": self._schedule.run()}

    async def start(self) -> None:
        """Take up what the last run left open."""
        self._next_key = await self._store.next_key()
        reserved = await self._store.reserved()
        keys = await self._store.outstanding()
        if self._store.is_copy:
            keys = sorted({*keys, *(key for key, _ in reserved)})
        for key in keys:
            await self._lives.load(key)
        recover = m.Recover(self._store.is_copy)
        decisions = {key: self._lives.submit(key, recover) for key in keys}
        for key, (decision, done) in decisions.items():
            await done
            await self._take_up(key, len(decision.events))
        if self._store.is_copy:
            await self._lives.commits.submit(Write(has_recovered=True))
        for key, details in reserved:
            self._look_again(key, details)

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

    async def find(self, id: str) -> int:
        """The key of a conference. Raises UnknownConference."""
        return await self._lives.find(id)

    async def committed(self, key: int) -> Conference:
        """What may be shown of a conference."""
        return await self._lives.committed(key)

    async def of_user(self, app: str, user: str) -> list[Details]:
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
            await self._lives.tell(key, m.CreateConference(author.actor), author)
        except StorageUnavailable:
            with contextlib.suppress(ProviderError):
                await self._provider.dismiss(made.id)
            raise
        self._look_again(key, details)
        return details

    async def put_on_roster(
        self, key: int, people: Sequence[m.Person], author: Author, limit: int, *, dial: bool
    ) -> list[HubError | None]:
        """An error or None for each person; who is to be called is accepted for dialling, no more."""
        command = m.InviteParticipants if dial else m.AddParticipants
        decision = await self._lives.tell(key, command(tuple(people), author.actor, limit), author)
        return [outcome.error for outcome in decision.outcomes]

    async def call_everybody(self, key: int, author: Author) -> list[Participant]:
        """The rows that are going to be called."""
        decision = await self._lives.tell(key, m.CallEverybody(author.actor), author)
        return [event.participant for event in decision.events if event.participant]

    async def set_password(self, key: int, pwd: str, author: Author) -> None:
        await self._lives.tell(key, m.SetPassword(pwd, author.actor), author)

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

    async def control(self, key: int, kind: Kind, callids: Sequence[str], author: Author) -> list[HubError | None]:
        """An error or None for each call, once the provider has answered for all of them."""
        return await self._command(key, m.ControlLegs(kind, tuple(callids), author.actor), author)

    async def end(self, key: int, author: Author) -> None:
        for error in await self._command(key, m.StopConference(author.actor), author):
            if error:
                raise error

    async def receive(self, conference: str | None, fact: m.Fact | None, callback: Callback) -> None:
        """Record a callback with what it changes; returns once that is durable."""
        try:
            key = await self._lives.find(conference or "")
            await self._lives.load(key)
            fact = await self._with_user(self._lives.tip(key).details.app, fact)
            await self._lives.load(key)
            done = self._apply(key, fact, callback)
        except UnknownConference:
            if conference:
                logger.warning(
                    "a callback %.40r is about conference %.20s, which is not ours", callback.word, conference
                )
            done = self._record(callback, "unmatched" if conference else "ignored")
        await done

    async def account(self, app: str, user: str, author: Author) -> Account:
        """The user's sub-account, made at the provider on first use: then that is in the audit."""
        known = await self._store.user(app, user)
        if known:
            return known
        made = await self._provider.sub_account(app, user)
        account = Account(made.id, made.token, made.voip, made.voip_pwd)
        await self._lives.commits.submit(Write(user=(app, user, account), audit=entry(author, self._now(), app)))
        return account

    async def _with_user(self, app: str, fact: m.Fact | None) -> m.Fact | None:
        """Whoever comes or goes may be known by their VoIP account: looked up for both, so that neither overtakes."""
        if not isinstance(fact, m.LegJoined | m.LegQuit):
            return fact
        user = await self._store.user_of_voip(app, fact.number)
        return replace(fact, user=user) if user else fact

    def _apply(self, key: int, fact: m.Fact | None, callback: Callback) -> asyncio.Future[None]:
        if fact is None:
            return self._record(callback, "ignored")
        try:
            return self._lives.submit(key, fact, replace(callback, status="applied"))[1]
        except Exception:
            logger.exception("conference %d: a callback could not be applied", key)
            return self._record(callback, "failed")

    def _record(self, callback: Callback, status: str) -> asyncio.Future[None]:
        return self._lives.commits.submit(Write(callback=replace(callback, status=status)))

    async def _command(
        self, key: int, message: m.ControlLegs | m.StopConference, author: Author
    ) -> list[HubError | None]:
        """Waits for the provider's answers; whoever stops waiting does not stop the commands."""
        await self._lives.load(key)
        decision, done = self._lives.submit(key, message, author=author)
        already = [self._asking(key, outcome) for outcome in decision.outcomes]
        await done
        await self._ask_what_nobody_asks(key, decision.outcomes)
        pairs = zip(already, decision.outcomes, strict=True)
        askings = [(known or self._asking(key, outcome), outcome) for known, outcome in pairs]
        return [await asyncio.shield(asking) if asking else outcome.error for asking, outcome in askings]

    async def _ask_what_nobody_asks(self, key: int, outcomes: Sequence[Outcome]) -> None:
        """A command may be pending although its asking is over: its answer could not be stored then."""
        wanted = {outcome.command for outcome in outcomes if outcome.command and not self._asking(key, outcome)}
        if wanted:
            actions = outstanding(await self._lives.committed(key))
            self._actions.act(key, [a for a in actions if not isinstance(a, m.Dial) and a.number in wanted])

    def _asking(self, key: int, outcome: Outcome) -> Asking | None:
        return self._actions.command(key, outcome.command) if outcome.command else None


def _is_number(number: str) -> bool:
    """One that cannot be a number would have the provider refuse the others with it."""
    return 0 < len(dialled(number)) <= MOST_DIGITS
