"""The platform in a box, as a client of the platform meets it. Sections of the provider notes in brackets."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hub.simulator.clock import CHINA
from tests.conftest import Start
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


async def test_a_conference_that_nobody_joins_is_deleted(client: Client, application: Application) -> None:
    """[3.2] deletion rule 1: ten minutes, here twelve seconds; moved up for the test."""
    await client.create()
    async with client.world.ledger.change():
        await client.world.ledger.write("UPDATE agenda SET due = 0")
    await application.until("stop")


async def test_mute_is_reported_to_its_own_address_or_the_conferences(client: Client, application: Application) -> None:
    """[3.6, 5.4]"""
    confid = await client.create()
    callid = await client.invite(confid, "13800000001", action="")
    await application.until("join-1")
    await client.command("ConfMute", confid=confid, callid=callid, action="media-5")
    await client.command("ConfUnMute", confid=confid, callid=callid)
    _, mute, unmute = await application.until("join-1", "media-5", "record")
    assert (mute["notifytype"], mute["result"]) == ("4", "0")
    assert (unmute["notifytype"], unmute["result"]) == ("14", "0")


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


async def test_sub_accounts_are_made_once_and_found_by_name(client: Client) -> None:
    """[2.1, 2.2]"""
    asked = json.dumps({"appId": client.app_id, "friendlyName": "demo.用户"})
    made = (await client.post("SubAccounts", asked, Content_Type="application/json")).json()
    again = (await client.post("SubAccounts", asked, Content_Type="application/json")).json()
    xml = f"<SubAccount><appId>{client.app_id}</appId><friendlyName>demo.用户</friendlyName></SubAccount>"
    found = (await client.post("QuerySubAccountByName", xml)).json()
    assert (made["statusCode"], again["statusCode"]) == ("000000", "111150")
    assert found == made
    assert made["SubAccount"].keys() == {"subAccountSid", "subToken", "dateCreated", "voipAccount", "voipPwd"}


async def test_the_answer_is_xml_where_that_is_accepted(client: Client) -> None:
    """[1.4, 1.5]"""
    body = f"<Request><Appid>{client.app_id}</Appid><CreateConf/></Request>"
    answer = await client.post("ivr/createconf", body, Accept="application/xml;")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.findtext("statusCode")) == ("Response", "000000")
    assert root.findtext("confid", "").isdecimal()


async def test_signatures_are_checked(client: Client) -> None:
    """[1.3, 7.1]"""

    async def code(**headers: str) -> str:
        answer = await client.post("ivr/conf", "<Request/>", **headers)
        return str(answer.json()["statusCode"])

    def authorization(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    assert await code(Authorization="") == "111101"
    assert await code(Authorization="***") == "111102"
    assert await code(Authorization=authorization("nonsense")) == "111103"
    assert await code(Authorization=authorization("somebody:20261123000000")) == "111107"
    assert await code(Authorization=authorization(f"{client.sid}:yesterday")) == "111113"
    assert await code(Authorization=authorization(f"{client.sid}:20200101000000")) == "111106"
    assert await code() == "111169"
    client.token = "wrong"
    assert await code() == "111109"


@pytest.mark.parametrize("command", ["DismissConf", "InviteJoinConf", "QuitConf", "ConfMute", "QueryConfState"])
@pytest.mark.parametrize("confid", ["99999999", "", "x", "9" * 30])
async def test_an_unknown_conference_is_refused(client: Client, command: str, confid: str) -> None:
    answer = await client.command(command, confid=confid, number="1", callid="c")
    assert answer["statusCode"] not in ("000000", "111000")


async def test_garbage_is_refused(client: Client) -> None:
    assert (await client.post("ivr/conf", "<Request")).json()["statusCode"] == "112613"
    assert (await client.post("SubAccounts", "[1]", Content_Type="application/json")).json()["statusCode"] == "160031"
    assert (await client.command("Dance"))["statusCode"] == "110127"


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


async def test_a_notice_that_is_not_taken_is_sent_again_in_its_place(client: Client, application: Application) -> None:
    application.refuses = 2
    await client.invite(await client.create(), "13800009004")
    await application.until("join-1", "invite-1", "quit", "stop")


async def test_the_command_prints_what_a_hub_needs(start: Start, tmp_path: Path) -> None:
    process = await start("--callback-url", "http://127.0.0.1:9/callbacks/yuntongxun/secret", command="simulator")
    printed = [await process.line() for _ in range(3)]
    assert [line.partition("=")[0] for line in printed] == ["account_sid", "auth_token", "app_id"]
    assert all(len(line.partition("=")[2]) == 32 for line in printed)
    assert (tmp_path / "confhub-simulator.db").exists()
