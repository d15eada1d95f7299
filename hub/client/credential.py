"""What the client shows of itself to the hub.

A token goes to the hub and nowhere else: no text made here has one in it, nor has any what a token function raises, for
that may quote it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping

from hub.client.breaks import Break, Broken

TokenFunction = Callable[[], str | Awaitable[str]]
Token = str | TokenFunction


class Credential:
    """`is_renewable`: there may be another one when this one is not good any more."""

    def __init__(self, token: Token | None, uid: str) -> None:
        self._token = token
        self._uid = uid
        self.is_renewable = callable(token)

    async def ask(self, limit_s: float) -> Mapping[str, str] | None:
        """The params of `authenticate`, or None where nothing is shown. Raises Broken."""
        if self._token is None:
            return None
        token = await _fresh(self._token, limit_s) if callable(self._token) else self._token
        return {"token": token} | ({"uid": self._uid} if self._uid else {})


async def _fresh(function: TokenFunction, limit_s: float) -> str:
    limit = asyncio.timeout(limit_s)
    try:
        async with limit:
            token = await _said_by(function)
    except (Exception, asyncio.CancelledError) as error:
        _raise_if_we_are_cancelled(error)
        why = "does not answer" if limit.expired() else f"failed: {type(error).__name__}"
        raise Broken(Break(f"the token function {why}")) from None
    if not token or not isinstance(token, str):
        raise Broken(Break("the token function gave no token"))
    return token


async def _said_by(function: TokenFunction) -> str:
    said = function()
    return await said if inspect.isawaitable(said) else said


def _raise_if_we_are_cancelled(error: BaseException) -> None:
    """And not something that the function has waited for."""
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
        raise error
