"""Sub-accounts and the main account. Sections of the provider notes in brackets."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from tests.simulator.doubles import Client


async def test_sub_accounts_are_made_once_and_found_by_name(client: Client) -> None:
    """[2.1, 2.2]"""
    made = await client.json("SubAccounts", friendlyName="demo.用户")
    again = await client.json("SubAccounts", friendlyName="demo.用户")
    xml = f"<SubAccount><appId>{client.app_id}</appId><friendlyName>demo.用户</friendlyName></SubAccount>"
    found = (await client.post("QuerySubAccountByName", xml)).json()
    assert (made["statusCode"], again["statusCode"]) == ("000000", "111150")
    assert found == made
    assert made["SubAccount"].keys() == {"subAccountSid", "subToken", "dateCreated", "voipAccount", "voipPwd"}
    assert made["SubAccount"]["voipAccount"].isdecimal()


async def test_sub_accounts_are_listed_page_by_page(client: Client) -> None:
    """[2.3]: in XML the element repeats."""
    for name in "abc":
        await client.json("SubAccounts", friendlyName=name)
    page = await client.json("GetSubAccounts", startNo="1", offset="1")
    assert (page["totalCount"], [row["friendlyName"] for row in page["SubAccount"]]) == ("3", ["b"])
    assert [row["friendlyName"] for row in (await client.json("GetSubAccounts"))["SubAccount"]] == ["a", "b", "c"]
    body = json.dumps({"appId": client.app_id})
    answer = await client.post("GetSubAccounts", body, Content_Type="application/json", Accept="application/xml")
    assert len(ElementTree.fromstring(answer.content).findall("SubAccount")) == 3


@pytest.mark.parametrize("page", [{"startNo": "-1"}, {"startNo": "x"}, {"offset": "0"}, {"offset": "101"}])
async def test_a_page_has_limits(client: Client, page: dict[str, str]) -> None:
    assert (await client.json("GetSubAccounts", **page))["statusCode"] == "160031"


async def test_a_sub_account_is_renamed_and_closed(client: Client) -> None:
    """[2.4, 2.5]"""
    sid = (await client.json("SubAccounts", friendlyName="a"))["SubAccount"]["subAccountSid"]
    await client.json("SubAccounts", friendlyName="b")
    xml = f"<SubAccount><subAccountSid>{sid}</subAccountSid><friendlyName>c</friendlyName></SubAccount>"
    assert (await client.post("ModifySubAccount", xml)).json() == {"statusCode": "000000"}
    taken = await client.json("ModifySubAccount", subAccountSid=sid, friendlyName="b")
    assert taken["statusCode"] == "111150"
    closed = (
        await client.post("CloseSubAccount", f"<SubAccount><subAccountSid>{sid}</subAccountSid></SubAccount>")
    ).json()
    assert closed == {"statusCode": "000000"}
    assert (await client.json("QuerySubAccountByName", friendlyName="c"))["statusCode"] == "111144"
    assert (await client.json("CloseSubAccount", subAccountSid=sid))["statusCode"] == "111144"
    assert (await client.json("ModifySubAccount", subAccountSid=sid, friendlyName="d"))["statusCode"] == "111144"


async def test_a_sub_account_needs_a_name(client: Client) -> None:
    for function in ("SubAccounts", "QuerySubAccountByName", "ModifySubAccount"):
        assert (await client.json(function, friendlyName=""))["statusCode"] == "111145"


async def test_the_main_account_is_told(client: Client) -> None:
    answer = (await client.ask("GET", "AccountInfo")).json()
    assert (answer["statusCode"], answer["Account"]["accountSid"]) == ("000000", client.sid)
    assert (await client.ask("POST", "AccountInfo")).json()["statusCode"] == "111000"
