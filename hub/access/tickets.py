"""Tickets: credentials that work once. Kept as hashes, and in memory only: a restart uses them up."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable

from hub.access.identity import Identity
from hub.errors import TooMany

MOST_OF_ONE = 10_000
"""Tickets at a time in return for one credential: whoever wants more harms nobody else."""


class Tickets:
    """Of one kind; those of another are worth nothing here. Each is good for `lives_s`; `monotonic` is in seconds."""

    def __init__(self, prefix: str, lives_s: float, monotonic: Callable[[], float]) -> None:
        self._lives_s = lives_s
        self._prefix = prefix
        self._monotonic = monotonic
        self._open: dict[bytes, tuple[Identity, float]] = {}
        self._of_credential: Counter[str] = Counter()

    def issue(self, identity: Identity) -> str:
        """A ticket with which to be this identity. Raises TooMany."""
        self._forget_old()
        if self._of_credential[identity.credential] >= MOST_OF_ONE:
            raise TooMany.after("too many tickets that nobody has used", 1.0)
        ticket = f"{self._prefix}_{secrets.token_urlsafe(32)}"
        self._open[_hash(ticket)] = (identity, self._monotonic() + self._lives_s)
        self._of_credential[identity.credential] += 1
        return ticket

    def redeem(self, ticket: str) -> Identity | None:
        """Once. The event loop is the lock: nothing is awaited here."""
        self._forget_old()
        return self._take(_hash(ticket))

    def _forget_old(self) -> None:
        """They are in the order in which they expire."""
        now = self._monotonic()
        while self._open:
            oldest, (_, expires_at) = next(iter(self._open.items()))
            if expires_at > now:
                break
            self._take(oldest)

    def _take(self, hash: bytes) -> Identity | None:
        identity, _ = self._open.pop(hash, (None, 0.0))
        if identity:
            self._of_credential[identity.credential] -= 1
            if not self._of_credential[identity.credential]:
                del self._of_credential[identity.credential]
        return identity


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
