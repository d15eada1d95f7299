"""What one connection, one address and all together may take. Pure: no sockets and no clock of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hub.bucket import Bucket
from hub.errors import TooMany

MAX_MESSAGE = 1024 * 1024
"""Bytes of one message, at every door."""

BURST_S = 4.0
"""Seconds' worth of its rate that a session may use at once."""

PATIENCE_S = 10.0
"""Seconds' worth of refused requests after which it is sent away (4029)."""

BYTES_PER_TOKEN = 4 * 1024
"""A message costs one token, and one more for each so many bytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sockets in all are WebSockets; those of one address are connections of any kind, so that a flood finds an end
    and the provider's callbacks still get in."""

    sockets: int = 10_000
    sockets_per_address: int = 5_000
    accepts_per_s: int = 1_000
    requests_per_s: int = 100


class Allowance:
    """What one session may ask for. Who is refused is told to come when those who were refused before have had their
    turn; who does not wait uses up our patience."""

    def __init__(self, requests_per_s: float, now: Callable[[], float]) -> None:
        self._tokens = Bucket(requests_per_s, BURST_S * requests_per_s, now)
        self._patience = Bucket(requests_per_s, PATIENCE_S * requests_per_s, now)
        self.is_exhausted = False

    def spend(self, cost: float = 1.0) -> float:
        """0, or the seconds to wait before asking again."""
        wait = self._tokens.take(cost)
        if not wait:
            return 0.0
        if self._patience.take(cost):
            self.is_exhausted = True
        return wait + self._patience.missing_s()

    def spend_on(self, message: bytes) -> float:
        return self.spend(1 + len(message) / BYTES_PER_TOKEN)


class Gate:
    """Who is in: connections of each address, WebSockets, and how fast these come."""

    def __init__(
        self, limits: Limits, now: Callable[[], float], is_proxy: Callable[[str], bool] = lambda address: False
    ) -> None:
        self.limits = limits
        self._now = now
        self._is_proxy = is_proxy
        self._of_address: Counter[str] = Counter()
        self._sockets = 0
        self._accepts = Bucket(limits.accepts_per_s, 2 * limits.accepts_per_s, now)

    def enter(self, address: str) -> bool:
        """A connection is there, and counts until it has left; False if that is more than its address may have.

        Those of a declared proxy are not its own.
        """
        return self._enter(address) or self._is_proxy(address)

    def _enter(self, address: str) -> bool:
        self._of_address[address] += 1
        return self._of_address[address] <= self.limits.sockets_per_address

    def leave(self, address: str) -> None:
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    @contextmanager
    def admitted(self, client: str, *, is_direct: bool) -> Iterator[None]:
        """A WebSocket of `client`, whose connection counts already unless there is a proxy between. Raises TooMany."""
        if is_direct:
            yield
            return
        try:
            if not self._enter(client):
                raise TooMany.after("too many WebSockets from this address", 1.0)
            yield
        finally:
            self.leave(client)

    def enter_socket(self) -> float:
        """0 if a connection may become a WebSocket and counts as one, else the seconds to wait."""
        if self._sockets >= self.limits.sockets:
            return 1.0
        wait = self._accepts.take()
        if not wait:
            self._sockets += 1
        return wait

    def leave_socket(self) -> None:
        self._sockets -= 1

    def allowance(self) -> Allowance:
        return Allowance(self.limits.requests_per_s, self._now)
