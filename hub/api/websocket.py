"""`WS /ws`: JSON-RPC for a session that may watch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from hub.access.identity import Author
from hub.api.addresses import Addresses
from hub.api.auth import identified, stranger_at
from hub.api.http import failure
from hub.api.jsonrpc import respond
from hub.api.logins import Login
from hub.api.registry import Context, call
from hub.errors import HubError, TooMany
from hub.push.session import Session
from hub.push.wire import EXTENSION, Wire


def routes() -> list[BaseRoute]:
    return [WebSocketRoute("/ws", _serve), Route("/ws", _ask_to_upgrade, methods=["GET"])]


async def _ask_to_upgrade(request: Request) -> Response:
    raise HTTPException(426, headers={"Upgrade": "websocket", "Connection": "Upgrade"})


async def _serve(websocket: WebSocket) -> None:
    stranger = stranger_at(websocket, "ws")
    addresses: Addresses = websocket.app.state.addresses
    wire: Wire = websocket.scope["extensions"][EXTENSION]
    try:
        author = identified(websocket, stranger)
        with wire.gate.admitted(stranger.address, is_direct=not addresses.is_proxy(wire.address)):
            await websocket.accept()
            await _converse(websocket, wire, author)
    except HubError as error:
        await websocket.send_denial_response(failure(error))


async def _converse(websocket: WebSocket, wire: Wire, author: Author) -> None:
    context: Context = websocket.app.state.context
    session = Session(wire, websocket.app.state.fanout, wire.gate.allowance())
    login = Login(session, context.access, author, websocket.app.state.now)
    own = replace(context, session=session, login=login)
    answer = partial(_answer, own, session, login)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await session.run(_messages(websocket), answer)
    finally:
        login.end()


async def _messages(websocket: WebSocket) -> AsyncIterator[bytes]:
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        yield message["bytes"]


async def _answer(context: Context, session: Session, login: Login, message: bytes, wait: float) -> None:
    own = replace(context, after_reply=[])
    reply = await respond(message, partial(_call, own, login, session.waits(wait)))
    if reply is not None:
        await session.send(reply)
    for start in own.after_reply:
        start()


async def _call(context: Context, login: Login, waits: Iterator[float], name: str, params: Mapping[str, Any]) -> Any:
    """In a batch, too, whoever has authenticated is somebody from the next request on."""
    if wait := next(waits):
        raise TooMany.after("too many requests", wait)
    return await call(replace(context, author=login.speaks()), name, params)
