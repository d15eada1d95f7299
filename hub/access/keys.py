"""Keys: the credentials of apps and of admins. Shown once, kept as hashes, known by heart while the hub runs."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from hub.access.audit import stamp
from hub.access.identity import Identity, Role
from hub.store.base import Key

ID_LENGTH = 8
_LETTERS = string.ascii_lowercase + string.digits
_KEY = re.compile(rf"ck_([a-z0-9]{{{ID_LENGTH}}})_[A-Za-z0-9_-]{{43}}", re.ASCII)
"""A prefix by which a leaked one is recognised, its public id, and 256 bits: so that its hash needs no salt."""


class Keys:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._keys: dict[str, Key] = {}

    def know(self, keys: Iterable[Key]) -> None:
        self._keys |= {key.id: key for key in keys}

    def all(self) -> list[Key]:
        return list(self._keys.values())

    def get(self, id: str) -> Key | None:
        return self._keys.get(id)

    def make(self, app: str | None) -> tuple[Key, str]:
        """A key that nobody knows yet, and what its holder shows: it is not kept."""
        id = "".join(secrets.choice(_LETTERS) for _ in range(ID_LENGTH))
        shown = f"ck_{id}_{secrets.token_urlsafe(32)}"
        return Key(id, app, _hash(shown), stamp(self._now())), shown

    def revoked(self, key: Key) -> Key:
        return replace(key, revoked_at=stamp(self._now()))

    def is_good(self, id: str) -> bool:
        key = self._keys.get(id)
        return key is not None and key.revoked_at is None

    def identify(self, shown: str) -> Identity | None:
        found = _KEY.fullmatch(shown)
        key = self._keys.get(found[1]) if found else None
        if key is None or key.revoked_at or not hmac.compare_digest(key.hash, _hash(shown)):
            return None
        role = Role.ADMIN if key.app is None else Role.APP
        return Identity(role=role, app=key.app, key=key.id, credential=f"key:{key.id}")


def _hash(shown: str) -> bytes:
    return hashlib.sha256(shown.encode()).digest()
