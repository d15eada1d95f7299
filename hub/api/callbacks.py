"""The provider's door: `POST /callbacks/yuntongxun/<secret>/<word>`.

Answered with 200 only when the callback is on the disk. A wrong secret looks like a path that does not exist, and no
path of this door is ever logged.
"""

from __future__ import annotations

import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.audit import stamp
from hub.api.addresses import Addresses
from hub.api.http import failure, read_body
from hub.errors import ForbiddenOrigin, HubError
from hub.seldom import is_told
from hub.store.base import Callback

logger = logging.getLogger(__name__)

PATH = "/callbacks/yuntongxun"
MAX_BODY = 64 * 1024

_RECEIVED = b'<?xml version="1.0" encoding="UTF-8"?><Response><statuscode>000000</statuscode></Response>'


def route() -> Route:
    """Where those go whom `Door` does not let in."""
    return Route(PATH + "/{secret}/{word:path}", _refuse, methods=["POST"])


async def _refuse(request: Request) -> Response:
    _note_refused(request.app.state.context.conferences.tally)
    raise HTTPException(404)


Keep = Callable[[Callback], Awaitable[None]]


class Door:
    """Stands before the routes: see docs/performance.md for what that saves. Whatever is no callback goes on.

    Those with one of the `secrets` are kept by `keep`, which returns once that is durable; `now` is UTC.
    """

    def __init__(
        self, app: ASGIApp, secrets: Sequence[str], addresses: Addresses, keep: Keep, now: Callable[[], datetime]
    ) -> None:
        self._app = app
        self._secrets = [secret.encode() for secret in secrets]
        self._addresses = addresses
        self._keep = keep
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = self._word_of(scope)
        if word is None:
            await self._app(scope, receive, send)
        elif error := await self._receive(Request(scope, receive), word):
            await failure(error)(scope, receive, send)
        else:
            await send(_start())
            await send(_BODY)

    def _word_of(self, scope: Scope) -> str | None:
        """What stands behind the secret, of a callback that knows it."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{PATH}/") or scope["method"] != "POST":
            return None
        secret, slash, word = scope["path"][len(PATH) + 1 :].partition("/")
        return word if slash and _is_among(secret.encode(), self._secrets) else None

    async def _receive(self, request: Request, word: str) -> HubError | None:
        """Why it is not kept, if it is not."""
        try:
            self._check_source(request)
            await self._keep(await self._read(request, word))
        except HubError as error:
            return error
        return None

    def _check_source(self, request: Request) -> None:
        if not self._addresses.may_call_back(request):
            address = self._addresses.of(request)
            logger.warning(
                "a callback with the right secret came from %s, which CONFHUB_CALLBACK_NETWORKS lacks", address
            )
            raise ForbiddenOrigin("callbacks are not taken from this network")

    async def _read(self, request: Request, word: str) -> Callback:
        return Callback(
            received_at=stamp(self._now()),
            word=word,
            query=request.scope["query_string"],
            content_type=dict(request.scope["headers"]).get(b"content-type", b"").decode("latin-1"),
            body=await read_body(request, MAX_BODY),
            status="received",
        )


def _start() -> Message:
    """Of its own for each: what stands before it adds its headers."""
    headers = [(b"content-type", b"application/xml"), (b"content-length", b"%d" % len(_RECEIVED))]
    return {"type": "http.response.start", "status": 200, "headers": headers}


_BODY = {"type": "http.response.body", "body": _RECEIVED}


def _is_among(shown: bytes, secrets: Sequence[bytes]) -> bool:
    """All are compared, so that the time it takes says nothing."""
    return sum([hmac.compare_digest(shown, secret) for secret in secrets]) > 0


def _note_refused(tally: Counter[str]) -> None:
    tally["callbacks_refused"] += 1
    if is_told(tally["callbacks_refused"]):
        logger.warning(
            "%d callbacks so far had a wrong secret and were refused: if they are the platform's, the address in its"
            " console (IVR通知消息URL) does not end in CONFHUB_CALLBACK_SECRET",
            tally["callbacks_refused"],
        )
