"""Failed sign-ins: how many an address may have."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from hub.bucket import Bucket

PER_MINUTE = 100

MOST = 10_000
"""Addresses that are remembered; beyond that the one longest without a failure is forgotten."""


class Failures:
    """Only failures are slowed: whoever shares an address with an attacker is let in all the same."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._of: dict[str, Bucket] = {}

    def add(self, address: str) -> float:
        """0, or the seconds that whoever is there has to wait before the next is looked at."""
        of = _owner(address)
        bucket = self._of.pop(of, None) or Bucket(PER_MINUTE / 60, PER_MINUTE, self._monotonic)
        self._of[of] = bucket
        if len(self._of) > MOST:
            del self._of[next(iter(self._of))]
        return bucket.take()


def _owner(address: str) -> str:
    """In IPv6 whoever has one address has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
