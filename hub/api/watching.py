"""The API of the push channel and the log: watching, reading what happened, and what the hub says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from hub.access.identity import Author
from hub.api import params as p
from hub.api import results as r
from hub.api.openrpc import document
from hub.api.reach import ROWS_OF_ONE, people_of, reachable, row_of, shows
from hub.api.registry import Context, operation
from hub.api.rows import event_params, event_prefix, moment
from hub.domain.model import Conference
from hub.errors import NeedsSocket
from hub.push.fanout import View

_encode = msgspec.json.Encoder().encode


@operation("watchConf", socket=True)
async def watch_conf(context: Context, params: p.WatchConf) -> r.Watched:
    """A snapshot, or the promise of all that was missed since `epoch` and `seq`; the events follow the reply."""
    session = context.session
    if session is None:
        raise NeedsSocket("watchConf needs a WebSocket: GET /ws")
    async with session.watching:
        reason = await _why_not_resumed(context, params)
        conference = await reachable(context, params.id)
        said = _said(context, params.id, conference, reason)
        after = conference.seq if reason else params.seq or 0
        view = View(event_prefix(params.id, context.epoch), shows(context))
        watch = session.watch(params.id, conference.key, view, conference.seq, after, _person(context.author))
    context.after_reply.append(watch.start)
    return said


@operation("unwatchConf", socket=True)
async def unwatch_conf(context: Context, params: p.UnwatchConf) -> r.Unwatched:
    """End a watch."""
    if context.session is None:
        raise NeedsSocket("unwatchConf needs a WebSocket: GET /ws")
    async with context.session.watching:
        return {"id": params.id, "watched": context.session.unwatch(params.id)}


@operation("getEvents")
async def get_events(context: Context, params: p.GetEvents) -> r.Events:
    """A page of the log: the events that follow the number `after`."""
    conference = await reachable(context, params.id)
    key = conference.key
    context.access.spend(context.author.identity, params.limit / ROWS_OF_ONE)
    page = await context.conferences.events(key, params.after, params.limit)
    seq = (await context.conferences.committed(key)).seq
    prefix, show = event_prefix(params.id, context.epoch), shows(context)
    gone = _last_gone(page, params.after, conference.seq)
    last = page[-1][0] if page else max(params.after, gone)
    said: r.Events = {
        "events": [event_params(prefix, show(body)) for _, body in page],
        "seq": max(seq, last) if page else seq,
        "more": last < seq,
    }
    return {**said, "trimmed": gone} if gone else said


@operation("ping")
async def ping(context: Context, params: p.Nothing) -> r.Pong:
    """The time at the hub, to see that it answers."""
    return {"at": moment(datetime.now(UTC))}


@operation("rpc.discover")
async def discover(context: Context, params: p.Nothing) -> r.Document:
    """This document: every method with what it takes and answers, and every error."""
    return document()


def _said(context: Context, id: str, conference: Conference, reason: r.Reason | None) -> r.Watched:
    position: r.Watched = {"id": id, "epoch": context.epoch, "seq": conference.seq, "recovered": reason is None}
    if reason is None:
        return position
    return {
        **position,
        "reason": reason,
        "conference": row_of(context, conference.details),
        "participants": people_of(context, conference),
    }


def _person(author: Author) -> bytes:
    """Whom others see watching; somebody of whom nothing is known is nobody to them."""
    uid = author.identity.uid or author.uid
    return _encode({"uid": uid, "role": author.identity.role.word}) if uid else b""


async def _why_not_resumed(context: Context, params: p.WatchConf) -> r.Reason | None:
    conference = await reachable(context, params.id)
    if params.epoch is None or params.seq is None:
        return "never watched"
    if params.epoch != context.epoch:
        return "unknown epoch"
    if params.seq >= conference.seq:
        return "ahead" if params.seq > conference.seq else None
    page = await context.conferences.events(conference.key, params.seq, 1)
    return "trimmed" if _last_gone(page, params.seq, conference.seq) else None


def _last_gone(page: Sequence[tuple[int, bytes]], after: int, seq: int) -> int:
    """Of the events that follow `after`, the last that is no longer in the log, or 0.

    `seq` is where the log stood before the page was read.
    """
    first = page[0][0] if page else seq + 1
    return first - 1 if first > after + 1 else 0
