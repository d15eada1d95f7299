"""Idempotency keys: what is sent again with its key is not done again, but answered again.

A key is claimed in the transaction that records what its request wants, and the answer is stored with the claim before
it is sent. So a claim without an answer, of a request that nobody is answering, was cut off in between: it is never run
again. What was certainly not done is not remembered, and whoever comes with the key next is the first.

The header is that of draft-ietf-httpapi-idempotency-key-header, with or without quotation marks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from hub.access.audit import Submit, stamp
from hub.access.identity import Identity
from hub.api.effects import Effect
from hub.api.errors import InvalidRequest, MethodNotFound
from hub.api.jsonrpc import Call
from hub.api.registry import REGISTRY, Context, call, refuse
from hub.errors import (
    HubError,
    IdempotencyMismatch,
    InvalidParams,
    NeedsSocket,
    NotAllowed,
    OutcomeUnknown,
    StorageUnavailable,
    TooLarge,
    Unauthenticated,
)
from hub.store.base import Claim, Store, Write

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

KEPT = timedelta(hours=24)
LONGEST = 255

CUT_OFF = (
    "the hub stopped before it had stored the answer to this request, and does not do it again: what was recorded of it"
    " is carried out, and getConfUsers and getUserConfs show it"
)

_BEFORE_IT_RAN = (InvalidParams, InvalidRequest, MethodNotFound, NeedsSocket, NotAllowed, TooLarge, Unauthenticated)

_encode = msgspec.json.Encoder(order="deterministic").encode

Run = Callable[[Call], Awaitable[Response]]
"""Answers a request, doing what it asks for by means of what it is given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: where it came to, its body as it was read, and the operations that it names."""

    path: str
    body: Any
    operations: Sequence[str]

    @property
    def fingerprint(self) -> bytes:
        """The same for the same JSON, however it is written."""
        return sha256(_encode([self.path, self.body])).digest()


@dataclass(frozen=True, slots=True)
class Flight:
    """A request that is being answered. `end` is its claim with the answer, or None if nothing was done."""

    claim: Claim
    end: asyncio.Future[Claim | None]


class Once:
    """`now` is UTC. `_unstored` is what the database should say of a key and could not be told: an answer, or None
    where it has a claim that has come to nothing. At a restart such claims count as cut off."""

    def __init__(self, store: Store, submit: Submit, now: Callable[[], datetime]) -> None:
        self._store = store
        self._submit = submit
        self._now = now
        self._flights: dict[tuple[str, str], Flight] = {}
        self._unstored: dict[tuple[str, str], Claim | None] = {}

    async def answer(self, keys: Sequence[str], asked: Asked, context: Context, run: Run) -> Response:
        """`keys` are the request's headers of this name."""
        try:
            key = _key_of(keys)
            if key is None or not _is_remembered(asked.operations):
                return await run(partial(call, context))
            context.access.spend(context.author.identity)
            return await self._answer(self._claim(key, asked, context.author.identity), context, run)
        except HubError as error:
            return await run(partial(refuse, context, error))

    def _claim(self, key: str, asked: Asked, identity: Identity) -> Claim:
        """Keys are a person's, or all those of an app: whatever credential of theirs they come by."""
        whose = (identity.role.word, identity.app, identity.conference, identity.uid)
        at = self._now()
        return Claim(_encode(whose).decode(), key, asked.fingerprint, stamp(at), stamp(at + KEPT))

    async def _answer(self, claim: Claim, context: Context, run: Run) -> Response:
        """Of those who come while the first is being answered, one goes on where the first has done nothing."""
        while flight := self._flights.get(claim.name):
            _compare(flight.claim, claim)
            if answered := await asyncio.shield(flight.end):
                return _replayed(answered)
        flight = self._flights[claim.name] = Flight(claim, asyncio.get_running_loop().create_future())
        answered = None
        try:
            response, answered = await self._first(claim, context, run)
            return response
        except asyncio.CancelledError:
            flight.end.set_exception(OutcomeUnknown("the hub is stopping"))
            flight.end.exception()
            raise
        finally:
            self._land(flight, answered)

    def _land(self, flight: Flight, answered: Claim | None) -> None:
        """One that was cancelled never lands: what it asked for may still come to pass."""
        if not flight.end.done():
            del self._flights[flight.claim.name]
            flight.end.set_result(answered)

    async def _first(self, claim: Claim, context: Context, run: Run) -> tuple[Response, Claim | None]:
        """Raises IdempotencyMismatch, OutcomeUnknown and StorageUnavailable."""
        if known := await self._known(claim):
            _compare(known, claim)
            return _replayed(known), known
        noting = Noting(partial(call, replace(context, author=replace(context.author, claim=claim))))
        response = await run(noting)
        answer = replace(claim, status=response.status_code, body=bytes(response.body))
        answered = answer if noting.has_answered else None
        await self._settle(claim, answered)
        return response, answered

    async def _known(self, claim: Claim) -> Claim | None:
        """What was claimed with this key, if that has not expired."""
        name = claim.name
        known = self._unstored[name] if name in self._unstored else await self._store.claim(*name)
        return known if known and known.expires_at > claim.claimed_at else None

    async def _settle(self, claim: Claim, answered: Claim | None) -> None:
        """Raises StorageUnavailable where there is an answer, and nothing that it is about was ever recorded."""
        try:
            if answered:
                await self._submit(Write(claim=answered))
            elif await self._is_recorded(claim):
                await self._submit(Write(released=claim))
            self._unstored.pop(claim.name, None)
        except StorageUnavailable:
            if not await self._is_recorded(claim):
                raise
            self._unstored[claim.name] = answered

    async def _is_recorded(self, claim: Claim) -> bool:
        """As far as it can be known."""
        try:
            return await self._store.claim(*claim.name) is not None
        except StorageUnavailable:
            return True


