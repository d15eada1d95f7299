"""Access: looks at credentials, says what they are worth, and takes them back while they are in use."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec.structs import replace

from hub.access.audit import Audit, Submit, entry
from hub.access.identity import LOCAL, Author, Identity, Person
from hub.access.keys import Keys
from hub.access.tickets import Tickets
from hub.access.tokens import Tokens
from hub.bucket import Buckets
from hub.errors import InvalidParams, StorageUnavailable, TooMany, Unauthenticated
from hub.store.base import Claim, Entry, Key, Store, Write

TICKET_S = 30.0
LINK_S = 24 * 3600.0

FAILURES_PER_MINUTE = 100
"""Wrong credentials of one address. Only failures are slowed: whoever shares it with an attacker is let in."""

SIGN_INS_PER_S = 1
SIGN_INS_AT_ONCE = 100
KEYS_SIGN_INS = 0.02
"""Of one credential. A key stands for many people, so each of its sign-ins costs only so much of one."""

WORK_PER_S = 100
WORK_AT_ONCE = 400
"""Of one person, by whatever way: a request is one, and a hundred rows that are read are one more."""

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
        self._of_person: Counter[Person] = Counter()
        self._failures = Buckets(FAILURES_PER_MINUTE / 60, FAILURES_PER_MINUTE, monotonic)
        self._sign_ins = Buckets(SIGN_INS_PER_S, SIGN_INS_AT_ONCE, monotonic)
        self._work = Buckets(WORK_PER_S, WORK_AT_ONCE, monotonic)
        self._rotating = asyncio.Lock()
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
        return self._believe(self.keys.identify(credential) or self.tokens.identify(credential), author)

    def identify_key(self, key: str, author: Author) -> Identity:
        """Raises Unauthenticated, TooMany."""
        return self._believe(self.keys.identify(key), author)

    def redeem(self, tickets: Tickets, ticket: str, author: Author) -> Identity:
        """Raises Unauthenticated, TooMany."""
        return self._believe(tickets.redeem(ticket), author)

    def _believe(self, found: Identity | None, author: Author) -> Identity:
        if found and self.is_good(found):
            return found
        _wait(self._failures.take(author.network), "too many failed sign-ins")
        raise Unauthenticated("the credential is unknown, has expired or was revoked")

    def is_good(self, identity: Identity) -> bool:
        """It was once; is it still?"""
        if identity.expires_at and identity.expires_at <= self._now():
            return False
        if identity.signed_by and not self.tokens.believes(identity.signed_by):
            return False
        return identity.key in self._always_good or self.keys.is_good(identity.key)

    def sign_in(self, identity: Identity) -> None:
        """Somebody who is believed begins to use their credential. Raises TooMany."""
        cost = KEYS_SIGN_INS if identity.conference is None else 1.0
        _wait(self._sign_ins.take(identity.credential, cost), "too many sign-ins")

    def spend(self, identity: Identity, cost: float = 1.0) -> None:
        """Of what a person in a conference may have the hub do; apps and admins may as they like. Raises TooMany."""
        if identity.conference is not None:
            _wait(self._work.take(identity.person, cost), "too many requests")

    def attach(self, holder: Holder, person: Person | None) -> None:
        """From now on it is told. Raises TooMany if the same person has too many already."""
        if person and self._of_person[person] >= MOST_OF_PERSON:
            raise TooMany.after(f"{MOST_OF_PERSON} connections of one person are enough", 10.0)
        if person and holder not in self._holders:
            self._of_person[person] += 1
        self._holders.add(holder)

    def detach(self, holder: Holder) -> None:
        person = holder.identity.person
        if person and holder in self._holders:
            self._of_person[person] -= 1
            if not self._of_person[person]:
                del self._of_person[person]
        self._holders.discard(holder)

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
        await self._submit(Write(key=key, audit=said, claim=author.claim))
        self.keys.know([key])

    async def rotate_tokens(self, author: Author) -> None:
        """Sign with a new key from now on. Tokens of the key before it are believed until the next rotation."""
        async with self._rotating:
            signing = self.tokens.rotated()
            await self._submit(Write(signing=signing, audit=self.audit.entry(author), claim=author.claim))
            self.tokens.know(signing)
        self._send_away()

    async def record(self, said: Entry, claim: Claim | None = None) -> None:
        """Something that must not happen without its entry, nor without its claim where it has one."""
        await self._submit(Write(audit=said, claim=claim))

    async def entries(self, app: str | None, conference: str | None, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Of the audit, by their numbers; of an app only its own matters. What was said a moment ago is in it."""
        await self.audit.complete()
        with contextlib.suppress(StorageUnavailable):
            await self._submit(Write())
        return await self._store.audit(app, conference, after, limit)

    def issue_ticket(self, identity: Identity) -> tuple[str, datetime]:
        """A ticket, and when it expires. Raises TooMany."""
        return self.tickets.issue(identity), self._now() + timedelta(seconds=TICKET_S)

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


def _wait(wait_s: float, why: str) -> None:
    if wait_s:
        raise TooMany.after(why, wait_s)
