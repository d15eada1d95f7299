"""Credentials at the doors: who a request says it is from, as an author whom the operations can believe."""

from __future__ import annotations

import re
import secrets

from msgspec.structs import replace
from starlette.requests import HTTPConnection

from hub.access.access import Access
from hub.access.identity import NOBODY, OPEN, Author, Identity
from hub.api.addresses import Addresses
from hub.errors import ForbiddenOrigin, HubError, Unauthenticated

FOREIGN = (
    "this page may not talk to the hub; if it is the hub's own, CONFHUB_PUBLIC_URL must be its address, and"
    " CONFHUB_ORIGINS lists others"
)

_HERE = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?")
_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
_REQUEST = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def stranger_at(connection: HTTPConnection, what: str) -> Author:
    """As much as is known of a request for `what` before it has shown anything."""
    return Author(NOBODY, _addresses(connection).of(connection), _name_of(connection), what)


def identified(connection: HTTPConnection, stranger: Author) -> Author:
    """Raises ForbiddenOrigin, Unauthenticated, TooMany; that it did is in the audit."""
    access: Access = connection.app.state.context.access
    try:
        if not _is_own_origin(connection):
            raise ForbiddenOrigin(FOREIGN)
        return replace(stranger, identity=_identity(connection, access, stranger))
    except HubError as error:
        access.audit.refuse(stranger, error.name, str(error))
        raise


def _identity(connection: HTTPConnection, access: Access, stranger: Author) -> Identity:
    """Whoever shows a credential is who it says, also where none is asked for."""
    shown = connection.headers.getlist("authorization")
    if shown:
        found = _BEARER.fullmatch(shown[0].strip()) if len(shown) == 1 else None
        if found is None:
            raise Unauthenticated("the header must be `Authorization: Bearer <key or token>`, once")
        return access.identify(found[1], stranger)
    return OPEN if connection.app.state.is_open and _addresses(connection).is_near(connection) else NOBODY


def _addresses(connection: HTTPConnection) -> Addresses:
    addresses: Addresses = connection.app.state.addresses
    return addresses


def _name_of(connection: HTTPConnection) -> str:
    """The client's own name for the request, if it can be one."""
    given = connection.headers.get("x-request-id", "")
    return given if _REQUEST.fullmatch(given) else secrets.token_hex(8)


def _is_own_origin(connection: HTTPConnection) -> bool:
    """Browsers say where a page comes from, and nothing else stops a foreign page from talking to an open local hub.

    A foreign name may be made to lead here, so a page's own host counts only where it is this machine.
    """
    state, origins = connection.app.state, connection.headers.getlist("origin")
    if not origins or (len(origins) == 1 and origins[0] in (state.public_url, *state.origins)):
        return True
    scheme, host = connection.scope["scheme"].replace("ws", "http"), connection.headers.get("host", "")
    return origins == [f"{scheme}://{host}"] and bool(_HERE.fullmatch(host))
