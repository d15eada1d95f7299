"""Access: looks at credentials, says what they are worth, and takes them back while they are in use."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from hub.access.audit import Audit, Submit, entry
from hub.access.failures import Failures
from hub.access.identity import LOCAL, Author, Identity, Person
from hub.access.keys import Keys
from hub.access.tickets import Tickets
from hub.access.tokens import Tokens
from hub.errors import InvalidParams, StorageUnavailable, TooMany, Unauthenticated
from hub.store.base import Entry, Key, Store, Write

TICKET_S = 30.0
LINK_S = 24 * 3600.0

MOST_OF_PERSON = 100
"""Connections at a time of one person in one conference."""


class Holder(Protocol):
    """Somebody who goes on using a credential after it has been looked at."""

    @property
    def identity(self) -> Identity: ...

    def revoked(self) -> None:
        """The credential is no longer worth anything."""


class Access:
    """`is_open`: whoever made something without a credential, where none was asked for, may go on using it."""

    def __init__(
        self,
        store: Store,
        submit: Submit,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        is_open: bool = False,
    ) -> None:
        self._store = store
        self._submit = submit
        self._now = now
        self._always_good: Collection[str] = ("local", "open") if is_open else ("local",)
        self._holders: set[Holder] = set()
        self._of_person: Counter[Person | None] = Counter()
        self._failures = Failures(monotonic)
        self.audit = Audit(submit, now, monotonic)
        self.keys = Keys(now)
        self.tokens = Tokens(now)
        self.tickets = Tickets("ct", TICKET_S, monotonic)
        self.links = Tickets("cl", LINK_S, monotonic)

    async def start(self) -> None:
        """Returns once every credential is known that there was before."""
        self.keys.know(await self._store.keys())
        signing = tuple(await self._store.signing_keys())
        if not signing:
            signing = self.tokens.rotated()
            await self._submit(Write(signing=signing))
        self.tokens.know(signing)

    # What a credential is worth --------------------------------------------------------------------------------------

    def identify(self, credential: str, author: Author) -> Identity:
        """A key's or a token's. `author` is as much as is known of who shows it. Raises Unauthenticated, TooMany."""
        found = self.keys.identify(credential) or self.tokens.identify(credential)
        return self._believe(found, author)

    def redeem(self, tickets: Tickets, ticket: str, author: Author) -> Identity:
        """Raises Unauthenticated, TooMany."""
        return self._believe(tickets.redeem(ticket), author)

    def _believe(self, found: Identity | None, author: Author) -> Identity:
        if found and self.is_good(found):
            return found
        wait_s = self._failures.add(author.address)
        if wait_s:
            retry_after_ms = math.ceil(wait_s * 1000)
            raise TooMany(f"too many failed sign-ins: wait {retry_after_ms} ms", retry_after_ms=retry_after_ms)
        raise Unauthenticated("the credential is unknown, has expired or was revoked")

    def is_good(self, identity: Identity) -> bool:
        """It was once; is it still?"""
        if identity.expires_at and identity.expires_at <= self._now():
            return False
        if identity.signed_by and not self.tokens.believes(identity.signed_by):
            return False
        return identity.key in self._always_good or self.keys.is_good(identity.key)

    def attach(self, holder: Holder, person: Person | None) -> None:
        """From now on it is told. Raises TooMany if the same person has too many already."""
        if person and self._of_person[person] >= MOST_OF_PERSON:
            raise TooMany(f"{MOST_OF_PERSON} connections of one person are enough", retry_after_ms=10_000)
        self._of_person[person] += 1
        self._holders.add(holder)

    def detach(self, holder: Holder) -> None:
        if holder in self._holders:
            self._holders.remove(holder)
            self._of_person[holder.identity.person] -= 1
            if not self._of_person[holder.identity.person]:
                del self._of_person[holder.identity.person]

    def _send_away(self) -> None:
        for holder in list(self._holders):
            if not self.is_good(holder.identity):
                holder.revoked()

    # What is made and taken back -------------------------------------------------------------------------------------

    async def create_key(self, app: str | None, author: Author) -> tuple[Key, str]:
        """The key, and what its holder shows."""
        key, shown = self.keys.make(app)
        await self._store_key(key, author, before={}, after={"key": key.id, "app": app})
        return key, shown

    async def revoke_key(self, id: str, author: Author) -> None:
        """Raises InvalidParams where there is none. Whoever uses it, or what was made with it, is sent away."""
        key = self.keys.get(id)
        if key is None:
            raise InvalidParams(f"id: there is no key {id}", path="id")
        if key.revoked_at is None:
            revoked = self.keys.revoked(key)
            before = {"key": id, "app": key.app, "revokedAt": None}
            await self._store_key(revoked, author, before, before | {"revokedAt": revoked.revoked_at})
            self._send_away()

    async def _store_key(self, key: Key, author: Author, before: dict[str, Any], after: dict[str, Any]) -> None:
        said = self.audit.entry(author, key.app)
        said = replace(said, before=json.dumps(before).encode(), after=json.dumps(after).encode())
        await self._submit(Write(key=key, audit=said))
        self.keys.know([key])

    async def rotate_tokens(self, author: Author) -> None:
        """Sign with a new key from now on. Tokens of the key before it are believed until the next rotation."""
        signing = self.tokens.rotated()
        await self._submit(Write(signing=signing, audit=self.audit.entry(author)))
        self.tokens.know(signing)
        self._send_away()

    async def record(self, said: Entry) -> None:
        """Something that must not happen without its entry."""
        await self._submit(Write(audit=said))

    async def entries(self, app: str | None, conference: str | None, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Of the audit, by their numbers; of an app only its own matters. What was refused a moment ago is in it."""
        with contextlib.suppress(StorageUnavailable):
            await self._submit(Write())
        return await self._store.audit(app, conference, after, limit)

    def sign_in_link(self) -> str:
        """The ticket of a link that signs a browser in once, as whoever may read the hub's files."""
        return self.links.issue(LOCAL)


async def first_key(store: Store, keys: Keys, now: Callable[[], datetime]) -> str | None:
    """On a database without any key an admin's is made, before anybody is let in: what is shown of it, else None."""
    if await store.keys():
        return None
    key, shown = keys.make(None)
    said = entry(Author(LOCAL, operation="createKey"), now())
    after = json.dumps({"key": key.id, "app": None}).encode()
    await store.write([Write(key=key, audit=replace(said, before=b"{}", after=after))])
    return shown
