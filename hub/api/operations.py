"""The API: one small function per operation, in the documented order, then those of the push channel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from hub.api.errors import http_error
from hub.api.registry import Context, Result, operation
from hub.api.rows import conference_row, event_params, event_prefix, moment, participant_rows
from hub.api.times import read_time
from hub.domain.messages import Person
from hub.domain.model import Conference, Kind
from hub.errors import HubError, InvalidParams, NeedsSocket
from hub.service import Wanted

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Text = Annotated[str, msgspec.Meta(max_length=256)]
Number = Annotated[str, msgspec.Meta(max_length=64)]

Seq = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

MAX_PAGE = 1000
MAX_REMINDED = 10_000


# The documented operations -------------------------------------------------------------------------------------------


class OfUser(msgspec.Struct):
    id: Id
    appid: Id


class OfConference(msgspec.Struct):
    id: Id


class CreateConf(msgspec.Struct):
    id: Id
    appid: Id
    name: Text = ""
    time: Text = ""
    pwd: Text = ""
    autocall: bool = False


class ByUser(msgspec.Struct):
    """`uid` says who did it."""

    id: Id
    uid: Id
    appid: Id


class Invited(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(max_length=128)] = ""
    number: Number = ""
    name: Text = ""


class WithPeople(ByUser):
    users: list[Invited]


class Called(msgspec.Struct):
    callid: Id


class WithCalls(ByUser):
    users: list[Called]


class PwdConf(ByUser):
    pwd: Text


class SendNotice(msgspec.Struct):
    mps: str


@operation("getUser", OfUser)
async def get_user(context: Context, params: OfUser) -> Result:
    account = await context.conferences.account(params.appid, params.id)
    return {
        "user": {"id": account.id, "token": account.token, "voip": account.voip, "voipPwd": account.voip_pwd},
    }


@operation("getConf", OfConference)
async def get_conf(context: Context, params: OfConference) -> Result:
    details = (await _conference(context, params.id)).details
    return conference_row(details) | {"pwd": details.pwd}


@operation("getUserConfs", OfUser)
async def get_user_confs(context: Context, params: OfUser) -> Result:
    return {
        "confs": [conference_row(details) for details in await context.conferences.of_user(params.appid, params.id)]
    }


@operation("getConfUsers", OfConference)
async def get_conf_users(context: Context, params: OfConference) -> Result:
    return {"id": params.id, "users": participant_rows(await _conference(context, params.id))}


@operation("createConf", CreateConf)
async def create_conf(context: Context, params: CreateConf) -> Result:
    wanted = Wanted(
        app=params.appid,
        owner=params.id,
        name=params.name,
        time=params.time,
        pwd=params.pwd,
        starts_at=read_time(params.time, context.zone),
        autocall=params.autocall,
    )
    details = await context.conferences.create(wanted)
    return {"id": details.id, "vid": details.vid}


@operation("stopConf", ByUser)
async def stop_conf(context: Context, params: ByUser) -> Result:
    await context.conferences.end(await _key(context, params), params.uid)
    return {}


@operation("joinConf", WithPeople)
async def join_conf(context: Context, params: WithPeople) -> Result:
    return await _put_on_roster(context, params, dial=False)


@operation("inviteConf", WithPeople)
async def invite_conf(context: Context, params: WithPeople) -> Result:
    return await _put_on_roster(context, params, dial=True)


@operation("callAllConf", ByUser)
async def call_all_conf(context: Context, params: ByUser) -> Result:
    called = await context.conferences.call_everybody(await _key(context, params), params.uid)
    return {"results": [{"id": row.id, "number": row.number, "ok": True} for row in called]}


@operation("quitConf", WithCalls)
async def quit_conf(context: Context, params: WithCalls) -> Result:
    return await _control(context, params, Kind.KICK)


@operation("muteConf", WithCalls)
async def mute_conf(context: Context, params: WithCalls) -> Result:
    return await _control(context, params, Kind.MUTE)


@operation("unmuteConf", WithCalls)
async def unmute_conf(context: Context, params: WithCalls) -> Result:
    return await _control(context, params, Kind.UNMUTE)


@operation("pwdConf", PwdConf)
async def pwd_conf(context: Context, params: PwdConf) -> Result:
    await context.conferences.set_password(await _key(context, params), params.pwd, params.uid)
    return {}


@operation("sendNotice", SendNotice)
async def send_notice(context: Context, params: SendNotice) -> Result:
    numbers = [number.strip() for number in re.split("[,,]", params.mps) if number.strip()]
    if not numbers:
        raise InvalidParams("mps: must have at least one number", path="mps")
    if len(numbers) > MAX_REMINDED:
        raise InvalidParams(f"mps: may have at most {MAX_REMINDED} numbers", path="mps", limit=MAX_REMINDED)
    groups = await context.conferences.remind(numbers)
    return _results([{"mps": ",".join(numbers)} for numbers, _ in groups], [error for _, error in groups])


# The push channel ----------------------------------------------------------------------------------------------------


class WatchConf(msgspec.Struct, forbid_unknown_fields=True):
    """`epoch` and `seq` say where an earlier watch stood."""

    id: Id
    epoch: str | None = None
    seq: Seq | None = None


class UnwatchConf(msgspec.Struct, forbid_unknown_fields=True):
    id: Id


class GetEvents(msgspec.Struct, forbid_unknown_fields=True):
    id: Id
    after: Seq = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = 500


class Ping(msgspec.Struct, forbid_unknown_fields=True):
    pass


@operation("watchConf", WatchConf, socket=True)
async def watch_conf(context: Context, params: WatchConf) -> Result:
    """A snapshot, or the promise of all that was missed; the events follow the reply."""
    session = context.session
    if session is None:
        raise NeedsSocket("watchConf needs a WebSocket: GET /ws")
    key = await context.conferences.find(params.id)
    conference = await context.conferences.committed(key)
    reason = _why_not_resumed(params, context.epoch, conference.seq)
    after = conference.seq if reason else params.seq or 0
    watch = session.watch(params.id, key, event_prefix(params.id, context.epoch), conference.seq, after)
    context.after_reply.append(watch.start)
    result = {"id": params.id, "epoch": context.epoch, "seq": conference.seq, "recovered": reason is None}
    return result if reason is None else result | {"reason": reason} | _snapshot(conference)


@operation("unwatchConf", UnwatchConf, socket=True)
async def unwatch_conf(context: Context, params: UnwatchConf) -> Result:
    if context.session is None:
        raise NeedsSocket("unwatchConf needs a WebSocket: GET /ws")
    return {"id": params.id, "watched": context.session.unwatch(params.id)}


@operation("getEvents", GetEvents)
async def get_events(context: Context, params: GetEvents) -> Result:
    key = await context.conferences.find(params.id)
    page = await context.conferences.events(key, params.after, params.limit)
    seq = (await context.conferences.committed(key)).seq
    prefix = event_prefix(params.id, context.epoch)
    last = page[-1][0] if page else params.after
    return {
        "events": [event_params(prefix, body) for _, body in page],
        "seq": max(seq, last) if page else seq,
        "more": last < seq,
    }


@operation("ping", Ping)
async def ping(context: Context, params: Ping) -> Result:
    return {"at": moment(datetime.now(UTC))}


# What they share -----------------------------------------------------------------------------------------------------


async def _conference(context: Context, id: str) -> Conference:
    return await context.conferences.committed(await context.conferences.find(id))


async def _key(context: Context, params: ByUser) -> int:
    return await context.conferences.find(params.id, params.appid)


async def _put_on_roster(context: Context, params: WithPeople, *, dial: bool) -> Result:
    for position, user in enumerate(params.users):
        if not user.id and not user.number:
            path = f"users[{position}].id"
            raise InvalidParams(f"{path}: a user needs an id or a number", path=path)
    key = await _key(context, params)
    people = [Person(user.id, user.number, user.name) for user in params.users]
    errors = await context.conferences.put_on_roster(key, people, params.uid, context.max_roster, dial=dial)
    return _results([{"id": user.id, "number": user.number} for user in params.users], errors)


async def _control(context: Context, params: WithCalls, kind: Kind) -> Result:
    key = await _key(context, params)
    callids = [user.callid for user in params.users]
    errors = await context.conferences.control(key, kind, callids, params.uid)
    return _results([{"callid": callid} for callid in callids], errors)


def _results(targets: Sequence[dict[str, Any]], errors: Sequence[HubError | None]) -> Result:
    """Each target's result; raises the first error if every target failed, with the results as its data."""
    results = [
        {**target, "ok": error is None, **({"error": http_error(error)} if error else {})}
        for target, error in zip(targets, errors, strict=True)
    ]
    failed = [error for error in errors if error]
    if failed and len(failed) == len(errors):
        first = failed[0]
        raise type(first)(str(first), **{**first.data, "results": results})
    return {"results": results}


def _why_not_resumed(params: WatchConf, epoch: str, seq: int) -> str | None:
    if params.epoch is None or params.seq is None:
        return "never watched"
    if params.epoch != epoch:
        return "unknown epoch"
    return "ahead" if params.seq > seq else None


def _snapshot(conference: Conference) -> Result:
    return {"conference": conference_row(conference.details), "participants": participant_rows(conference)}
