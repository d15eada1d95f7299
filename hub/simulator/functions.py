"""The functions of the REST API by path, and the conference commands by the name of their element [1.2, 2, 3, 6]."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from hub.simulator.answers import Answer
from hub.simulator.codes import Refused
from hub.simulator.forms import Asked
from hub.simulator.rows import Attributes
from hub.simulator.world import World

Serve = Callable[[Asked], Awaitable[Answer]]


class Function(NamedTuple):
    """`name` is what faults call it; that of `ivr/*` is the command's."""

    name: str
    serve: Serve
    method: str = "POST"
    needs_app: bool = True


def functions(world: World) -> Mapping[str, Function]:
    """By path in small letters: whether the platform cares about case is not known [1.2]."""
    accounts, conf = world.accounts, commands(world)
    return {
        "subaccounts": Function("SubAccounts", _attributes(accounts.create)),
        "querysubaccountbyname": Function("QuerySubAccountByName", _attributes(accounts.query)),
        "getsubaccounts": Function("GetSubAccounts", _attributes(accounts.list)),
        "closesubaccount": Function("CloseSubAccount", _attributes(accounts.close), needs_app=False),
        "modifysubaccount": Function("ModifySubAccount", _attributes(accounts.modify), needs_app=False),
        "accountinfo": Function("AccountInfo", _attributes(accounts.main), "GET", needs_app=False),
        "callresult": Function("CallResult", _call_result(world), "GET", needs_app=False),
        "sms/templatesms": Function("TemplateSMS", lambda asked: world.messages.send(asked.attributes, asked.datas)),
        "ivr/createconf": Function("", _one_of({"CreateConf": world.conferences.create})),
        "ivr/conf": Function("", _one_of(conf)),
        "ivr/dismissconf": Function("", _one_of(conf)),
    }


def commands(world: World) -> Mapping[str, Callable[[Attributes], Awaitable[Answer]]]:
    """Everything but the creation goes to one path [3.1]."""
    calls, members, media, conferences = world.calls, world.members, world.media, world.conferences
    return {
        "DismissConf": conferences.dismiss,
        "QueryConfState": conferences.query,
        "ConfAlarmClock": conferences.set_alarm,
        "InviteJoinConf": calls.invite,
        "JoinConf": calls.join,
        "QuitConf": members.quit,
        "ConfMute": members.mute,
        "ConfUnMute": members.unmute,
        "ConfMemberPause": members.pause,
        "ConfMemberResume": members.resume,
        "ConfPlay": media.play,
        "ConfStopPlay": media.stop_play,
        "ConfRecord": media.record,
        "ConfStopRecord": media.stop_record,
        "ConfVolumeAdjust": media.adjust_volume,
    }


def _one_of(known: Mapping[str, Callable[[Attributes], Awaitable[Answer]]]) -> Serve:
    async def serve(asked: Asked) -> Answer:
        if asked.command not in known:
            raise Refused("110127")
        return await known[asked.command](asked.attributes)

    return serve


def _attributes(serve: Callable[[Attributes], Awaitable[Answer]]) -> Serve:
    return lambda asked: serve(asked.attributes)


def _call_result(world: World) -> Serve:
    async def serve(asked: Asked) -> Answer:
        named = {name.lower(): value for name, value in asked.attributes.items()}
        return await world.calls.result(named.get("callsid", ""))

    return serve
