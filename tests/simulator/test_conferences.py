"""Conferences of the platform: how they begin and end. Sections of the provider notes in brackets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.doubles import Application, Client


async def _let_time_pass(client: Client) -> None:
    """Everything on the agenda is due."""
    async with client.world.ledger.change():
        await client.world.ledger.write("UPDATE agenda SET due = 0")


async def test_a_conference_that_nobody_joins_is_deleted(client: Client, application: Application) -> None:
    """[3.2] deletion rule 1: ten minutes, here twelve seconds; moved up for the test."""
    await client.create()
    await _let_time_pass(client)
    await application.until("stop")


async def test_autodelete_switches_off_what_deletes_by_itself(client: Client, application: Application) -> None:
    """[3.2] rules 1, 2 and 5"""
    confid = await client.create(autodelete="false")
    await _let_time_pass(client)
    callid = await client.enter(confid)
    await client.done("QuitConf", confid=confid, callid=callid)
    await application.until("join", "quit")
    assert (await client.done("QueryConfState", confid=confid)) == {"state": "1", "count": "0"}


async def test_a_creation_is_told_where_an_action_is_named(client: Client, application: Application) -> None:
    """[5.3]"""
    confid = await client.create(action="created")
    (told,) = await application.until("created")
    assert (told["confid"], told["callid"], len(told["createtime"])) == (confid, "", 14)


@pytest.mark.parametrize(("autohangup", "words"), [("true", ["stop"]), ("false", ["quit", "quit", "stop"])])
async def test_its_time_is_over(client: Client, application: Application, autohangup: str, words: list[str]) -> None:
    """[3.2]: counted from the first join; members that are hung up are not told of."""
    confid = await client.create(confduration="25", autohangup=autohangup)
    assert await client.look("calls") == []
    await client.enter(confid, "1")
    await client.enter(confid, "2")
    await application.until("join", "join", *words)
    assert [call["state"] for call in await client.look("calls")] == ["over", "over"]


async def test_a_kick_and_an_end(client: Client, application: Application) -> None:
    """[3.4, 3.5]: with autohangup the members' quit is not sent."""
    confid = await client.create()
    first = await client.invite(confid, "13800000001", action="")
    await application.until("join-1")
    await client.invite(confid, "13800000002", action="")
    await application.until("join-1", "join-1")
    assert (await client.command("QuitConf", confid=confid, callid=first))["statusCode"] == "000000"
    ended = await client.command("DismissConf", confid=confid, autohangup="true", delurl="over")
    assert ended["confid"] == confid
    await application.until("join-1", "join-1", "quit", "over")


async def test_a_dismissal_names_its_own_addresses(client: Client, application: Application) -> None:
    """[3.5, 5.3]; the alias of the path is not the platform's [3.1]."""
    confid = await client.create(autorecord="true")
    await client.enter(confid)
    own = {"action": "dismissed", "quiturl": "left", "recordurl": "tape", "delurl": "over"}
    await client.done("DismissConf", "ivr/dismissconf", confid=confid, **own)
    *_, dismissed, left, tape, over = await application.until("join", "record", "dismissed", "left", "tape", "over")
    assert dismissed == {"confid": confid, "status": "0"}
    assert left["number"] == "13800000001"
    assert (tape["notifytype"], tape["state"]) == ("12", "12")
    assert over["confid"] == confid


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({}, ["alarmclock"]),
        ({"clockurl": "ding", "timeraction": "0"}, ["ding"]),
        ({"timeraction": "1"}, ["record"]),
        ({"timeraction": "2"}, ["quit", "stop"]),
        ({"timeraction": "2", "quiturl": "left", "delurl": "over"}, ["left", "over"]),
        ({"timeraction": "2", "autohangup": "true"}, ["stop"]),
    ],
)
async def test_an_alarm_rings(
    client: Client, application: Application, attributes: dict[str, str], words: list[str]
) -> None:
    """[3.9]"""
    confid = await client.create()
    await client.enter(confid)
    await client.done("ConfAlarmClock", confid=confid, time="2", action="set", **attributes)
    await application.until("join", "set", *words)


@pytest.mark.parametrize("attributes", [{}, {"time": "0"}, {"time": "-1"}, {"time": "1", "timeraction": "3"}])
async def test_an_alarm_needs_a_time_and_an_action(client: Client, attributes: dict[str, str]) -> None:
    refused = await client.command("ConfAlarmClock", confid=await client.create(), **attributes)
    assert refused["statusCode"] == "110127"


COMMANDS = [
    *("DismissConf", "InviteJoinConf", "QuitConf", "ConfMute", "ConfUnMute", "ConfMemberPause", "ConfMemberResume"),
    *("QueryConfState", "JoinConf", "ConfPlay", "ConfStopPlay", "ConfRecord", "ConfStopRecord", "ConfVolumeAdjust"),
    "ConfAlarmClock",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("confid", ["99999999", "", "x", "9" * 30])
async def test_an_unknown_conference_is_refused(client: Client, command: str, confid: str) -> None:
    answer = await client.command(command, confid=confid, number="1", callid="c", time="1")
    assert answer["statusCode"] == "110128"


@pytest.mark.parametrize("command", ["QuitConf", "ConfMute", "ConfUnMute", "ConfMemberPause", "ConfMemberResume"])
async def test_who_is_not_inside_is_no_member(client: Client, command: str) -> None:
    confid, other = await client.create(), await client.create()
    for callid in ("", "nobody", await client.enter(other), await client.ring(confid, "9006")):
        assert (await client.command(command, confid=confid, callid=callid))["statusCode"] == "110127"


@pytest.mark.parametrize("maxmember", ["2", "301", "-3", "many", "3.5"])
async def test_a_conference_is_for_3_to_300(client: Client, maxmember: str) -> None:
    answer: dict[str, Any] = await client.command("CreateConf", "ivr/createconf", maxmember=maxmember)
    assert answer["statusCode"] == "110092"


async def test_a_password_changes_nothing(client: Client, application: Application) -> None:
    """[3.2]: kept, and not asked for."""
    await client.enter(await client.create(passwd="1234"))
    await application.until("join")
