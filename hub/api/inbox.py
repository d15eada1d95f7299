"""The API of the inbox: callbacks that could not be applied, and having them tried again."""

from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes

from msgspec.structs import replace

from hub.api import params as p
from hub.api import results as r
from hub.api.registry import Context, operation
from hub.domain.model import masked
from hub.store.base import FAILED, SET_ASIDE, Callback

MOST_SAID = 300
"""Letters of what a callback says that are shown."""


@operation("getInbox")
async def get_inbox(context: Context, params: p.GetInbox) -> r.InboxPage:
    """Callbacks that have failed or are set aside, or with `all` any, newest first."""
    found = await context.inbox.page(params.before, params.limit + 1, settled=params.all)
    counts = await context.inbox.count()
    return {
        "callbacks": [_row(callback, conference) for callback, conference in found[: params.limit]],
        "more": len(found) > params.limit,
        "failed": counts[FAILED],
        "setAside": counts[SET_ASIDE],
    }


@operation("retryCallback")
async def retry_callback(context: Context, params: p.RetryCallback) -> r.Retried:
    """Try a callback again that has failed or is set aside, or without `n` all that are set aside."""
    said = context.access.audit.entry(context.author)
    about = {"callback": params.n} if params.n is not None else {"callbacks": SET_ASIDE}
    said = replace(said, after=json.dumps(about).encode())
    return {"count": await context.inbox.try_again(params.n, said, context.author.claim)}


def _row(callback: Callback, conference: str | None) -> r.Callback:
    return {
        "n": callback.id or 0,
        "at": callback.received_at,
        "word": masked(callback.word),
        "conference": conference,
        "state": callback.status,
        "attempts": callback.attempts,
        "error": callback.error,
        "said": masked(_said(callback))[:MOST_SAID],
    }


def _said(callback: Callback) -> str:
    """Query and body as text, however their letters were written."""
    parts = filter(None, (callback.query, callback.body))
    return " ".join(unquote_to_bytes(part).decode("utf-8", "replace") for part in parts)
