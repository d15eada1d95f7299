"""Who asks, as far as the hub knows it: what came of a credential. Values only."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from enum import IntEnum

from msgspec import Struct

from hub.store.base import Claim


class Role(IntEnum):
    """A ladder: whoever stands higher may do all that those below may.

    Listener, moderator and owner are people in one conference, by a token. An app is a key's own, an admin all apps'.
    Nobody is who has shown no credential.
    """

    NOBODY = 0
    LISTENER = 1
    MODERATOR = 2
    OWNER = 3
    APP = 4
    ADMIN = 5

    @property
    def word(self) -> str:
        return self.name.lower()


Person = tuple[Role, str | None, int | None, str]


class Identity(Struct, frozen=True, kw_only=True):
    """`app` None: every app; `conference`, by the hub's own key, None: every one of the app's.

    `uid` is who it is, or "" where that is for each request to say. `credential` names what it came by, never showing
    it: `key:<id>`, `token:<id> of key:<id>`, `none`, `open`, `local`. `key` is the id of the key that all of it goes
    back to, and `signed_by` that of what signed the token: neither may have been revoked.
    """

    role: Role
    credential: str
    app: str | None = None
    conference: int | None = None
    uid: str = ""
    key: str = ""
    signed_by: str = ""
    expires_at: datetime | None = None

    def reaches(self, app: str, conference: int) -> bool:
        """Is this conference of that app there at all for whoever asks?"""
        return self.app in (None, app) and self.conference in (None, conference)

    @property
    def person(self) -> Person | None:
        """Who that is, whatever credential they come by; None where nobody says it."""
        return (self.role, self.app, self.conference, self.uid) if self.uid else None


NOBODY = Identity(role=Role.NOBODY, credential="none")

OPEN = Identity(role=Role.APP, credential="open", key="open")
"""Whoever reaches a hub that asks for no credential: what an app may, in every app, and read `/metrics`."""

LOCAL = Identity(role=Role.ADMIN, credential="local", key="local")
"""Whoever may open the hub's own files."""


class Author(Struct, frozen=True):
    """Who is behind a request, and how it came: what the audit says of it.

    `request` names the request in the hub's answer to it; `operation` is filled in once it is known.
    `claim` is stored with what the request changes, where it came with an idempotency key.
    """

    identity: Identity
    address: str = ""
    request: str = ""
    operation: str = ""
    uid: str = ""
    claim: Claim | None = None

    @property
    def actor(self) -> str:
        """`user:<uid>` where anybody said who it is."""
        uid = self.identity.uid or self.uid
        return f"user:{uid}" if uid else self.identity.credential

    @property
    def network(self) -> str:
        """Whose the address is: in IPv6 whoever has one has 2^64 of them."""
        try:
            parsed = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else self.address


STRANGER = Author(NOBODY)
