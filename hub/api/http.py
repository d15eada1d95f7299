"""The HTTP door: a POST path for every operation, JSON-RPC on /rpc, health.

An operation that was understood and failed is answered with HTTP 200 and `status` 0; see errors.py for the others.
"""

from __future__ import annotations

import asyncio
import math
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.access.identity import LOCAL, NOBODY, Author
from hub.api import inbox, operations, permissions, watching  # noqa: F401 - importing them fills the registry
from hub.api.auth import identified, stranger_at
from hub.api.errors import InternalError, InvalidRequest, MethodNotFound, ParseError, http_error, http_status, rpc_error
from hub.api.idempotency import HEADER, Asked, Once, Run
from hub.api.jsonrpc import Call, methods, respond, respond_to, unreadable
from hub.api.parse import read_json
from hub.api.registry import REGISTRY, Context, admit, call
from hub.errors import HubError, OutcomeUnknown, StorageUnavailable, TooLarge, TooMany, Unauthenticated
from hub.push.limits import MAX_MESSAGE
from hub.store.base import FAILED, SET_ASIDE

RETRY_AFTER_S = 1
_REFUSALS = {405: "takes no such verb", 426: "is a WebSocket, and this is no handshake of one"}
READY_S = 2.0

_encode = msgspec.json.Encoder().encode

Handler = Callable[[Request], Awaitable[Response]]
Handle = Callable[[Request, Context], Awaitable[Response]]


class UnsupportedType(MethodNotFound):
    """A body that is not declared to be JSON; browsers may send such without asking us first."""


def routes() -> list[BaseRoute]:
    paths = [operation.name for operation in REGISTRY.values() if not operation.socket]
    return [
        *(Route(f"/{name}", _door(name, partial(_operate, name), failure), methods=["POST"]) for name in paths),
        Route("/rpc", _door("rpc", _rpc, _rpc_failure), methods=["POST"]),
        Route("/healthz", _health, methods=["GET"]),
        Route("/readyz", _ready, methods=["GET"]),
    ]


def local_route(context: Context, is_ready: asyncio.Event) -> Route:
    async def answer(request: Request) -> Response:
        body = await read_body(request, MAX_MESSAGE)
        await is_ready.wait()
        author = Author(LOCAL, request=secrets.token_hex(8))
        reply = await respond(body, partial(call, replace(context, author=author)))
        return Response(reply, media_type="application/json")

    return Route("/rpc", answer, methods=["POST"])


async def refuse(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, wrong verb) in our words; anything else is a bug of ours."""
    if not isinstance(error, HTTPException):
        return failure(InternalError())
    said = MethodNotFound(f"{request.url.path}: {_REFUSALS.get(error.status_code, 'no such path')}")
    return _json({"status": 0, "error": http_error(said)}, error.status_code, error.headers)


async def read_body(request: Request, limit: int) -> bytes:
    """Raises TooLarge as soon as more than `limit` bytes have come."""
    body = bytearray()
    while (message := await request.receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > limit:
            raise TooLarge(f"a body may have at most {limit} bytes", limit=limit, of="message")
        if not message.get("more_body"):
            return bytes(body)
    raise InvalidRequest("the body was cut off")


def context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def failure(error: HubError) -> Response:
    """{"status": 0, "error": {…}}; the results of a batch of which nothing succeeded stand beside it."""
    data = dict(error.data)
    beside = {"results": data.pop("results")} if "results" in data else {}
    answer = {"status": 0, "error": http_error(type(error)(str(error), **data)), **beside}
    return _json(answer, _status(error), _headers(error))


def _headers(error: HubError) -> dict[str, str]:
    match error:
        case StorageUnavailable():
            return {"Retry-After": str(RETRY_AFTER_S)}
        case TooMany():
            return {"Retry-After": str(math.ceil(error.data["retry_after_ms"] / 1000))}
        case Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
    return {}


def _status(error: HubError) -> int:
    return 415 if isinstance(error, UnsupportedType) else http_status(error)


def _door(what: str, handle: Handle, failed: Callable[[HubError], Response]) -> Handler:
    async def answer(request: Request) -> Response:
        stranger = stranger_at(request, what)
        try:
            response = await handle(request, replace(context_of(request), author=identified(request, stranger)))
        except HubError as error:
            response = failed(error)
        except asyncio.CancelledError:
            response = failed(OutcomeUnknown("the hub is stopping"))
        response.headers["X-Request-Id"] = stranger.request
        return response

    return answer


async def _operate(name: str, request: Request, context: Context) -> Response:
    """Whoever may not is told so before anybody reads what they want."""
    if context.author.identity is NOBODY:
        admit(context, name)
    params = read_json(await _json_body(request))
    if not isinstance(params, dict):
        raise InvalidRequest("the body must be a JSON object")
    return await _once(request, context, Asked(name, params, [name]), partial(_run, name, params))


async def _run(name: str, params: Mapping[str, Any], call: Call) -> Response:
    try:
        return _json({"status": 1, **await call(name, params)})
    except HubError as error:
        return failure(error)


async def _once(request: Request, context: Context, asked: Asked, run: Run) -> Response:
    once: Once = request.app.state.once
    return await once.answer(request.headers.getlist(HEADER), asked, context, run)


async def _rpc(request: Request, context: Context) -> Response:
    if context.author.identity is NOBODY:
        admit(context, "ping")
    try:
        said = read_json(await _json_body(request))
    except ParseError as error:
        return _reply(unreadable(error))
    return await _once(request, context, Asked("rpc", said, methods(said)), partial(_run_rpc, said))


async def _run_rpc(said: Any, call: Call) -> Response:
    return _reply(await respond_to(said, call))


def _reply(reply: bytes | None) -> Response:
    return Response(status_code=204) if reply is None else Response(reply, media_type="application/json")


def _rpc_failure(error: HubError) -> Response:
    """Of what never became a request; the reply to one that did is HTTP 200 whatever it says."""
    return _json({"jsonrpc": "2.0", "id": None, "error": rpc_error(error)}, _status(error), _headers(error))


async def _json_body(request: Request) -> bytes:
    declared = ", ".join(request.headers.getlist("content-type"))
    charset = _CHARSET.search(declared)
    if declared.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedType("the content type must be application/json")
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise UnsupportedType("the charset must be utf-8")
    return await read_body(request, MAX_MESSAGE)


_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)


async def _health(request: Request) -> Response:
    return _json({"status": "ok"})


async def _ready(request: Request) -> Response:
    """Ready when a write goes through commit loop and database; how the provider is only said."""
    state = request.app.state
    try:
        async with asyncio.timeout(READY_S):
            await state.context.conferences.check()
        storage = "ok"
    except (StorageUnavailable, TimeoutError) as error:
        storage = str(error) or "no answer"
    ready = storage == "ok"
    answer = {
        "status": "ready" if ready else "not ready",
        "auth": "open" if state.is_open else "keys",
        "storage": storage,
        "provider": {"simulated": state.is_simulated, **state.provider.health()},
        "inbox": await _unsettled(state.context),
    }
    return _json(answer, 200 if ready else 503)


async def _unsettled(context: Context) -> dict[str, int] | None:
    """Callbacks that are tried again, and that are set aside; None if they cannot be counted."""
    try:
        counts = await context.inbox.count()
    except StorageUnavailable:
        return None
    return {"failed": counts[FAILED], "setAside": counts[SET_ASIDE]}


def _json(answer: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_encode(answer), status, headers, "application/json")
