"""The audit: who did what, by which credential and from where, and who was not let."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace

from hub.access.identity import NOBODY, Author
from hub.bucket import Bucket, Buckets
from hub.seldom import is_told
from hub.store.base import Entry, Write

logger = logging.getLogger(__name__)

REFUSALS_PER_S = 1
REFUSALS_AT_ONCE = 100
"""Of one credential, or of one address without any: nobody can have others' go unrecorded."""

STRANGERS_PER_S = 1
STRANGERS_AT_ONCE = 1000
"""Of all who show no good credential together: they must not be able to fill the disk. The rest is counted."""

GATHERED_S = 0.25
"""Sign-ins to watch come in crowds, and nobody waits for their entries: a transaction for each would be a quarter of
what it costs to let somebody in."""

Submit = Callable[[Write], "asyncio.Future[None]"]


def entry(author: Author, at: datetime, app: str | None = None, conference: str | None = None) -> Entry:
    """What succeeded. An app's own matter is shown to that app."""
    return Entry(
        at=stamp(at),
        app=author.identity.app if app is None else app,
        conference=conference,
        operation=author.operation,
        actor=author.actor,
        credential=author.identity.credential,
        address=author.address,
        request=author.request,
        outcome="ok",
    )


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Audit:
    """`submit` stores; `now` is UTC, `monotonic` in seconds."""

    def __init__(self, submit: Submit, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._submit = submit
        self._now = now
        self._refusals = Buckets(REFUSALS_PER_S, REFUSALS_AT_ONCE, monotonic)
        self._strangers = Bucket(STRANGERS_PER_S, STRANGERS_AT_ONCE, monotonic)
        self._unrecorded = 0
        self._gathered: list[Entry] = []

    def entry(self, author: Author, app: str | None = None, conference: str | None = None) -> Entry:
        return entry(author, self._now(), app, conference)

    def note(self, author: Author, app: str | None = None, cause: str | None = None) -> None:
        """Something that happens also while nothing can be stored, such as a sign-in to watch: nobody waits for it."""
        if not self._gathered:
            asyncio.get_running_loop().call_later(GATHERED_S, self._write_gathered)
        self._gathered.append(replace(self.entry(author, app), cause=cause))

    def _write_gathered(self) -> list[asyncio.Future[None]]:
        gathered, self._gathered = self._gathered, []
        return [self._submit(Write(audit=said)) for said in gathered]

    async def complete(self) -> None:
        """Returns once everything that was noted is stored, or cannot be."""
        await asyncio.gather(*self._write_gathered(), return_exceptions=True)

    def refuse(self, author: Author, outcome: str, cause: str, conference: str | None = None) -> None:
        is_stranger = author.identity is NOBODY
        whose = author.network if is_stranger else author.identity.credential
        if self._refusals.take(whose) or (is_stranger and self._strangers.take()):
            self._count_unrecorded()
            return
        said = self.entry(author, None, conference)
        self._submit(Write(audit=replace(said, outcome=outcome, cause=cause)))

    def _count_unrecorded(self) -> None:
        self._unrecorded += 1
        if is_told(self._unrecorded):
            logger.warning("%d refusals so far came too fast to be recorded in the audit", self._unrecorded)
