"""Whether the roster is so: what the provider says of a conference is compared with what the hub shows.

The provider can be asked whether a conference goes on and how many are inside, not who [3.10]. What it says may already
be on its way here as a callback, so nothing is believed until it is said twice with nothing having happened in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from hub.domain import messages as m
from hub.domain.model import Conference, State, Uncertain, inside
from hub.errors import HubError, ProviderError
from hub.lives import Lives
from hub.providers.base import Presence, Provider, Standing

logger = logging.getLogger(__name__)

AGAIN_S = 3.0
"""Between two looks at what does not fit: callbacks take less."""

APART_S = 0.05
"""Between two conferences, so that many of them are no flood."""

AT_ONCE = 4


class Difference(NamedTuple):
    """What the provider says that the hub does not know, and the calls that there were then."""

    fact: m.Fact
    calls: tuple[tuple[int, str], ...]


class Reconciler:
    """`tally` counts what was found wrong."""

    def __init__(self, lives: Lives, provider: Provider, every_s: float, tally: Counter[str]) -> None:
        self._lives = lives
        self._provider = provider
        self._every_s = every_s
        self._tally = tally
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._checks: dict[int, asyncio.Task[None]] = {}

    def doubt(self, key: int) -> None:
        """Compare now; a conference is compared by one at a time."""
        if key not in self._checks:
            task = self._checks[key] = asyncio.create_task(self._check(key), name=f"check {key}")
            task.add_done_callback(lambda task: self._checked(key, task))

    async def run(self, active: Callable[[], Awaitable[list[int]]]) -> None:
        """Until cancelled: all that go on, at once and then every so often."""
        try:
            while True:
                for key in await self._keys(active):
                    self.doubt(key)
                    await asyncio.sleep(APART_S)
                await asyncio.sleep(self._every_s)
        finally:
            for task in self._checks.values():
                task.cancel()

    async def _keys(self, active: Callable[[], Awaitable[list[int]]]) -> list[int]:
        try:
            return await active()
        except HubError as error:
            logger.warning("conferences cannot be compared with the provider now: %s", error)
            return []

    def _checked(self, key: int, task: asyncio.Task[None]) -> None:
        del self._checks[key]
        if not task.cancelled() and (error := task.exception()):
            logger.warning("conference %d could not be compared with the provider: %r", key, error)

    async def _check(self, key: int) -> None:
        first = await self._look(key)
        if first is None:
            return
        await asyncio.sleep(AGAIN_S)
        if await self._look(key) == first:
            await self._correct(key, first.fact)

    async def _look(self, key: int) -> Difference | None:
        before = await self._lives.committed(key)
        if before.details.state is not State.ACTIVE:
            return None
        try:
            async with self._slots:
                standing = await self._provider.standing(before.details.number)
        except ProviderError as error:
            logger.debug("conference %s could not be looked at: %s", before.details.id, error)
            return None
        conference = await self._lives.committed(key)
        fact = difference(conference, standing)
        return Difference(fact, _calls(conference)) if fact else None

    async def _correct(self, key: int, fact: m.Fact) -> None:
        decision = await self._lives.tell(key, fact)
        if not decision.events:
            return
        last = decision.events[-1].conference
        if isinstance(fact, m.ConferenceStopped):
            self._tally["conferences_found_ended"] += 1
        elif last and last.uncertain:
            self._tally["divergences"] += 1
        logger.warning("conference %d is not as it was shown: %s", key, fact)


def difference(conference: Conference, standing: Standing) -> m.Fact | None:
    """What the provider says that the roster does not; None if they fit.

    A conference that nobody has been in yet may stand in any way: only the state of one that runs is known [3.10].
    """
    details, rows = conference.details, conference.participants.values()
    if details.state is not State.ACTIVE:
        return None
    has_been_used = any(row.joined_at for row in rows)
    if standing.presence is Presence.GONE or (standing.presence is Presence.UNCLEAR and has_been_used):
        return m.ConferenceStopped(details.number, is_found=True)
    if standing.members is None or standing.presence is Presence.UNCLEAR:
        return None
    shown = inside(rows)
    uncertain = None if standing.members in shown else Uncertain(shown.start, standing.members)
    return None if uncertain == details.uncertain else m.Counted(standing.members)


def _calls(conference: Conference) -> tuple[tuple[int, str], ...]:
    return tuple((row.leg, row.progress.value) for row in conference.participants.values())
