"""Whether the roster is so: what the provider says of a conference is compared with what the hub shows.

The provider can be asked whether a conference goes on and how many are inside, not who [3.10]. What it says may already
be on its way here as a callback, so nothing is believed until it is said again with nothing having happened in between.
That a conference is gone is believed later still, and of many at once only while others are not, or once that has
lasted ten minutes: which refusals mean that is not known [7.3], and a platform in trouble may refuse everything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from hub.domain import messages as m
from hub.domain.model import UNDER_WAY, Conference, State, uncertainty
from hub.errors import HubError, ProviderError
from hub.lives import Lives
from hub.providers.base import Presence, Provider, Standing

logger = logging.getLogger(__name__)

AGAIN_S = 3.0
"""Between two looks at what does not fit: callbacks take less."""

LOOKS = {m.Counted: 2, m.ConferenceStopped: 3}
"""How often it must be found, one look after the other."""

CROWD = 3
"""So many conferences gone at once are rather a platform in trouble, unless others go on there."""

TROUBLE_S = 600.0
"""After which even that is believed."""

TOLD_S = 60.0

APART_S = 0.05
"""Between two conferences, so that many of them are no flood."""

AT_ONCE = 4


class Difference(NamedTuple):
    """What the provider says that the hub does not know, and the calls that there were then."""

    fact: m.Counted | m.ConferenceStopped
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
        self._once_more: set[int] = set()
        self._gone_since: dict[int, float] = {}
        self._active_at = 0.0
        self._told_at = -TOLD_S

    def doubt(self, key: int) -> None:
        """Compare now; a conference is compared by one at a time, and once more if that was in doubt meanwhile."""
        if key in self._checks:
            self._once_more.add(key)
        else:
            self._start(key)

    def _start(self, key: int) -> None:
        task = self._checks[key] = asyncio.create_task(self._check(key), name=f"compare {key}")
        task.add_done_callback(lambda task: self._checked(key, task))

    async def run(self, active: Callable[[], Awaitable[list[int]]]) -> None:
        """Until cancelled: all that go on, at once and then every so often."""
        try:
            while True:
                for key in await self._keys(active):
                    if key not in self._checks:
                        self._start(key)
                    await asyncio.sleep(APART_S)
                await asyncio.sleep(self._every_s)
        finally:
            for task in self._checks.values():
                task.cancel()

    async def _keys(self, active: Callable[[], Awaitable[list[int]]]) -> list[int]:
        """What has ended by another way is not one that the provider seems to have lost."""
        try:
            keys = await active()
        except HubError as error:
            logger.warning("conferences cannot be compared with the provider now: %s", error)
            return []
        going_on = set(keys)
        self._gone_since = {key: since for key, since in self._gone_since.items() if key in going_on}
        return keys

    def _checked(self, key: int, task: asyncio.Task[None]) -> None:
        del self._checks[key]
        if task.cancelled():
            return
        if error := task.exception():
            logger.warning("conference %d could not be compared with the provider: %r", key, error)
        if key in self._once_more:
            self._once_more.discard(key)
            self._start(key)

    async def _check(self, key: int) -> None:
        first = await self._look(key)
        if first is None:
            return
        for _ in range(LOOKS[type(first.fact)] - 1):
            await asyncio.sleep(AGAIN_S)
            if await self._look(key) != first:
                return
        if isinstance(first.fact, m.Counted) or self._is_credible(key):
            await self._correct(key, first.fact)

    def _is_credible(self, key: int) -> bool:
        """That the conference is gone."""
        since = self._gone_since[key]
        has_lasted = asyncio.get_running_loop().time() - since > TROUBLE_S
        if len(self._gone_since) < CROWD or self._active_at > since or has_lasted:
            return True
        self._tell_trouble()
        return False

    def _tell_trouble(self) -> None:
        """Once in a while: there may be thousands."""
        now = asyncio.get_running_loop().time()
        if now > self._told_at + TOLD_S:
            self._told_at = now
            logger.error("the provider no longer knows %d conferences, and none that it knows", len(self._gone_since))

    async def _look(self, key: int) -> Difference | None:
        before = await self._lives.committed(key)
        if before.details.state is not State.ACTIVE:
            self._gone_since.pop(key, None)
            return None
        try:
            async with self._slots:
                standing = await self._provider.standing(before.details.number)
        except ProviderError as error:
            logger.debug("conference %s could not be looked at: %s", before.details.id, error)
            return None
        conference = await self._lives.committed(key)
        fact = difference(conference, standing)
        self._note(key, fact, standing)
        return Difference(fact, _calls(conference)) if fact else None

    def _note(self, key: int, fact: m.Counted | m.ConferenceStopped | None, standing: Standing) -> None:
        now = asyncio.get_running_loop().time()
        if standing.presence is Presence.ACTIVE:
            self._active_at = now
        if isinstance(fact, m.ConferenceStopped):
            self._gone_since.setdefault(key, now)
        else:
            self._gone_since.pop(key, None)

    async def _correct(self, key: int, fact: m.Fact) -> None:
        decision = await self._lives.tell(key, fact)
        self._gone_since.pop(key, None)
        if not decision.events:
            return
        last = decision.events[-1].conference
        if isinstance(fact, m.ConferenceStopped):
            self._tally["conferences_found_ended"] += 1
        elif last and last.uncertain:
            self._tally["divergences"] += 1
        logger.warning("conference %d is not as it was shown: %s", key, fact)


def difference(conference: Conference, standing: Standing) -> m.Counted | m.ConferenceStopped | None:
    """What the provider says that the roster does not; None if they fit.

    Only the state of a conference that runs is known [3.10]. Another one means that it is over only where somebody has
    been in, nobody is counted, and nobody is being called. One to which people are only being called is not given up.
    """
    details, rows = conference.details, conference.participants.values()
    if details.state is not State.ACTIVE:
        return None
    has_been_used, is_calling = any(row.joined_at for row in rows), any(row.progress in UNDER_WAY for row in rows)
    is_still = has_been_used and not is_calling and not standing.members
    is_gone = standing.presence is Presence.GONE and (has_been_used or not is_calling)
    if is_gone or (standing.presence is Presence.UNCLEAR and is_still):
        return m.ConferenceStopped(details.number, is_found=True)
    if standing.members is None:
        return None
    is_known = uncertainty(details, rows, standing.members) == details.uncertain
    return None if is_known else m.Counted(standing.members)


def _calls(conference: Conference) -> tuple[tuple[int, str], ...]:
    return tuple((row.leg, row.progress.value) for row in conference.participants.values())
