"""Tokens: signed, short-lived credentials for people, as JSON Web Tokens (RFC 7519, HS256).

Two signing keys are live: the newest signs, the one before it is still believed. So after one rotation nobody is sent
away, and after a second one no token from before the first is worth anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import jwt

from hub.access.audit import stamp
from hub.access.identity import Identity, Role
from hub.store.base import SigningKey

ALGORITHM = "HS256"
ISSUER = "confhub"
BELIEVED = 2
"""Signing keys at a time."""

LONGEST = 8192
"""Letters of a token; what is longer is none of ours."""


class Issued(NamedTuple):
    """`id` is how the audit calls the token."""

    token: str
    id: str
    expires_at: datetime


class Tokens:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._signing: tuple[SigningKey, ...] = ()

    def know(self, signing: Sequence[SigningKey]) -> None:
        """Oldest first."""
        self._signing = tuple(signing)

    def rotated(self) -> tuple[SigningKey, ...]:
        """The signing keys as they should be from now on."""
        fresh = SigningKey(secrets.token_hex(4), secrets.token_bytes(32), stamp(self._now()))
        return (*self._signing[-(BELIEVED - 1) :], fresh)

    def believes(self, signed_by: str) -> bool:
        return any(key.id == signed_by for key in self._signing)

    def issue(self, identity: Identity, ttl_s: int) -> Issued:
        """A token of this identity. It never expires after the credential that it is made with.

        What a token makes is signed as it was itself, so that it survives no rotation that it would not.
        """
        at = self._now()
        expires_at = min(_whole(at + timedelta(seconds=ttl_s)), identity.expires_at or datetime.max.replace(tzinfo=UTC))
        signing = next((key for key in self._signing if key.id == identity.signed_by), self._signing[-1])
        id = secrets.token_hex(4)
        claims = {
            "iss": ISSUER,
            "iat": at,
            "exp": expires_at,
            "jti": id,
            "sub": identity.uid,
            "role": identity.role.word,
            "app": identity.app,
            "conf": identity.conference,
            "key": identity.key,
        }
        return Issued(jwt.encode(claims, signing.secret, ALGORITHM, headers={"kid": signing.id}), id, expires_at)

    def identify(self, token: str) -> Identity | None:
        try:
            id = jwt.get_unverified_header(token).get("kid") if len(token) <= LONGEST else None
            signing = next(key for key in self._signing if key.id == id)
            claims = jwt.decode(token, signing.secret, [ALGORITHM], {"require": ["exp"]}, issuer=ISSUER)
        except (jwt.InvalidTokenError, StopIteration):
            return None
        return _identity(claims, signing.id)


def _whole(at: datetime) -> datetime:
    """The end of its second: tokens know no parts of one."""
    return at.replace(microsecond=0) + timedelta(seconds=at.microsecond > 0)


def _identity(claims: dict[str, Any], signed_by: str) -> Identity:
    return Identity(
        role=Role[claims["role"].upper()],
        credential=f"token:{claims['jti']} of key:{claims['key']}",
        app=claims["app"],
        conference=claims["conf"],
        uid=claims["sub"],
        key=claims["key"],
        signed_by=signed_by,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
