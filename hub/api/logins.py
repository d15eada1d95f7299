"""One socket's credential over time: when it must be shown, when it runs out, when it is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from hub.access.access import Access
from hub.access.identity import NOBODY, OPEN, Author, Identity
from hub.api.rows import moment
from hub.errors import HubError, NotAllowed, TooMany
from hub.push.session import TOO_MANY, Session

AUTHENTICATE_S = 10.0
"""How long a socket may take to show a credential."""

WARNING_S = 60.0
"""How long before the end of a credential its holder is warned."""

EXPIRED = (4010, "expired")
UNAUTHENTICATED = (4501, "unauthenticated")
REVOKED = (4503, "revoked")

_encode = msgspec.json.Encoder().encode


class Login:
    """Is a Holder. `author` is who speaks on this socket now: at first who came with the handshake."""

    def __init__(self, session: Session, access: Access, author: Author, now: Callable[[], datetime]) -> None:
        self.author = author if author.identity in (NOBODY, OPEN) else replace(author, identity=NOBODY)
        self._session = session
        self._access = access
        self._now = now
        self._requests = 0
        self._is_warned = False
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(AUTHENTICATE_S, self._out_of_time)
        if author.identity is not self.author.identity:
            self._enter(author.identity)

    def _enter(self, identity: Identity) -> None:
        """Who has shown a credential with the handshake has authenticated like anybody else, or is told why not."""
        try:
            self._access.sign_in(identity)
            self.become(identity, "")
        except HubError as error:
            self.refuse(error)
        else:
            self._access.audit.note(replace(self.author, operation="authenticate"))

    @property
    def identity(self) -> Identity:
        return self.author.identity

    def speaks(self) -> Author:
        """The author of one more request on this socket."""
        self._requests += 1
        return replace(self.author, request=f"{self.author.request}-{self._requests}")

    def become(self, identity: Identity, uid: str) -> None:
        """For the first time, or the same person with a newer credential. Raises NotAllowed, TooMany."""
        is_first = self.identity in (NOBODY, OPEN)
        if not is_first and not _is_same(identity, self.identity):
            raise NotAllowed("this connection is somebody else's: open another one")
        if is_first:
            self._access.attach(self, identity.person)
            self._session.unwatch_all()
        self.author = replace(self.author, identity=identity, uid=uid)
        self._is_warned = False
        self._timer.cancel()
        self._mind()

    def refuse(self, error: HubError) -> None:
        """A credential that was no good. Who has a good one keeps the connection."""
        if self.identity is not NOBODY:
            return
        if isinstance(error, TooMany):
            self._session.end(TOO_MANY, _encode(dict(error.data)).decode())
        else:
            self._session.end(*UNAUTHENTICATED)

    def revoked(self) -> None:
        self._session.end(*REVOKED)

    def end(self) -> None:
        self._timer.cancel()
        self._access.detach(self)

    def _out_of_time(self) -> None:
        if self.identity is NOBODY:
            self._session.end(*UNAUTHENTICATED)

    def _mind(self) -> None:
        """Looked at anew each time, because the clock of the wall may be set."""
        expires_at = self.identity.expires_at
        if expires_at is None:
            return
        left_s = (expires_at - self._now()).total_seconds()
        if left_s <= 0:
            self._session.end(*EXPIRED)
            return
        if left_s <= WARNING_S and not self._is_warned:
            self._is_warned = True
            said = {"type": "expiring", "expiresAt": moment(expires_at)}
            self._session.tell(_encode({"jsonrpc": "2.0", "method": "signal", "params": said}))
        self._timer = self._loop.call_later(left_s if self._is_warned else left_s - WARNING_S, self._mind)


def _is_same(one: Identity, other: Identity) -> bool:
    """Where nobody has said who it is, what goes back to the same key."""
    return (one.person or (one.role, one.app, one.key)) == (other.person or (other.role, other.app, other.key))
