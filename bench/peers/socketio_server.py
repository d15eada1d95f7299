"""python-socketio's broadcast to everybody, on uvicorn with uvloop."""

from __future__ import annotations

import json
import socket

import socketio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PING_S = 3600
"""Its pings are messages, and each connection has its own: none comes while it is measured."""

sio = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], ping_interval=PING_S)


async def publish(request: Request) -> Response:
    body = await request.body()
    texts = json.loads(body) if request.url.path == "/burst" else [body.decode()]
    for text in texts:
        await sio.emit("event", text)
    return Response(status_code=204)


paths = [Route(path, publish, methods=["POST"]) for path in ("/publish", "/burst")]
app = socketio.ASGIApp(sio, Starlette(routes=paths))


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"listening on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, loop="uvloop", log_level="error", ws_per_message_deflate=False, timeout_keep_alive=60)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
