"""Headers of every answer that a browser may see; and which pages of others may read answers at all."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFETY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


_KEPT = [(name.lower().encode(), value.encode()) for name, value in SAFETY.items()]
_NOT_KEPT = [*_KEPT, (b"cache-control", b"no-store")]


def safe(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Without `origins` no page of another host can read anything, as browsers have it."""
    if not origins:
        return Safe(app)
    cors = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
        expose_headers=["Idempotency-Replayed", "Retry-After", "X-Request-Id"],
    )
    return Safe(cors)


class Safe:
    """What is not a file of the page may have a secret in it: nobody is to keep it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = message.get("headers", [])
                is_kept = any(name == b"etag" for name, _ in headers)
                message = {**message, "headers": [*headers, *(_KEPT if is_kept else _NOT_KEPT)]}
            await send(message)

        await self._app(scope, receive, send_safely)
