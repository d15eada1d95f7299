"""JSON-RPC 2.0, server side: bytes in, bytes out, no transport.

Params are by name. Requests of a batch run one after another and are answered in their order. Nothing is ever said to
a notification, whatever it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from hub.api.errors import InvalidRequest, rpc_error
from hub.api.parse import read_json
from hub.errors import HubError, InvalidParams

MAX_BATCH = 100

Call = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Runs one operation; raises HubError."""

_encode = msgspec.json.Encoder().encode


async def respond(message: bytes, call: Call) -> bytes | None:
    """The reply to a message, or None if nothing is to be said."""
    try:
        request = read_json(message)
    except HubError as error:
        return _encode(_failure(None, error))
    if isinstance(request, list):
        return await _batch(request, call)
    reply = await _one(request, call)
    return None if reply is None else _encode(reply)


async def _batch(requests: list[Any], call: Call) -> bytes | None:
    if not requests:
        return _encode(_failure(None, InvalidRequest("the batch is empty")))
    if len(requests) > MAX_BATCH:
        return _encode(_failure(None, InvalidRequest(f"the batch has more than {MAX_BATCH} requests", limit=MAX_BATCH)))
    replies = [reply for request in requests if (reply := await _one(request, call)) is not None]
    return _encode(replies) if replies else None


async def _one(request: Any, call: Call) -> dict[str, Any] | None:
    """One reply object, or None for a notification."""
    fault = _fault(request)
    if fault:
        return _failure(_id_of(request), fault)
    try:
        result = await call(request["method"], _params(request))
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request.get("id"), "result": result}
    except HubError as error:
        reply = _failure(request.get("id"), error)
    return reply if "id" in request else None


def _fault(request: Any) -> InvalidRequest | None:
    """What keeps this from being a Request object."""
    if not isinstance(request, dict):
        return InvalidRequest("a request is an object")
    if request.get("jsonrpc") != "2.0":
        return InvalidRequest('jsonrpc must be "2.0"')
    if not isinstance(request.get("method"), str):
        return InvalidRequest("method must be a string")
    if "id" in request and not _is_id(request["id"]):
        return InvalidRequest("id must be a string, a number or null")
    if "params" in request and not isinstance(request["params"], dict | list):
        return InvalidRequest("params must be an object")
    return None


def _params(request: dict[str, Any]) -> Mapping[str, Any]:
    params = request.get("params", {})
    if isinstance(params, list):
        raise InvalidParams("params: are taken by name, not by position", path="")
    return dict(params)


def _id_of(request: Any) -> Any:
    """The id to answer an invalid request with: its own where that could be read."""
    id = request.get("id") if isinstance(request, dict) else None
    return id if _is_id(id) else None


def _is_id(id: Any) -> bool:
    return id is None or (isinstance(id, str | int | float) and not isinstance(id, bool))


def _failure(id: Any, error: HubError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "error": rpc_error(error)}
