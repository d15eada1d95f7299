"""What the rest of the hub may expect of a store.

One process writes. `write` takes a batch and stores all of it or nothing, durably: when it returns, a power cut loses
none of it. When it raises, nothing of the batch is to be believed, and the caller reloads what it needs;
StorageUnavailable says that it is the disk's fault, and may be over the next time. Reads see
what is committed, never more. The seq of a conference has no gaps; the epoch changes only if history was lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Final, Literal, Protocol

from msgspec import Struct

from hub.domain.messages import Action, Event
from hub.domain.model import Conference, Details

Status = Literal["received", "applied", "ignored", "unmatched", "failed", "set aside"]
"""Of a callback: as it came; applied; there was nothing to apply; there is no such conference; FAILED; SET_ASIDE."""

FAILED: Final = "failed"
"""It could not be applied, and is tried again."""

SET_ASIDE: Final = "set aside"
"""It has been tried often enough: the operator is to look at it."""


class Callback(Struct, frozen=True):
    """A provider callback as it came, and what became of it.

    `id` is None until it is stored, `conference` the key of the one it is about, where that is known. `attempts` failed
    so far; `error` is the name of what went wrong last.
    """

    received_at: str
    word: str
    query: bytes
    content_type: str
    body: bytes
    status: Status
    id: int | None = None
    conference: int | None = None
    attempts: int = 0
    error: str | None = None


class Account(Struct, frozen=True):
    """A user's sub-account at the provider."""

    id: str
    token: str
    voip: str
    voip_pwd: str


class Key(Struct, frozen=True):
    """A credential of an app (`app` None: of an admin). `hash` is the SHA-256 of what its holder shows.

    Times are ISO 8601.
    """

    id: str
    app: str | None
    hash: bytes
    created_at: str
    revoked_at: str | None = None


class SigningKey(Struct, frozen=True):
    """What tokens are signed with."""

    id: str
    secret: bytes
    created_at: str


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the audit. `outcome` is `ok` or the name of an error; `before` and `after` are JSON objects.

    `conference` is its number on the wire. `app` is whose matter it is; None: the operator's alone.
    """

    at: str
    app: str | None
    conference: str | None
    operation: str
    actor: str
    credential: str
    address: str
    request: str
    outcome: str
    cause: str | None = None
    before: bytes | None = None
    after: bytes | None = None


class Kept(StrEnum):
    """What is kept for as long as the operator wants it."""

    CALLBACKS = "callbacks"
    EVENTS = "events"
    AUDIT = "entries of the audit"
    CLAIMS = "idempotency keys"


class Expired(Struct, frozen=True):
    """To be deleted, by primary key."""

    kind: Kept
    keys: tuple[tuple[int, ...], ...]


class Claim(Struct, frozen=True):
    """What a request with an idempotency key asked for, and what it was answered: `status` None, nothing as yet.

    Whose key it is is the `scope`; `fingerprint` is the SHA-256 of what was asked. Times are ISO 8601: from
    `expires_at` on the key is as good as new.
    """

    scope: str
    key: str
    fingerprint: bytes
    claimed_at: str
    expires_at: str
    status: int | None = None
    body: bytes = b""

    @property
    def name(self) -> tuple[str, str]:
        return (self.scope, self.key)


class Write(Struct, frozen=True):
    """What one message leaves behind: all of it is stored, or none.

    `conference` is the state after `events`, `before` the one that they were decided on, if there was one; `bodies`
    are the events as they go out, in the same order. `actions` are not stored: they are what may be asked of the
    provider once the rest is. `has_recovered`: what a copy left open has been settled. `again`: callbacks that failed,
    by their ids, to be tried as if they had never been. `claim` is stored in the place of any that has its name,
    `released` is deleted.
    """

    conference: Conference | None = None
    events: tuple[Event, ...] = ()
    bodies: tuple[bytes, ...] = ()
    callback: Callback | None = None
    user: tuple[str, str, Account] | None = None
    checked_at: str | None = None
    has_recovered: bool = False
    actions: tuple[Action, ...] = ()
    key: Key | None = None
    signing: tuple[SigningKey, ...] = ()
    audit: Entry | None = None
    again: tuple[int, ...] = ()
    expired: Expired | None = None
    claim: Claim | None = None
    released: Claim | None = None
    before: Conference | None = None


class Store(Protocol):
    """`is_copy`: made from a backup and not recovered yet, so that what it has not seen may have happened."""

    epoch: str
    is_copy: bool

    async def write(self, batch: Sequence[Write]) -> None: ...
    async def load(self, key: int) -> Conference: ...
    async def key_of(self, id: str) -> int | None: ...
    async def next_key(self) -> int: ...
    async def outstanding(self) -> list[int]: ...
    async def active(self) -> list[int]:
        """Keys of the conferences that go on."""

    async def census(self) -> tuple[int, int]:
        """How many conferences go on, and how many of them are uncertain."""

    async def reserved(self) -> list[tuple[int, Details]]: ...
    async def conferences_of(self, app: str, owner: str) -> list[tuple[Details, int, int]]:
        """Oldest first, with how many people are inside and how many on the roster."""

    async def page(self, key: int, after: int, limit: int) -> list[tuple[int, bytes]]: ...
    async def user(self, app: str, id: str) -> Account | None: ...
    async def user_of_voip(self, app: str, voip: str) -> str | None: ...
    async def keys(self) -> list[Key]:
        """Oldest first."""

    async def signing_keys(self) -> list[SigningKey]:
        """Oldest first."""

    async def audit(self, app: str | None, conference: str | None, after: int, limit: int) -> list[tuple[int, Entry]]:
        """At most `limit` entries that follow number `after`, of one app, or of one conference, or of all."""

    async def callback(self, id: int) -> Callback | None: ...
    async def unsettled(self, status: Status, limit: int) -> list[tuple[int, int]]:
        """(id, attempts) of the callbacks that are FAILED or SET_ASIDE, oldest first."""

    async def count_unsettled(self, status: Status) -> int: ...
    async def callbacks(self, before: int, limit: int, *, settled: bool) -> list[tuple[Callback, str | None]]:
        """Those with an id less than `before`, newest first, with their conferences' ids; the settled ones as well,
        or not."""

    def expired(self, kind: Kept, before: str) -> AsyncIterator[tuple[int, ...]]:
        """The primary keys of what is older than `before` (ISO 8601, UTC), oldest first.

        Of a log the beginning, without a gap. Never a callback that is not settled, nor the newest of all callbacks or
        entries.
        """

    async def claim(self, scope: str, key: str) -> Claim | None:
        """Of this name, be it expired or not."""

    async def close(self) -> None: ...
