"""Tokens that come back with time: how much of something may be had, by all or by each. Pure: no clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable

_ROUNDING = 1e-6
"""Of a token: who waited as long as they were told has it."""


class Bucket:
    """Tokens that come back with time: `rate` in a second, `most` at once. `now` is monotonic, in seconds."""

    def __init__(self, rate: float, most: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._most = most
        self._now = now
        self._level = most
        self._at = now()

    def take(self, cost: float = 1.0) -> float:
        """0 if they were there and are taken, else the seconds until they will be."""
        cost = min(cost, self._most)
        now = self._now()
        self._level = min(self._most, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < cost - _ROUNDING:
            return (cost - self._level) / self._rate
        self._level -= cost
        return 0.0

    def missing_s(self) -> float:
        """The seconds until it is full again, as of the last time something was taken or asked for."""
        return (self._most - self._level) / self._rate


class Buckets:
    """One for each of many. Of more than MOST the one unused for longest is forgotten, which is to say full."""

    MOST = 10_000

    def __init__(self, rate: float, most: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._most = most
        self._now = now
        self._of: dict[Hashable, Bucket] = {}

    def take(self, whose: Hashable, cost: float = 1.0) -> float:
        """As of a Bucket."""
        bucket = self._of.pop(whose, None) or Bucket(self._rate, self._most, self._now)
        self._of[whose] = bucket
        if len(self._of) > self.MOST:
            del self._of[next(iter(self._of))]
        return bucket.take(cost)
