"""`WS /ws`: JSON-RPC for a session that may watch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from hub.api.http import FOREIGN, failure, is_own_origin
from hub.api.jsonrpc import respond
from hub.api.registry import Context, call
from hub.errors import ForbiddenOrigin
from hub.push.session import Session
from hub.push.wire import EXTENSION


def route() -> WebSocketRoute:
    return WebSocketRoute("/ws", _serve)


async def _serve(websocket: WebSocket) -> None:
    if not is_own_origin(websocket):
        await websocket.send_denial_response(failure(ForbiddenOrigin(FOREIGN)))
        return
    await websocket.accept()
    context: Context = websocket.app.state.context
    session = Session(websocket.scope["extensions"][EXTENSION], websocket.app.state.fanout)
    await session.run(_messages(websocket), partial(_answer, context, session))


async def _messages(websocket: WebSocket) -> AsyncIterator[bytes]:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        yield text.encode() if text is not None else message["bytes"]


async def _answer(context: Context, session: Session, message: bytes) -> None:
    own = replace(context, session=session, after_reply=[])
    reply = await respond(message, partial(call, own))
    if reply is not None:
        await session.send(reply)
    for start in own.after_reply:
        start()
