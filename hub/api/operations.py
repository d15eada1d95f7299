"""The API: one small function per operation, in the documented order.

What each takes and answers is read from its annotations, the first line of its docstring is published.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import partial
from typing import TypeVar, cast

from msgspec.structs import replace

from hub.api import params as p
from hub.api import results as r
from hub.api.errors import http_error
from hub.api.reach import people_of, reachable, row_of
from hub.api.registry import Context, operation
from hub.api.rows import conference_row
from hub.api.times import read_time
from hub.domain import messages as m
from hub.domain.model import Kind, Progress
from hub.errors import HubError, InvalidParams, OutcomeUnknown, TooMany
from hub.service import Change, Wanted

MAX_REMINDED = 10_000

HIDDEN = "****"
"""Stands for a password where there is one."""

Fate = TypeVar("Fate", bound=r.Fate)


@operation("getUser")
async def get_user(context: Context, params: p.OfUser) -> r.GotUser:
    """The user's sub-account at the platform, made on first use."""
    account = await context.conferences.account(params.appid, params.id, context.author)
    return {
        "user": {"id": account.id, "token": account.token, "voip": account.voip, "voipPwd": account.voip_pwd},
    }


@operation("getConf")
async def get_conf(context: Context, params: p.OfConference) -> r.ConferenceWithPassword:
    """One conference, whether it is reserved, goes on or has ended."""
    details = (await reachable(context, params.id)).details
    pwd = HIDDEN if context.is_masked and details.pwd else details.pwd
    return {**row_of(context, details), "pwd": pwd}


@operation("getUserConfs")
async def get_user_confs(context: Context, params: p.OfUser) -> r.Conferences:
    """All conferences that a user created, oldest first."""
    found = await context.conferences.of_user(params.appid, params.id)
    return {
        "confs": [
            {**conference_row(details), "counts": {"inside": inside, "people": people}}
            for details, inside, people in found
        ]
    }


@operation("getConfUsers")
async def get_conf_users(context: Context, params: p.OfConference) -> r.Roster:
    """The roster, in the order in which people came on it."""
    return {"id": params.id, "users": people_of(context, await reachable(context, params.id))}


@operation("createConf")
async def create_conf(context: Context, params: p.CreateConf) -> r.Created:
    """Create a conference that starts now, or reserve one for later."""
    wanted = Wanted(
        app=params.appid,
        owner=params.id,
        name=params.name,
        time=params.time,
        pwd=params.pwd,
        starts_at=read_time(params.time, context.zone),
        autocall=params.autocall,
    )
    details = await context.conferences.create(wanted, replace(context.author, uid=params.id))
    return {"id": details.id, "vid": details.vid}


@operation("stopConf")
async def stop_conf(context: Context, params: p.ByUser) -> r.Done:
    """End a conference; one that has ended stays so."""
    await context.conferences.end(await _key(context, params), context.author)
    return {}


@operation("joinConf")
async def join_conf(context: Context, params: p.WithPeople) -> r.People:
    """Put people on the roster and call nobody."""
    return await _put_on_roster(context, params, dial=False)


@operation("inviteConf")
async def invite_conf(context: Context, params: p.WithPeople) -> r.People:
    """Put people on the roster and call those with a number."""
    return await _put_on_roster(context, params, dial=True)


@operation("callAllConf")
async def call_all_conf(context: Context, params: p.ByUser) -> r.People:
    """Call everybody who has a number, is not connected, is not being called, and has not left."""
    decision = await context.conferences.change(await _key(context, params), m.CallEverybody, context.author)
    called = [event.participant for event in decision.events if event.participant]
    return {"results": [{"id": row.id, "number": row.number, "ok": True} for row in called]}


@operation("quitConf")
async def quit_conf(context: Context, params: p.WithCalls) -> r.Calls:
    """Remove these calls from the conference."""
    return await _control(context, params, Kind.KICK)


@operation("muteConf")
async def mute_conf(context: Context, params: p.WithCalls) -> r.Calls:
    """Mute these calls."""
    return await _control(context, params, Kind.MUTE)


@operation("unmuteConf")
async def unmute_conf(context: Context, params: p.WithCalls) -> r.Calls:
    """Let these calls be heard again."""
    return await _control(context, params, Kind.UNMUTE)


@operation("pwdConf")
async def pwd_conf(context: Context, params: p.PwdConf) -> r.Done:
    """Set or take away the password; the platform does not ask for it."""
    await context.conferences.change(await _key(context, params), partial(m.SetPassword, params.pwd), context.author)
    return {}


@operation("sendNotice")
async def send_notice(context: Context, params: p.SendNotice) -> r.Notices:
    """Send the reminder by SMS, to every number once."""
    numbers = [number.strip() for number in re.split("[,\uff0c]", params.mps) if number.strip()]
    if not numbers:
        raise InvalidParams("mps: must have at least one number", path="mps")
    if len(numbers) > MAX_REMINDED:
        raise InvalidParams(f"mps: may have at most {MAX_REMINDED} numbers", path="mps", limit=MAX_REMINDED)
    _spend_notices(context, len(numbers))
    said = context.access.audit.entry(context.author)
    await context.access.record(replace(said, cause=f"{len(numbers)} numbers"), context.author.claim)
    groups = await context.conferences.remind(numbers)
    fates: list[r.FateOfNotice] = [{"mps": ",".join(numbers), **_fate(error)} for numbers, error in groups]
    return {"results": _unless_all_failed(fates, [error for _, error in groups])}


