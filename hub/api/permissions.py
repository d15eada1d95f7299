"""The API of access: signing in, tokens, tickets, keys and the audit; one small function per operation."""

from __future__ import annotations

import json
from functools import partial
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from hub.access.identity import Identity, Role
from hub.access.tokens import Issued
from hub.api import params as p
from hub.api import results as r
from hub.api.reach import reachable
from hub.api.registry import Context, operation
from hub.api.rows import moment
from hub.errors import HubError, InvalidParams, NeedsSocket, NotAllowed
from hub.store.base import Entry, Key

SIGNED_IN_S = 12 * 3600
"""A browser is signed in for a working day."""


@operation("authenticate", socket=True)
async def authenticate(context: Context, params: p.Authenticate) -> r.Authenticated:
    """Say who is at this WebSocket: its first message, within 10 s; again with a newer token before one expires."""
    login = context.login
    if login is None:
        raise NeedsSocket("authenticate is for a WebSocket: a POST has the header Authorization")
    shown = _one_of(token=params.token, ticket=params.ticket)
    author = replace(context.author, uid=params.uid)
    try:
        if shown == "ticket":
            identity = context.access.redeem(context.access.tickets, params.ticket or "", author)
        else:
            identity = context.access.identify(params.token or "", author)
        if identity.uid and params.uid not in ("", identity.uid):
            raise NotAllowed("uid: is not the credential's", path="uid")
        context.access.sign_in(identity)
        login.become(identity, params.uid)
    except HubError as error:
        context.after_reply.append(partial(login.refuse, error))
        raise
    context.access.audit.note(replace(author, identity=identity))
    return {
        "role": identity.role.word,
        "uid": identity.uid or params.uid,
        "appid": identity.app,
        "id": await _number_of(context, identity),
        "expiresAt": moment(identity.expires_at),
    }


@operation("signIn")
async def sign_in(context: Context, params: p.SignIn) -> r.SignedIn:
    """A token for a browser, in return for a key or for the ticket of a sign-in link."""
    shown = _one_of(key=params.key, ticket=params.ticket)
    if shown == "ticket":
        identity = context.access.redeem(context.access.links, params.ticket or "", context.author)
    else:
        identity = context.access.identify_key(params.key or "", context.author)
    context.access.sign_in(identity)
    identity = replace(identity, uid=params.uid)
    issued = context.access.tokens.issue(identity, SIGNED_IN_S)
    said = context.access.audit.entry(replace(context.author, identity=identity))
    await context.access.record(replace(said, after=_granted(issued)))
    return {
        "token": issued.token,
        "role": identity.role.word,
        "uid": identity.uid,
        "appid": identity.app,
        "expiresAt": moment(issued.expires_at),
    }


@operation("createTicket")
async def create_ticket(context: Context, params: p.Nothing) -> r.Ticket:
    """A ticket with which one WebSocket, within 30 s, is authenticated as whoever asks for it."""
    context.access.sign_in(context.author.identity)
    ticket, expires_at = context.access.issue_ticket(context.author.identity)
    await context.access.record(context.access.audit.entry(context.author))
    return {"ticket": ticket, "expiresAt": moment(expires_at)}


@operation("createToken")
async def create_token(context: Context, params: p.CreateToken) -> r.Token:
    """A token, and a link with it, for a person in one conference."""
    conference = await reachable(context, params.id)
    identity = replace(
        context.author.identity,
        role=Role[params.role.upper()],
        app=conference.details.app,
        conference=conference.key,
        uid=params.uid,
    )
    issued = context.access.tokens.issue(identity, params.ttl)
    said = context.access.audit.entry(context.author, conference.details.app, conference.details.id)
    await context.access.record(replace(said, after=_granted(issued, uid=params.uid, role=params.role)))
    link = f"{context.url}/#{quote(params.id)}?token={issued.token}"
    return {"token": issued.token, "link": link, "expiresAt": moment(issued.expires_at)}


@operation("createKey")
async def create_key(context: Context, params: p.CreateKey) -> r.NewKey:
    """A key for an app, or an admin's; nobody can look at it again."""
    if (params.app is None) is not params.admin:
        raise InvalidParams("app: is missing, or admin is to be true, and not both", path="app")
    key, shown = await context.access.create_key(params.app, context.author)
    return {"id": key.id, "appid": key.app, "key": shown}


@operation("getKeys")
async def get_keys(context: Context, params: p.Nothing) -> r.Keys:
    """All keys there ever were, oldest first."""
    return {"keys": list(map(_key_row, context.access.keys.all()))}


@operation("revokeKey")
async def revoke_key(context: Context, params: p.RevokeKey) -> r.Done:
    """Take a key back, with every token made with it and every connection that uses either."""
    await context.access.revoke_key(params.id, context.author)
    return {}


@operation("rotateTokens")
async def rotate_tokens(context: Context, params: p.Nothing) -> r.Done:
    """Sign tokens with a new key; those signed before the last rotation are worth nothing from now on."""
    await context.access.rotate_tokens(context.author)
    return {}


@operation("getAudit")
async def get_audit(context: Context, params: p.GetAudit) -> r.AuditPage:
    """Who did what: a page of the entries that follow the number `after`, of one conference or of all."""
    found = await context.access.entries(context.author.identity.app, params.id, params.after, params.limit + 1)
    return {"entries": [_entry_row(n, entry) for n, entry in found[: params.limit]], "more": len(found) > params.limit}


def _granted(issued: Issued, **whose: str) -> bytes:
    return json.dumps({"token": issued.id, **whose, "expiresAt": moment(issued.expires_at)}).encode()


def _one_of(**given: str | None) -> str:
    """The name of the one field that is there. Raises InvalidParams."""
    there = [name for name, value in given.items() if value is not None]
    if len(there) != 1:
        first, second = given
        raise InvalidParams(f"{first}: either this or {second} must be there, and not both", path=first)
    return there[0]


async def _number_of(context: Context, identity: Identity) -> str | None:
    if identity.conference is None:
        return None
    return (await context.conferences.committed(identity.conference)).details.id


def _key_row(key: Key) -> r.Key:
    return {"id": key.id, "appid": key.app, "createdAt": key.created_at, "revokedAt": key.revoked_at}


def _entry_row(n: int, entry: Entry) -> r.Entry:
    return {
        "n": n,
        "at": entry.at,
        "appid": entry.app,
        "conference": entry.conference,
        "operation": entry.operation,
        "actor": entry.actor,
        "credential": entry.credential,
        "address": entry.address,
        "request": entry.request,
        "outcome": entry.outcome,
        "cause": entry.cause,
        "before": msgspec.json.decode(entry.before) if entry.before else None,
        "after": msgspec.json.decode(entry.after) if entry.after else None,
    }