class Noting:
    """Runs operations, and notes whether anything has come of one that changes something."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.has_answered = False

    async def __call__(self, name: str, params: Mapping[str, Any]) -> Any:
        is_answer = True
        try:
            return await self._call(name, params)
        except HubError as error:
            is_answer = not (error.temporary or isinstance(error, _BEFORE_IT_RAN))
            raise
        finally:
            self.has_answered |= is_answer and _effect(name) is Effect.CHANGES


def _effect(name: str) -> Effect:
    return REGISTRY[name].effect if name in REGISTRY else Effect.READS


def _is_remembered(operations: Sequence[str]) -> bool:
    """Raises InvalidParams for a batch whose answer should be stored and must not be."""
    effects = set(map(_effect, operations))
    if effects >= {Effect.CHANGES, Effect.GRANTS}:
        raise InvalidParams(f"{HEADER}: a batch with changes in it may make no credentials", path=HEADER)
    return Effect.CHANGES in effects


def _key_of(given: Sequence[str]) -> str | None:
    """Raises InvalidParams."""
    if not given:
        return None
    key = given[0].strip(" \t")
    if len(given) > 1 or not _KEY.fullmatch(key):
        raise InvalidParams(f"{HEADER}: must be 1 to {LONGEST} printable ASCII characters, once", path=HEADER)
    return key


_KEY = re.compile(rf"[ -~]{{1,{LONGEST}}}")


def _compare(known: Claim, claim: Claim) -> None:
    if known.fingerprint != claim.fingerprint:
        raise IdempotencyMismatch(f"{HEADER}: was given before, to another request", path=HEADER)


def _replayed(answered: Claim) -> Response:
    """Raises OutcomeUnknown for a claim without an answer."""
    if answered.status is None:
        raise OutcomeUnknown(CUT_OFF)
    kind = "application/json" if answered.body else None
    return Response(answered.body, answered.status, {REPLAYED: "true"}, kind)
