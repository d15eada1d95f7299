"""Errors on the wire: the same code, name and message at both doors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.api.results import Error
from hub.errors import HubError

_STATUS = {
    -32700: 400,
    -32600: 400,
    -32601: 404,
    -32602: 400,
    -32603: 500,
    1010: 409,
    1401: 401,
    1403: 403,
    1413: 413,
    1429: 429,
    1503: 503,
}
"""HTTP status by code; any other code means that the operation was understood and failed: 200."""


class ParseError(HubError):
    code, name = -32700, "parse_error"


class InvalidRequest(HubError):
    code, name = -32600, "invalid_request"


class MethodNotFound(HubError):
    code, name = -32601, "method_not_found"


class InternalError(HubError):
    """Ours; what went wrong is in the log and not in the answer."""


def closed_list() -> list[type[HubError]]:
    """Every error that there is, one class for each code, by code."""
    kinds = {kind.code: kind for kind in _and_below(HubError)}
    return [kinds[code] for code in sorted(kinds)]


def _and_below(kind: type[HubError]) -> Iterator[type[HubError]]:
    for each in kind.__subclasses__():
        yield from _and_below(each)
    yield kind


def http_status(error: HubError) -> int:
    return _STATUS.get(error.code, 200)


def http_error(error: HubError) -> Error:
    said: Error = {"code": error.code, "name": error.name, "message": str(error)}
    return {**said, "data": dict(error.data)} if error.data else said


def rpc_error(error: HubError) -> dict[str, Any]:
    """{"code", "message", "data": {"name", …}}"""
    return {"code": error.code, "message": str(error), "data": {"name": error.name, **error.data}}
