"""The HTTP door: a POST path for every operation, JSON-RPC on /rpc, health.

An operation that was understood and failed is answered with HTTP 200 and `status` 0; see errors.py for the others.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.api import operations  # noqa: F401 - importing it fills the registry
from hub.api.errors import InternalError, InvalidRequest, MethodNotFound, http_error, http_status, rpc_error
from hub.api.jsonrpc import respond
from hub.api.parse import read_json
from hub.api.registry import REGISTRY, Context, call
from hub.errors import ForbiddenOrigin, HubError, OutcomeUnknown, StorageUnavailable, TooLarge
from hub.push.limits import MAX_MESSAGE

BODY_S = 20.0
"""How long a body may take."""

RETRY_AFTER_S = 1
_REFUSALS = {405: "takes no such verb", 426: "is a WebSocket, and this is no handshake of one"}
READY_S = 2.0
FOREIGN = "this page may not talk to the hub; if it is the hub's own, CONFHUB_PUBLIC_URL must be its address"

_encode = msgspec.json.Encoder().encode

Handler = Callable[[Request], Awaitable[Response]]


class UnsupportedType(MethodNotFound):
    """A body that is not declared to be JSON; browsers may send such without asking us first."""


def routes() -> list[BaseRoute]:
    paths = [operation.name for operation in REGISTRY.values() if not operation.socket]
    return [
        *(Route(f"/{name}", _door(partial(_operate, name), failure), methods=["POST"]) for name in paths),
        Route("/rpc", _door(_rpc, _rpc_failure), methods=["POST"]),
        Route("/healthz", _health, methods=["GET"]),
        Route("/readyz", _ready, methods=["GET"]),
    ]


async def refuse(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, wrong verb) in our words; anything else is a bug of ours."""
    if not isinstance(error, HTTPException):
        return failure(InternalError())
    said = MethodNotFound(f"{request.url.path}: {_REFUSALS.get(error.status_code, 'no such path')}")
    return _json({"status": 0, "error": http_error(said)}, error.status_code, error.headers)


async def read_body(request: Request, limit: int) -> bytes:
    """Raises TooLarge as soon as more than `limit` bytes have come."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise TooLarge(f"a body may have at most {limit} bytes", limit=limit, of="message")
    except TimeoutError:
        raise InvalidRequest(f"the body took longer than {BODY_S:.0f} s") from None
    except ClientDisconnect as error:
        raise InvalidRequest("the body was cut off") from error
    return bytes(body)


def context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


def failure(error: HubError) -> Response:
    """{"status": 0, "error": {…}}; the results of a batch of which nothing succeeded stand beside it."""
    data = dict(error.data)
    beside = {"results": data.pop("results")} if "results" in data else {}
    answer = {"status": 0, "error": http_error(type(error)(str(error), **data)), **beside}
    headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, StorageUnavailable) else None
    return _json(answer, _status(error), headers)


def _status(error: HubError) -> int:
    return 415 if isinstance(error, UnsupportedType) else http_status(error)


def is_own_origin(connection: HTTPConnection) -> bool:
    """Browsers say where a page comes from, and nothing else stops a foreign page from talking to a local hub.

    A foreign name may be made to lead here, so a page's own host counts only where it is this machine.
    """
    origins = connection.headers.getlist("origin")
    if not origins or origins == [connection.app.state.public_url]:
        return True
    scheme, host = connection.scope["scheme"].replace("ws", "http"), connection.headers.get("host", "")
    return origins == [f"{scheme}://{host}"] and bool(_HERE.fullmatch(host))


_HERE = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?")


def _door(handle: Handler, failed: Callable[[HubError], Response]) -> Handler:
    async def answer(request: Request) -> Response:
        """Cancelled is who asked for too long when the hub stops."""
        try:
            if not is_own_origin(request):
                raise ForbiddenOrigin(FOREIGN)
            return await handle(request)
        except HubError as error:
            return failed(error)
        except asyncio.CancelledError:
            return failed(OutcomeUnknown("the hub is stopping"))

    return answer


async def _operate(name: str, request: Request) -> Response:
    params = read_json(await _json_body(request))
    if not isinstance(params, dict):
        raise InvalidRequest("the body must be a JSON object")
    return _json({"status": 1, **await call(context_of(request), name, params)})


async def _rpc(request: Request) -> Response:
    reply = await respond(await _json_body(request), partial(call, context_of(request)))
    return Response(status_code=204) if reply is None else Response(reply, media_type="application/json")


def _rpc_failure(error: HubError) -> Response:
    """Of what never became a request; the reply to one that did is HTTP 200 whatever it says."""
    return _json({"jsonrpc": "2.0", "id": None, "error": rpc_error(error)}, _status(error))


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
    provider = {"simulated": state.is_simulated, **state.provider.health()}
    answer = {"status": "ready" if ready else "not ready", "storage": storage, "provider": provider}
    return _json(answer, 200 if ready else 503)


def _json(answer: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_encode(answer), status, headers, "application/json")
