"""Faults by name: each does what its sentence says, as often as it was told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from hub.simulator.faults import FAULTS
from tests.harness import ROOT
from tests.simulator.conftest import SPEED, Run
from tests.simulator.doubles import Application, Client

Play = Callable[[Client, Application], Awaitable[None]]

PLAYS: dict[str, Play] = {}


def plays(play: Play) -> Play:
    """The test of the fault of this name."""
    PLAYS[play.__name__] = play
    return play


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in ("answer_lost", "answer_cut")])
async def test_a_fault_strikes(name: str, client: Client, application: Application) -> None:
    await PLAYS[name](client, application)


@pytest.mark.parametrize("name", ["answer_lost", "answer_cut"])
async def test_a_fault_strikes_the_connection(name: str, served: Client, application: Application) -> None:
    await PLAYS[name](served, application)


def test_every_fault_has_a_test() -> None:
    assert set(PLAYS) == set(FAULTS)


async def _in_and_out(client: Client, fault: str, **more: Any) -> str:
    """A conference with somebody who joins and is removed, who is the last one."""
    await client.control("fault", name=fault, **more)
    confid = await client.create()
    await client.done("QuitConf", confid=confid, callid=await client.enter(confid))
    return confid


@plays
async def callback_dropped(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_dropped", only="quit")
    await application.until("join", "stop")


@plays
async def callback_duplicated(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_duplicated", only="quit")
    _, first, second, _ = await application.until("join", "quit", "quit", "stop")
    assert first == second


@plays
async def callback_delayed(client: Client, application: Application) -> None:
    started = monotonic()
    await _in_and_out(client, "callback_delayed", only="quit", seconds=50)
    await client.create(action="created")
    await application.until_any_order("join", "created", "quit", "stop")
    assert [word for word, _ in application.taken][2:] == ["quit", "stop"]
    assert monotonic() - started >= 50 / SPEED


@plays
async def callback_reordered(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_reordered", only="join", seconds=50)
    await application.until("quit", "stop", "join")


@plays
async def callback_as_form(client: Client, application: Application) -> None:
    confid = await _in_and_out(client, "callback_as_form")
    *_, stop = await application.until("join", "quit", "stop")
    assert application.forms == ["application/x-www-form-urlencoded"] * 3
    assert stop["confid"] == confid


@plays
async def callback_as_xml(client: Client, application: Application) -> None:
    confid = await _in_and_out(client, "callback_as_xml", only="stop")
    *_, stop = await application.until("join", "quit", "stop")
    assert application.forms == ["query", "query", "application/xml"]
    assert stop["confid"] == confid


@plays
async def callback_without_callid(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_without_callid")
    join, quit, _ = await application.until("join", "quit", "stop")
    assert (join.keys(), quit.keys()) == ({"confid", "number", "jointime"}, {"confid", "number", "quittime"})


@plays
async def callback_with_jointime(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_with_jointime")
    _, quit, _ = await application.until("join", "quit", "stop")
    assert quit.keys() == {"confid", "callid", "number", "jointime"}


@plays
async def callback_without_time(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_without_time")
    join, quit, stop = await application.until("join", "quit", "stop")
    member = {"confid", "callid", "number"}
    assert (join.keys(), quit.keys(), stop.keys()) == (member, member, {"confid"})


@plays
async def callback_result_on_join(client: Client, application: Application) -> None:
    await _in_and_out(client, "callback_result_on_join")
    join, quit, _ = await application.until("join", "quit", "stop")
    assert (join["result"], quit.get("result")) == ("0", None)


@plays
async def answer_slow(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_slow", only="CreateConf", seconds=10)
    started = monotonic()
    await client.create(action="created")
    assert monotonic() - started >= 10 / SPEED


@plays
async def answer_lost(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_lost", only="CreateConf")
    client.http.timeout = httpx.Timeout(0.5)
    with pytest.raises(httpx.ReadTimeout):
        await client.create(action="created")
    await application.until("created")


@plays
async def answer_cut(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_cut", only="CreateConf")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.create(action="created")
    await application.until("created")


@plays
async def answer_500(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_500")
    answer = await client.post("ivr/createconf", f"<Request><Appid>{client.app_id}</Appid><CreateConf/></Request>")
    assert (answer.status_code, await client.look("conferences")) == (500, [])


@plays
async def answer_garbage(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_garbage", only="SubAccounts")
    with pytest.raises(ValueError, match="codec"):
        await client.json("SubAccounts", friendlyName="a")
    assert (await client.json("QuerySubAccountByName", friendlyName="a"))["statusCode"] == "000000"


@plays
async def answer_111111(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_111111", only="TemplateSMS")
    answer = await client.json("SMS/TemplateSMS", to="138", templateId="1", datas=["1"])
    assert (answer["statusCode"], await client.look("messages")) == ("111111", [])


@plays
async def answer_in_other_form(client: Client, application: Application) -> None:
    await client.control("fault", name="answer_in_other_form")
    body = f"<Request><Appid>{client.app_id}</Appid><CreateConf/></Request>"
    answers = [await client.post("ivr/createconf", body, Accept=f"application/{form}") for form in ("json", "xml")]
    assert ElementTree.fromstring(answers[0].content).findtext("statusCode") == "000000"
    assert answers[1].json()["statusCode"] == "000000"


@plays
async def conference_deleted(client: Client, application: Application) -> None:
    confid = await client.create()
    await client.control("fault", name="conference_deleted", only="ConfMute")
    assert (await client.done("QueryConfState", confid=confid))["state"] == "1"
    callid = await client.enter(confid)
    answer = await client.command("ConfMute", confid=confid, callid=callid)
    assert answer["statusCode"] == "110128"
    await application.until("join", "quit", "stop")


@plays
async def dismiss_without_confid(client: Client, application: Application) -> None:
    await client.control("fault", name="dismiss_without_confid")
    assert await client.done("DismissConf", confid=await client.create()) == {}


@plays
async def dismiss_with_quits(client: Client, application: Application) -> None:
    await client.control("fault", name="dismiss_with_quits")
    confid = await client.create()
    await client.enter(confid)
    await client.done("DismissConf", confid=confid, autohangup="true")
    await application.until("join", "quit", "stop")


@plays
async def gone_as_state(client: Client, application: Application) -> None:
    await client.control("fault", name="gone_as_state")
    confid = await client.create()
    assert (await client.done("QueryConfState", confid=confid))["state"] == "1"
    await client.done("DismissConf", confid=confid)
    assert await client.done("QueryConfState", confid=confid) == {"state": "2", "count": "0"}
    assert (await client.command("QueryConfState", confid="1"))["statusCode"] == "110128"


async def test_the_nth_occasion_is_counted_from_the_switch(client: Client, application: Application) -> None:
    await client.create(action="created")
    await client.control("fault", name="callback_dropped", only="created", nth=2)
    for _ in range(3):
        await client.create(action="created-7")
    await application.until_any_order("created", "created-7", "created-7")
    (row,) = await client.look("faults")
    assert (row["nth"], row["seen"], row["struck"]) == (2, 3, 1)


async def test_a_probability_strikes_some(client: Client) -> None:
    await client.control("fault", name="answer_111111", probability=0.5)
    codes = [(await client.json("SubAccounts", friendlyName=str(each)))["statusCode"] for each in range(40)]
    assert {*codes} == {"111111", "000000"}
    (row,) = await client.look("faults")
    assert (row["seen"], row["struck"]) == (40, codes.count("111111"))


async def test_faults_are_mended_one_by_one_or_all(client: Client) -> None:
    for name in ("answer_500", "answer_slow", "callback_dropped"):
        await client.control("fault", name=name)
    await client.control("mend", name="answer_500")
    assert [row["name"] for row in await client.look("faults")] == ["answer_slow", "callback_dropped"]
    await client.control("mend")
    assert await client.look("faults") == []
    await client.create()


async def test_a_fault_survives_a_crash(run: Run) -> None:
    client = await run()
    await client.control("fault", name="answer_111111", nth=2)
    assert (await client.json("SubAccounts", friendlyName="a"))["statusCode"] == "000000"
    client = await run()
    assert (await client.json("SubAccounts", friendlyName="b"))["statusCode"] == "111111"


async def test_a_held_notice_survives_a_crash(run: Run, application: Application) -> None:
    client = await run()
    await _in_and_out(client, "callback_reordered", only="join", seconds=100)
    await application.until("quit", "stop")
    await run()
    await application.until_each("quit", "stop", "join")


def test_every_fault_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "simulator.md").read_text()
    for name, fault in FAULTS.items():
        wait = f" ({fault.seconds:g} s)" if fault.seconds else ""
        assert f"| `{name}` | {fault.does}{wait} |" in manual
