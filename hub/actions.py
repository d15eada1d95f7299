"""What committed decisions want of the provider: asked here, and what it answers goes back as a fact.

An invitation is never asked for twice: that it is about to be asked is committed first, so that after a crash its
outcome counts as unknown. Commands for one call are asked in the order in which they were wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from hub.domain import messages as m
from hub.domain.model import Details, Progress
from hub.errors import HubError, OutcomeUnknown, ProviderError, ProviderRefused, StorageUnavailable
from hub.lives import Lives
from hub.providers.base import Presence, Provider

logger = logging.getLogger(__name__)

DIALS_AT_ONCE = 8
"""Invitations being asked for at the same time; the rest wait in the order they came."""

INQUIRIES_AT_ONCE = 4
"""Questions about calls being asked at the same time: what moderators want does not wait behind them."""

STOP_S = 2.0
"""How long requests under way may still take when the hub stops."""

RETRY_S = 0.5
"""Between two attempts to store something while the database refuses."""

AGAIN_S = 5.0
"""Between two attempts to start or end a conference while the provider will not have it."""

TALLIED: Mapping[type[m.Message], str] = {m.LegInquired: "calls_concluded", m.CheckCommand: "commands_overdue"}
"""The counter (docs/deploy.md) that goes up when such a message changes something."""

Asking = asyncio.Task[HubError | None]


class Actions:
    """`waits` are the seconds of each Wait; `doubt` is told of conferences about which something does not fit.

    `tally` counts what the provider did not say in time.
    """

    def __init__(
        self,
        lives: Lives,
        provider: Provider,
        waits: Mapping[m.Wait, float],
        doubt: Callable[[int], None],
        tally: Counter[str],
    ) -> None:
        self._tally = tally
        self._lives = lives
        self._provider = provider
        self._waits = waits
        self._doubt = doubt
        self._slots = asyncio.Semaphore(DIALS_AT_ONCE)
        self._inquiries = asyncio.Semaphore(INQUIRIES_AT_ONCE)
        self._stopping = False
        self._tasks: set[Asking] = set()
        self._timers: dict[int, dict[m.Check, asyncio.TimerHandle]] = {}
        self._commands: dict[tuple[int, int], Asking] = {}
        self._last_on_call: dict[tuple[int, str], Asking] = {}

    def act(self, key: int, actions: Sequence[m.Action]) -> None:
        """During a stop nothing new is begun: the next start takes it up."""
        for action in () if self._stopping else actions:
            self._begin(key, action)

    def _begin(self, key: int, action: m.Action) -> None:
        match action:
            case m.Dial():
                self._start(self._dial(key, action.leg), f"dial {key}/{action.leg}")
            case m.Inquire():
                self._start(self._inquire(key, action), f"inquiry {key}/{action.leg}")
            case m.Later():
                self._set_timer(key, action)
            case m.Over():
                for timer in self._timers.pop(key, {}).values():
                    timer.cancel()
            case m.Doubt():
                self._doubt(key)
            case m.Open(again=True) | m.Dismiss(again=True):
                self._start(self._later(key, action), f"command {key}/{action.number} again")
            case _:
                self._command(key, action)

    def _set_timer(self, key: int, action: m.Later) -> None:
        """On the monotonic clock. Of two that wait for the same thing the later one counts."""
        timers = self._timers.setdefault(key, {})
        if before := timers.get(action.message):
            before.cancel()
        loop = asyncio.get_running_loop()
        timers[action.message] = loop.call_later(self._waits[action.wait], self._remind, key, action.message)

    def _remind(self, key: int, message: m.Check) -> None:
        """Whether it still matters is for the message to see."""
        del self._timers[key][message]
        if not self._stopping:
            self._start(self._tell(key, message), f"check {key}")

    def command(self, key: int, number: int) -> Asking | None:
        """The command with this number while it is under way; its result is the error for whoever asked."""
        return self._commands.get((key, number))

    async def stop(self) -> None:
        """Queued dials wait for the next start; what is cut short here is settled there."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_S)
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, HubError | None], name: str) -> Asking:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: Asking) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s died", task.get_name(), exc_info=error)

    async def _later(self, key: int, action: m.Open | m.Dismiss) -> HubError | None:
        await asyncio.sleep(AGAIN_S)
        if not self._stopping:
            self._command(key, action)
        return None

    def _command(self, key: int, action: m.Request) -> None:
        call = (key, action.callid if isinstance(action, m.Control) else "")
        work = self._run_command(key, action, self._last_on_call.get(call))
        task = self._start(work, f"command {key}/{action.number}")
        self._commands[key, action.number] = self._last_on_call[call] = task
        task.add_done_callback(partial(self._command_over, key, action.number, call))

    def _command_over(self, key: int, number: int, call: tuple[int, str], task: Asking) -> None:
        if self._commands.get((key, number)) is task:
            del self._commands[key, number]
        if self._last_on_call.get(call) is task:
            del self._last_on_call[call]

    async def _run_command(self, key: int, action: m.Request, before: Asking | None) -> HubError | None:
        if before:
            await asyncio.wait([before])
        try:
            details = (await self._lives.committed(key)).details
            if not isinstance(action, m.Control) and (not details.pending or details.pending.number != action.number):
                return None
            return await self._tell(key, await self._ask(key, details, action))
        except ProviderError as error:
            failure = error
        except Exception:
            logger.exception("a command broke off")
            failure = OutcomeUnknown("the command broke off")
        is_unknown = isinstance(failure, OutcomeUnknown)
        return await self._tell(key, m.CommandFailed(action, _cause(failure), is_unknown)) or failure

    async def _ask(self, key: int, conference: Details, action: m.Request) -> m.Fact:
        match action:
            case m.Control():
                await self._provider.control(conference.number, action.kind, action.callid, action.number)
            case m.Dismiss():
                await self._dismiss(conference.number)
            case m.Open():
                return await self._open(key, conference, action)
        return m.CommandAccepted(action)

    async def _open(self, key: int, conference: Details, action: m.Open) -> m.Fact:
        """One that the provider no longer has is made again; what may be left of the old one keeps nobody apart."""
        if not conference.is_lost:
            if await self._is_active(conference.number):
                return m.ConferenceReady(action.number, conference.number, conference.vid)
            with contextlib.suppress(ProviderRefused):
                await self._provider.dismiss(conference.number)
        made = await self._provider.create_conference(reserved=False)
        with contextlib.suppress(StorageUnavailable):
            await self._lives.give_up(made.id, but=key)
        logger.warning("conference %s was gone at the provider and starts there as %s", conference.id, made.id)
        return m.ConferenceReady(action.number, made.id, made.vid, is_new=True)

    async def _dismiss(self, conference: str) -> None:
        """A platform that refuses because it has long forgotten the conference has nothing left to end."""
        try:
            await self._provider.dismiss(conference)
        except ProviderRefused:
            if await self._is_active(conference):
                raise

    async def _is_active(self, conference: str) -> bool:
        standing = await self._provider.standing(conference)
        return standing.presence is Presence.ACTIVE or bool(standing.members)

    async def _inquire(self, key: int, action: m.Inquire) -> HubError | None:
        """A provider that does not answer either leaves it to the hub to conclude."""
        result = count = None
        async with self._inquiries:
            with contextlib.suppress(HubError):
                result = await self._provider.call_result(action.callid) if action.callid else None
            with contextlib.suppress(HubError):
                count = (await self._provider.standing((await self._lives.committed(key)).details.number)).members
        return await self._tell(key, m.LegInquired(action.leg, result, count))

    async def _dial(self, key: int, leg: int) -> HubError | None:
        async with self._slots:
            claimed = await self._claim(key, leg)
            return await self._tell(key, await self._ask_for(leg, *claimed)) if claimed else None

    async def _claim(self, key: int, leg: int) -> tuple[str, str] | None:
        """Commit that the call is about to be asked for: the provider's conference and the number to call, or None if
        it is no longer wanted."""
        while not self._stopping:
            try:
                conference = (await self._lives.committed(key)).details.number
                decision = await self._lives.tell(key, m.BeginDial(leg))
            except StorageUnavailable:
                await asyncio.sleep(RETRY_S)
            else:
                numbers = (event.participant.number for event in decision.events if event.participant)
                return next(((conference, number) for number in numbers), None)
        return None

    async def _ask_for(self, leg: int, conference: str, number: str) -> m.Fact:
        try:
            return m.DialAccepted(leg, await self._provider.dial(conference, leg, number))
        except ProviderError as error:
            progress = Progress.UNKNOWN if isinstance(error, OutcomeUnknown) else Progress.FAILED
            return m.DialFailed(leg, progress, _cause(error))
        except Exception:
            logger.exception("a dial broke off")
            return m.DialFailed(leg, Progress.UNKNOWN, OutcomeUnknown.name)

    async def _tell(self, key: int, fact: m.Message) -> HubError | None:
        """What the provider answered is so: if it cannot be stored now, it is stored as soon as that is possible."""
        try:
            decision = await self._lives.tell(key, fact)
        except StorageUnavailable as error:
            self._start(self._tell_later(key, fact), f"answer for {key}")
            return error
        if decision.events and type(fact) in TALLIED:
            self._tally[TALLIED[type(fact)]] += 1
        return None

    async def _tell_later(self, key: int, fact: m.Message) -> HubError | None:
        while not self._stopping:
            await asyncio.sleep(RETRY_S)
            with contextlib.suppress(StorageUnavailable):
                await self._lives.tell(key, fact)
                break
        return None


def _cause(error: HubError) -> str:
    """What the row says: the error's name, and where the provider gave any, its own words and its code."""
    code, words = error.data.get("statusCode", ""), error.data.get("statusMsg", "")
    said = f"{words} ({code})" if words and code else words or code
    return f"{error.name}: {said}" if said else error.name