# Beyond the documented ------------------------------------------------------------------------------------------------


@operation("redialConf")
async def redial_conf(context: Context, params: p.RedialConf) -> r.Calls:
    """Call people again who could not be reached, left, or were removed."""
    change = partial(m.Redial, _targets(context, params))
    return await _change(context, params, change)


@operation("cancelInvite")
async def cancel_invite(context: Context, params: p.WithRows) -> r.Calls:
    """Take back calls that wait; whoever's phone rings already is hung up on when they answer."""
    return await _change(context, params, partial(m.CancelInvites, _listed(params.users)))


@operation("removeUser")
async def remove_user(context: Context, params: p.WithRows) -> r.Calls:
    """Take rows off the roster that nobody is on."""
    return await _change(context, params, partial(m.RemoveParticipants, _listed(params.users)))


@operation("settleUser")
async def settle_user(context: Context, params: p.SettleUser) -> r.Calls:
    """Say by hand who is inside and who is not, where the hub cannot know."""
    known = [Progress(user.progress) for user in params.users]
    settled = tuple(zip(_listed(params.users), known, strict=True))
    return await _change(context, params, partial(m.SettleParticipants, settled))


@operation("modeConf")
async def mode_conf(context: Context, params: p.ModeConf) -> r.Calls:
    """Say who is muted, now and when they come in; `none` unmutes nobody."""
    command = partial(m.SetMuteMode, params.muted)
    fates = await context.conferences.command(await _key(context, params), command, context.author)
    return {"results": [_fate_of_call(target, error) for target, error in fates]}


# What they share -----------------------------------------------------------------------------------------------------


async def _key(context: Context, params: p.ByUser) -> int:
    return (await reachable(context, params.id, params.appid)).key


def _spend_notices(context: Context, numbers: int) -> None:
    """An app has so many reminders, in groups as they are sent, in a minute. Raises TooMany."""
    groups = math.ceil(numbers / context.conferences.reminded_at_once)
    if wait_s := context.notices.take(context.author.identity.app, groups):
        raise TooMany.after("too many reminders", wait_s)


async def _put_on_roster(context: Context, params: p.WithPeople, *, dial: bool) -> r.People:
    for position, user in enumerate(params.users):
        if not user.id and not user.number:
            path = f"users[{position}].id"
            raise InvalidParams(f"{path}: a user needs an id or a number", path=path)
    key = await _key(context, params)
    people = tuple(m.Person(user.id, user.number, user.name, user.role) for user in params.users)
    put = partial(m.InviteParticipants if dial else m.AddParticipants, people, limit=context.max_roster)
    decision = await context.conferences.change(key, lambda by: put(by=by), context.author)
    errors = [outcome.error for outcome in decision.outcomes]
    pairs = zip(params.users, errors, strict=True)
    fates: list[r.FateOfPerson] = [{"id": user.id, "number": user.number, **_fate(error)} for user, error in pairs]
    return {"results": _unless_all_failed(fates, errors)}


async def _control(context: Context, params: p.WithCalls, kind: Kind) -> r.Calls:
    targets = _targets(context, params)
    command = partial(m.ControlLegs, kind, targets)
    return _calls(await context.conferences.command(await _key(context, params), command, context.author))


async def _change(context: Context, params: p.ByUser, change: Change) -> r.Calls:
    decision = await context.conferences.change(await _key(context, params), change, context.author)
    return _calls([(outcome.target, outcome.error) for outcome in decision.outcomes])


def _calls(said: Sequence[tuple[m.Target | int, HubError | None]]) -> r.Calls:
    fates = [_fate_of_call(target, error) for target, error in said]
    return {"results": _unless_all_failed(fates, [error for _, error in said])}


def _fate_of_call(target: m.Target | int, error: HubError | None) -> r.FateOfCall:
    named = {} if isinstance(target, int) else {"callid": target.callid, "key": target.key}
    return cast(r.FateOfCall, {name: value for name, value in named.items() if value} | _fate(error))


def _targets(context: Context, params: p.WithCalls | p.RedialConf) -> m.Targets:
    if params.target is None:
        if params.users is None:
            raise InvalidParams("users: is missing, and so is target", path="users")
        return _listed(params.users)
    if params.users is not None:
        raise InvalidParams("target: cannot be given beside users", path="target")
    return m.Everybody(params.target, context.author.uid)


def _listed(users: Sequence[p.Called]) -> tuple[m.Target, ...]:
    for position, user in enumerate(users):
        if not (user.callid or user.key):
            path = f"users[{position}].callid"
            raise InvalidParams(f"{path}: is missing, and so is key", path=path)
    return tuple(m.Target(user.callid, user.key) for user in users)


def _fate(error: HubError | None) -> r.Fate:
    return {"ok": True} if error is None else {"ok": False, "error": http_error(error)}


def _unless_all_failed(fates: list[Fate], errors: Sequence[HubError | None]) -> list[Fate]:
    """Raises an error if every target failed, with the fates as its data: 1007 where there is one, or the first."""
    failed = [error for error in errors if error]
    if failed and len(failed) == len(errors):
        worst = next((error for error in failed if isinstance(error, OutcomeUnknown)), failed[0])
        raise type(worst)(str(worst), **{**worst.data, "results": fates})
    return fates
