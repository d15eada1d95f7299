"""The simulator's randomness: repeatable where a seed is given."""

from __future__ import annotations

import random
import secrets
from collections import Counter


class Chance:
    """`start` is how often this world has been started before, so that a restart does not repeat its call ids."""

    def __init__(self, seed: int | None, start: int) -> None:
        self._seed = f"{secrets.token_hex(16) if seed is None else seed}/{start}"
        self._thrown: Counter[tuple[str, str]] = Counter()

    def dice(self, purpose: str, key: str = "") -> random.Random:
        """Fresh dice for the next throw: those of one purpose and key never shift the throws of another."""
        self._thrown[purpose, key] += 1
        return random.Random(f"{self._seed}/{purpose}/{key}/{self._thrown[purpose, key]}")

    def hex(self, purpose: str, key: str, length: int) -> str:
        return f"{self.dice(purpose, key).getrandbits(4 * length):0{length}x}"
