"""JSON-RPC 2.0, server side: bytes in, bytes out, no transport.

Params are by name. Requests of a batch run one after another, in turn with everybody
else's, and are answered in their order. Nothing is ever said to
a notification, whatever it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from hub.api.errors import InternalError, InvalidRequest, rpc_error
from hub.api.parse import read_json
from hub.errors import HubError, InvalidParams, TooLarge

logger = logging.getLogger(__name__)

MAX_BATCH = 100
"""Requests."""

MAX_REPLIES = 8 * 1024 * 1024
"""Bytes. Of a batch whose replies have more than this, the rest is not executed."""

Call = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Runs one operation; raises HubError and nothing else."""

_encode = msgspec.json.Encoder().encode


async def respond(message: bytes, call: Call) -> bytes | None:
    """The reply to a message, or None if nothing is to be said."""
    try:
        request = read_json(message)
    except HubError as error:
        return unreadable(error)
    return await respond_to(request, call)


def unreadable(error: HubError) -> bytes:
    """The reply to a message that is no JSON."""
    return _failure(None, error)


async def respond_to(request: Any, call: Call) -> bytes | None:
    """The reply to a message that has been read."""
    if isinstance(request, list):
        return await _batch(request, call)
    return await _one(request, call)


def methods(request: Any) -> list[str]:
    """The methods that a decoded message calls; what is no request names none."""
    said = [
        each.get("method") for each in (request if isinstance(request, list) else [request]) if isinstance(each, dict)
    ]
    return [method for method in said if isinstance(method, str)]


async def _batch(requests: list[Any], call: Call) -> bytes | None:
    if not requests:
        return _failure(None, InvalidRequest("the batch is empty"))
    if len(requests) > MAX_BATCH:
        words = f"a batch may have at most {MAX_BATCH} requests"
        return _failure(None, InvalidRequest(words, limit=MAX_BATCH, of="batch"))
    replies: list[bytes] = []
    for request in requests:
        is_full = sum(map(len, replies)) > MAX_REPLIES
        reply = await _one(request, _refuse if is_full else call)
        if reply is not None:
            replies.append(reply)
        await asyncio.sleep(0)
    return b"[" + b",".join(replies) + b"]" if replies else None


async def _refuse(method: str, params: Mapping[str, Any]) -> Any:
    words = f"not executed: the replies before this one have more than {MAX_REPLIES} bytes"
    raise TooLarge(words, limit=MAX_REPLIES, of="replies")


async def _one(request: Any, call: Call) -> bytes | None:
    """One reply, or None for a notification."""
    fault = _fault(request)
    if fault:
        return _failure(_id_of(request), fault)
    try:
        said = {"result": await call(request["method"], _params(request))}
    except HubError as error:
        said = {"error": rpc_error(error)}
    return _reply(request["id"], said) if "id" in request else None


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


def _failure(id: Any, error: HubError) -> bytes:
    return _reply(id, {"error": rpc_error(error)})


def _reply(id: Any, said: Mapping[str, Any]) -> bytes:
    """`said` is {"result": …} or {"error": …}; what cannot be encoded is a fault of ours, of this reply alone."""
    try:
        return _encode({"jsonrpc": "2.0", "id": id, **said})
    except Exception:
        logger.exception("a reply could not be encoded")
        return _failure(id, InternalError())
