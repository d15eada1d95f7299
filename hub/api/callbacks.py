"""The provider's door: `POST /callbacks/yuntongxun/<secret>/<word>`.

Answered with 200 only when the callback is on the disk. A wrong secret looks like a path that does not exist, and no
path of this door is ever logged.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence

from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.addresses import Addresses
from hub.api.http import failure, read_body
from hub.api.rows import moment
from hub.errors import ForbiddenOrigin, HubError
from hub.store.base import Callback

logger = logging.getLogger(__name__)

PATH = "/callbacks/yuntongxun"
MAX_BODY = 64 * 1024

_RECEIVED = b'<?xml version="1.0" encoding="UTF-8"?><Response><statuscode>000000</statuscode></Response>'


def route() -> Route:
    """Where those go whom `Door` does not let in."""
    return Route(PATH + "/{secret}/{word:path}", _refuse, methods=["POST"])


async def _refuse(request: Request) -> Response:
    _note_refused(request.app.state)
    raise HTTPException(404)


class Door:
    """Stands before the routes, which are a fifth of what a callback costs. Whatever is no callback goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = _word_of(scope)
        if word is None:
            await self._app(scope, receive, send)
        elif error := await _receive(Request(scope, receive), word):
            await failure(error)(scope, receive, send)
        else:
            await send(_start())
            await send(_BODY)


def _start() -> Message:
    """Of its own for each: what stands before it adds its headers."""
    headers = [(b"content-type", b"application/xml"), (b"content-length", b"%d" % len(_RECEIVED))]
    return {"type": "http.response.start", "status": 200, "headers": headers}


_BODY = {"type": "http.response.body", "body": _RECEIVED}


def _word_of(scope: Scope) -> str | None:
    """What stands behind the secret, of a callback that knows it."""
    if scope["type"] != "http" or not scope["path"].startswith(f"{PATH}/") or scope["method"] != "POST":
        return None
    secret, slash, word = scope["path"][len(PATH) + 1 :].partition("/")
    return word if slash and _is_known(secret, scope["app"].state.callback_secrets) else None


async def _receive(request: Request, word: str) -> HubError | None:
    """Why it is not kept, if it is not."""
    try:
        _check_source(request)
        await request.app.state.context.conferences.receive(await _read(request, word))
    except HubError as error:
        return error
    return None


def _is_known(shown: str, secrets: Sequence[str]) -> bool:
    """All are compared, so that the time it takes says nothing."""
    return sum(hmac.compare_digest(shown.encode(), secret.encode()) for secret in secrets) > 0


def _check_source(request: Request) -> None:
    addresses: Addresses = request.app.state.addresses
    if not addresses.may_call_back(request):
        address = addresses.of(request)
        logger.warning("a callback with the right secret came from %s, which CONFHUB_CALLBACK_NETWORKS lacks", address)
        raise ForbiddenOrigin("callbacks are not taken from this network")


def _note_refused(state: State) -> None:
    """Told at the first, the second, the fourth, … so that neither a mistake nor a flood goes by."""
    state.refused_callbacks += 1
    count = state.refused_callbacks
    if count & (count - 1) == 0:
        logger.warning(
            "%d callbacks so far had a wrong secret and were refused: if they are the platform's, the address in its"
            " console (IVR通知消息URL) does not end in CONFHUB_CALLBACK_SECRET",
            count,
        )


async def _read(request: Request, word: str) -> Callback:
    return Callback(
        received_at=moment(request.app.state.now()) or "",
        word=word,
        query=request.scope["query_string"],
        content_type=request.headers.get("content-type", ""),
        body=await read_body(request, MAX_BODY),
        status="received",
    )
