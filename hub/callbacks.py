"""What the provider reports: understood, applied to its conference, and kept as it came with what became of it.

Whatever goes wrong with a callback is its own affair: it is kept as failed and tried again (inbox.py), by this same
way. Only one that cannot even be kept is refused.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.model import State, masked
from hub.errors import HubError, StorageUnavailable, UnknownConference
from hub.lives import Lives
from hub.providers.base import Notice, Provider
from hub.store.base import FAILED, SET_ASIDE, Callback, Status, Store, Write

logger = logging.getLogger(__name__)

RETRIES = 5
"""How often a callback that failed is tried again before it is set aside."""


class Callbacks:
    """`failed` is told once a callback is kept that is to be tried again."""

    def __init__(self, lives: Lives, store: Store, provider: Provider, failed: Callable[[], None]) -> None:
        self._lives = lives
        self._store = store
        self._provider = provider
        self._failed = failed

    async def receive(self, callback: Callback) -> None:
        """Record it with what it changes; returns once that is durable. Raises StorageUnavailable if it is not kept."""
        try:
            notice = self._understand(callback)
            done = await self._hear(notice, callback) if notice else self._record(callback, "ignored")
        except Exception as error:
            done = self._fail(callback, error)
        await done

    def _understand(self, callback: Callback) -> Notice | None:
        """What cannot be understood is kept all the same."""
        notice = self._provider.read_callback(callback.word, callback.query, callback.content_type, callback.body)
        if notice is None:
            logger.warning("a callback %.40r could not be understood", callback.word)
        return notice

    async def _hear(self, notice: Notice, callback: Callback) -> asyncio.Future[None]:
        """One that is tried again stays with its conference, whoever has the number by now."""
        try:
            key = callback.conference or await self._lives.find(notice.conference)
        except UnknownConference:
            id = notice.conference
            logger.warning("a callback %.40r is about conference %.20s, which is not ours", callback.word, id)
            return self._record(callback, "unmatched")
        callback = replace(callback, conference=key)
        if notice.fact is None:
            return self._record(callback, "ignored")
        try:
            return await self._apply(key, notice.fact, callback)
        except Exception as error:
            return self._fail(callback, error)

    async def _apply(self, key: int, fact: m.Fact, callback: Callback) -> asyncio.Future[None]:
        await self._lives.load(key)
        if isinstance(fact, m.LegJoined | m.LegQuit):
            fact = await self._with_user(self._lives.tip(key).details.app, fact)
            await self._lives.load(key)
        details = self._lives.tip(key).details
        if isinstance(fact, m.LegJoined) and (details.state, details.cause) == (State.ENDED, "reconcile"):
            logger.error(
                "somebody is in conference %s, which the provider no longer knew: it was ended here", details.id
            )
        return self._lives.submit(key, fact, replace(callback, status="applied"))[1]

    async def _with_user(self, app: str, fact: m.LegJoined | m.LegQuit) -> m.Fact:
        """Whoever comes or goes may be known by their VoIP account: looked up for both, so that neither overtakes."""
        user = await self._store.user_of_voip(app, fact.number)
        return replace(fact, user=user) if user else fact

    def _fail(self, callback: Callback, error: Exception) -> asyncio.Future[None]:
        """That nothing can be read is the disk's fault: whoever tries again waits."""
        if callback.id and isinstance(error, StorageUnavailable):
            raise error
        attempts = callback.attempts + 1
        name = error.name if isinstance(error, HubError) else type(error).__name__
        status: Status = FAILED if attempts <= RETRIES else SET_ASIDE
        _tell(callback, attempts, error)
        done = self._record(replace(callback, attempts=attempts, error=name), status)
        done.add_done_callback(lambda _: self._failed())
        return done

    def _record(self, callback: Callback, status: Status) -> asyncio.Future[None]:
        return self._lives.commits.submit(Write(callback=replace(callback, status=status)))


def _tell(callback: Callback, attempts: int, error: Exception) -> None:
    """The first time what went wrong, the last time that it is over; numbers in it are nobody's business."""
    what = f"a callback {masked(callback.word)!r:.40} about conference {callback.conference}"
    if attempts > RETRIES:
        logger.error(
            "%s is set aside: callback %s failed %d times; see `confhub inbox list`", what, callback.id, attempts
        )
    elif attempts == 1:
        said = masked("".join(traceback.format_exception(error)))
        logger.warning("%s could not be applied, and will be tried again\n%s", what, said)
