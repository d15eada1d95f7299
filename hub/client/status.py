"""Whether what is shown is so: the three words that a connection and each of its watches say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

logger = logging.getLogger(__name__)

Said = TypeVar("Said")
Word = Literal["live", "catching up", "offline"]


@dataclass(frozen=True, slots=True)
class Status:
    """`live` only while everything that the hub has told us to expect is here, and so since `since` (UTC).

    `reason` says why it is offline; with `is_final` it stays so.
    """

    state: Word
    since: datetime
    reason: str = ""
    is_final: bool = False


OnStatus = Callable[[Status], None]


class Reported:
    """Something with a `status`, and one listener who is told each new one."""

    def __init__(self, on_status: OnStatus | None, reason: str) -> None:
        self.status = Status("offline", datetime.now(UTC), reason)
        self._on_status = on_status

    def _report(self, state: Word, reason: str = "", is_final: bool = False) -> None:
        old = self.status
        if (state, reason, is_final) == (old.state, old.reason, old.is_final):
            return
        since = old.since if state == old.state else datetime.now(UTC)
        self.status = Status(state, since, reason, is_final)
        tell(self._on_status, self.status)


def tell(listener: Callable[[Said], None] | None, said: Said) -> None:
    """A listener's own failure ends no connection."""
    if listener is None:
        return
    try:
        listener(said)
    except Exception:
        logger.exception("a listener failed")
