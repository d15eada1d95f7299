"""Who is watching which conference: people, however many connections they have. Told as a signal, never logged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

LINGER_S = 5.0
"""Who comes back within so long has not been away."""

SOON_S = 0.2
"""Whatever changes in so long is told at once."""

MOST = 100
"""People who are listed; of more only the number is told."""

Tell = Callable[[int, bytes], None]
"""(conference key, JSON object): to all who watch this conference."""


class Presence:
    """A person is a JSON object, encoded always the same; an empty one watches without being seen."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._of: dict[int, Counter[bytes]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def come(self, key: int, person: bytes) -> None:
        if person:
            self._of.setdefault(key, Counter())[person] += 1
        if key in self._of:
            self._tell_soon(key)

    def go(self, key: int, person: bytes) -> None:
        if person:
            asyncio.get_running_loop().call_later(LINGER_S, self._gone, key, person)

    def _gone(self, key: int, person: bytes) -> None:
        people = self._of[key]
        people[person] -= 1
        if people[person]:
            return
        del people[person]
        if not people:
            del self._of[key]
        self._tell_soon(key)

    def _tell_soon(self, key: int) -> None:
        if key not in self._timers:
            self._timers[key] = asyncio.get_running_loop().call_later(SOON_S, self._tell_now, key)

    def _tell_now(self, key: int) -> None:
        del self._timers[key]
        people = sorted(self._of.get(key, ()))
        listed = b",".join(people[:MOST])
        self._tell(key, b'{"type":"watchers","watchers":[%b],"count":%d}' % (listed, len(people)))
