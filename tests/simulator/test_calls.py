"""Calls of the platform: dialled, answered, failed, moved. Sections of the provider notes in brackets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.simulator.clock import CHINA
from tests.simulator.conftest import Run
from tests.simulator.doubles import Application, Client


async def test_a_call_is_answered_and_reported(client: Client, application: Application) -> None:
    """[3.3, 5.3]"""
    confid = await client.create()
    callid = await client.invite(confid, "13800000001")
    join, result = await application.until("join-1", "invite-1")
    assert len(callid) == 32
    assert (join["confid"], join["callid"], join["number"]) == (confid, callid, "13800000001")
    assert datetime.strptime(join["jointime"], "%Y%m%d%H%M%S").replace(tzinfo=CHINA) - datetime.now(UTC) < timedelta(0)
    assert result == {**join, "result": "0"}
    state = await client.command("QueryConfState", confid=confid, QueryConfState="")
    assert (state["state"], state["count"]) == ("1", "1")


@pytest.mark.parametrize(("ending", "result"), [("9001", "3"), ("9002", "1"), ("9003", "4"), ("9005", "2")])
async def test_numbers_have_their_fates(client: Client, application: Application, ending: str, result: str) -> None:
    await client.invite(await client.create(), f"1380000{ending}")
    (fields,) = await application.until("invite-1")
    assert fields["result"] == result


async def test_a_late_riser_answers_after_half_a_minute(client: Client, application: Application) -> None:
    confid = await client.create()
    await client.invite(confid, "13800009006")
    await client.invite(confid, "13800000001", joinurl="first", action="")
    await application.until("first", "join-1", "invite-1")


async def test_who_hangs_up_last_closes_the_conference(client: Client, application: Application) -> None:
    """[3.2] deletion rule 2"""
    confid = await client.create()
    await client.invite(confid, "13800009004")
    *_, quit, stop = await application.until("join-1", "invite-1", "quit", "stop")
    assert "quittime" in quit
    assert (stop["confid"], "deltime" in stop) == (confid, True)
    assert (await client.command("QueryConfState", confid=confid))["statusCode"] != "000000"


async def test_a_full_conference_takes_nobody(client: Client, application: Application) -> None:
    """[3.2] maxmember, three where none is given."""
    confid = await client.create(maxmember="")
    for _ in range(4):
        await client.invite(confid, "13800000001", joinurl="j", action="")
    await application.until("j", "j", "j")
    await client.invite(confid, "13800000001", joinurl="", action="full")
    (*_, fields) = await application.until("j", "j", "j", "full")
    assert fields["result"] == "2"
    too_many = await client.command("CreateConf", "ivr/createconf", maxmember="301")
    assert too_many["statusCode"] != "000000"


async def test_one_invitation_calls_up_to_twenty(client: Client) -> None:
    """[3.3]: numbers and call ids are separated by #."""
    confid = await client.create()
    callids = (await client.invite(confid, "#".join(["13800000001", "13800000002"]))).split("#")
    assert [(call["callid"], call["number"]) for call in await client.look("calls")] == [
        (callids[0], "13800000001"),
        (callids[1], "13800000002"),
    ]
    too_many = "#".join(str(13800000000 + each) for each in range(21))
    for numbers in (too_many, "#", ""):
        refused = await client.command("InviteJoinConf", confid=confid, number=numbers)
        assert refused["statusCode"] == "110026"
    assert len(await client.look("calls")) == 2


async def test_a_conference_has_one_host_and_who_may_not_speak_is_muted(client: Client) -> None:
    """[3.3]: the last host named wins."""
    confid = await client.create()
    await client.invite(confid, "1", role="1", speak="0")
    await client.invite(confid, "2", role="1")
    assert [(call["host"], call["muted"]) for call in await client.look("calls")] == [(False, True), (True, False)]


async def test_a_call_moves_into_another_conference(client: Client, application: Application) -> None:
    """[3.11]"""
    first, second = await client.create(), await client.create(joinurl="arrived")
    callid = await client.enter(first)
    await client.done("JoinConf", confid=second, callid=callid)
    await application.until_any_order("arrived", "join", "quit", "stop")
    assert [call["confid"] for call in await client.look("calls")] == [second]
    assert (await client.command("JoinConf", confid=second, callid="x"))["statusCode"] == "110127"


async def test_a_call_that_is_there_already_stays(client: Client, application: Application) -> None:
    """[3.11]"""
    confid = await client.create()
    callid = await client.enter(confid)
    before = await client.look("calls")
    await client.done("JoinConf", confid=confid, callid=callid)
    assert await client.look("calls") == before
    await client.control("delete")
    await application.until("join", "quit", "stop")


async def test_the_result_of_a_call_can_be_asked_for(client: Client, application: Application) -> None:
    """[3.3]: 0 connected, 1 not answered, 2 failed, none while it rings."""
    confid = await client.create()
    states = {}
    for number, order in (("1", {}), ("2", {"as": "no_answer"}), ("3", {"as": "busy"}), ("4", None)):
        callid = await client.ring(confid, number)
        if number == "1":
            await client.control("answer", number=number)
        elif order is not None:
            await client.control("fail", number=number, **order)
        answer = (await client.ask("GET", "CallResult", query={"callsid": callid})).json()
        states[number] = answer["CallResult"].get("state")
    assert states == {"1": "0", "2": "1", "3": "2", "4": None}
    unknown = (await client.ask("GET", "CallResult", query={"callsid": "nobody"})).json()
    assert unknown["statusCode"] == "110127"


async def test_a_crash_is_no_end_of_the_world(run: Run, application: Application) -> None:
    client = await run()
    account = (client.sid, client.token, client.app_id)
    confid = await client.create()
    callid = await client.invite(confid, "13800000001", action="")
    client = await run()
    assert (client.sid, client.token, client.app_id) == account
    await application.until_each("join-1")
    client = await run()
    assert (await client.command("QueryConfState", confid=confid))["count"] == "1"
    assert (await client.command("QuitConf", confid=confid, callid=callid))["statusCode"] == "000000"
    await application.until_each("join-1", "quit", "stop")
