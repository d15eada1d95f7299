"""The OpenRPC 1.3.2 document of the hub (https://spec.open-rpc.org), made from the registry: nothing is told twice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from msgspec.json import schema_components

from hub.api import results as r
from hub.api.errors import closed_list
from hub.api.registry import REGISTRY, Operation
from hub.errors import HubError

_SCHEMAS, _ERRORS = "#/components/schemas/", "#/components/errors/"

_DESCRIPTION = (
    "JSON-RPC 2.0 on POST /rpc and WebSocket /ws. Every method is also a POST to its own path, with the params as the"
    " body and `status` 1 beside the result; those with `x-socket` are methods of the WebSocket only. `x-role` is the"
    " least role that may."
)

_NOTIFICATIONS = {
    "event": ("An event of a watched conference.", r.Event),
    "position": ("Where the log of a watched conference stands while nothing happens.", r.Position),
    "signal": ("Something of the moment, which is in no log and may be lost.", r.Signal),
}
"""What the hub says unasked on the WebSocket."""


@cache
def document() -> r.Document:
    operations = REGISTRY.values()
    types = [kind for operation in operations for kind in (operation.params, operation.result)]
    told = [kind for _, kind in _NOTIFICATIONS.values()]
    _, schemas = schema_components([*types, *told], ref_template=_SCHEMAS + "{name}")
    return {
        "openrpc": "1.3.2",
        "info": {"title": "confhub", "version": _version(), "description": _DESCRIPTION},
        "methods": [_method(operation, schemas) for operation in operations],
        "components": {"schemas": schemas, "errors": {kind.name: _error(kind) for kind in closed_list()}},
        "x-notifications": [
            {"name": name, "summary": summary, **_by_name(schemas[kind.__name__])}
            for name, (summary, kind) in _NOTIFICATIONS.items()
        ],
    }


def _version() -> str:
    try:
        return version("confhub")
    except PackageNotFoundError:
        return "unknown"


def _method(operation: Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": operation.name,
        "summary": operation.summary,
        **_by_name(schemas[operation.params.__name__]),
        "result": {"name": "result", "schema": {"$ref": _SCHEMAS + operation.result.__name__}},
        "errors": [{"$ref": _ERRORS + kind.name} for kind in closed_list() if kind.code > 0],
        "x-role": operation.role.word,
        **({"x-socket": True} if operation.socket else {}),
    }


def _by_name(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an object as content descriptors, those that must be there first."""
    members = [
        {"name": name, "required": name in schema["required"], "schema": kind}
        for name, kind in schema["properties"].items()
    ]
    return {"paramStructure": "by-name", "params": sorted(members, key=lambda member: not member["required"])}


def _error(kind: type[HubError]) -> dict[str, Any]:
    return {"code": kind.code, "message": str(kind()), "data": {"name": kind.name}}
