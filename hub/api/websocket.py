"""`WS /ws`: JSON-RPC for a session that may watch."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from hub.api.http import FOREIGN, failure, is_own_origin
from hub.api.jsonrpc import respond
from hub.api.registry import Context, call
from hub.errors import ForbiddenOrigin, TooMany
from hub.push.session import Session
from hub.push.wire import EXTENSION, Wire


def routes() -> list[BaseRoute]:
    return [WebSocketRoute("/ws", _serve), Route("/ws", _ask_to_upgrade, methods=["GET"])]


async def _ask_to_upgrade(request: Request) -> Response:
    raise HTTPException(426, headers={"Upgrade": "websocket", "Connection": "Upgrade"})


async def _serve(websocket: WebSocket) -> None:
    if not is_own_origin(websocket):
        await websocket.send_denial_response(failure(ForbiddenOrigin(FOREIGN)))
        return
    await websocket.accept()
    context: Context = websocket.app.state.context
    wire: Wire = websocket.scope["extensions"][EXTENSION]
    session = Session(wire, websocket.app.state.fanout, wire.gate.allowance())
    with contextlib.suppress(asyncio.CancelledError):
        await session.run(_messages(websocket), partial(_answer, context, session))


async def _messages(websocket: WebSocket) -> AsyncIterator[bytes]:
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        yield message["bytes"]


async def _answer(context: Context, session: Session, message: bytes, wait: float) -> None:
    own = replace(context, session=session, after_reply=[])
    reply = await respond(message, partial(_call, own, session.waits(wait)))
    if reply is not None:
        await session.send(reply)
    for start in own.after_reply:
        start()


async def _call(context: Context, waits: Iterator[float], name: str, params: Mapping[str, Any]) -> Any:
    if wait := next(waits):
        retry_after_ms = math.ceil(wait * 1000)
        raise TooMany(f"too many requests: wait {retry_after_ms} ms", retry_after_ms=retry_after_ms)
    return await call(context, name, params)
