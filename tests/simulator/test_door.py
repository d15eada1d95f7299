"""Signatures, apps, paths and codes at the door of the REST API. Sections of the provider notes in brackets."""

from __future__ import annotations

import ast
import base64
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from hub.simulator.codes import SENTENCES
from tests.simulator.doubles import Client


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "111101"),
        ("***", "111102"),
        (base64.b64encode(b"\xff\xfe").decode(), "111102"),
        (_encoded("nonsense"), "111103"),
        (_encoded(":20261123000000"), "111104"),
        (_encoded("{sid}:"), "111105"),
        (_encoded("somebody:20261123000000"), "111107"),
        ("{sid}:yesterday", "111113"),
        ("{sid}:20200101000000", "111106"),
        ("{sid}:29990101000000", "111106"),
    ],
)
async def test_the_header_is_checked(client: Client, authorization: str, code: str) -> None:
    """[1.3, 7.1]"""
    if authorization.startswith("{sid}"):
        authorization = _encoded(authorization.format(sid=client.sid))
    answer = await client.post("ivr/conf", "<Request/>", Authorization=authorization)
    assert answer.json()["statusCode"] == code


async def test_the_sig_is_checked(client: Client) -> None:
    assert (await client.ask("POST", "ivr/conf", query={"sig": ""})).json()["statusCode"] == "111108"
    assert (await client.ask("POST", "ivr/conf", query={"sig": "x"})).json()["statusCode"] == "111109"
    client.token = "wrong"
    assert (await client.ask("POST", "ivr/conf")).json()["statusCode"] == "111109"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/2013-03-22/Accounts/{sid}/ivr/conf", "111110"),
        ("/2013-12-26/Accounts/short/ivr/conf", "111100"),
        ("/2013-12-26/Accounts/" + "-" * 32 + "/ivr/conf", "111100"),
        ("/2013-12-26/Accounts/" + "a" * 32 + "/ivr/conf", "111107"),
    ],
)
async def test_the_address_is_checked_before_the_header(client: Client, address: str, code: str) -> None:
    headers = {"Accept": "application/json", "Authorization": _encoded(f"{client.sid}:yesterday")}
    answer = await client.http.post(address.format(sid=client.sid), headers=headers)
    assert answer.json()["statusCode"] == code


async def test_an_account_that_does_not_exist(client: Client) -> None:
    client.sid = "a" * 32
    assert (await client.ask("POST", "ivr/conf")).json()["statusCode"] == "111141"


@pytest.mark.parametrize(
    ("app", "code"),
    [("", "111169"), ("-" * 32, "111170"), ("用" * 32, "111170"), ("a", "111171"), ("a" * 32, "111181")],
)
async def test_the_app_is_checked(client: Client, app: str, code: str) -> None:
    """[7.1]"""
    client.app_id = app
    assert (await client.command("QueryConfState", confid="1"))["statusCode"] == code
    assert (await client.json("SubAccounts", friendlyName="a"))["statusCode"] == code


async def test_garbage_is_refused(client: Client) -> None:
    assert (await client.post("ivr/conf", "<Request")).json()["statusCode"] == "112613"
    assert (await client.post("SubAccounts", "[1]", Content_Type="application/json")).json()["statusCode"] == "160031"
    assert (await client.post("SubAccounts", "{", Content_Type="application/json")).json()["statusCode"] == "160031"
    assert (await client.command("Dance"))["statusCode"] == "110127"
    assert (await client.command("CreateConf"))["statusCode"] == "110127"
    assert (await client.json("Dance"))["statusCode"] == "111000"


@pytest.mark.parametrize("path", ["IVR/CreateConf", "ivr/createconf/"])
async def test_the_case_of_a_path_does_not_matter(client: Client, path: str) -> None:
    await client.done("CreateConf", path)


def test_every_code_is_tested() -> None:
    """Each code of the table is named by some test beside this one."""
    named = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        tree = ast.walk(ast.parse(path.read_text()))
        named |= {node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert set(SENTENCES) <= named


async def test_who_goes_away_amid_a_request_has_asked_nothing(client: Client) -> None:
    async def go_away() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        await client.app(scope, go_away, send)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://platform") as http:
        gone = Client(client.world, http, client.app)
        assert (await gone.post("ivr/createconf", "<Request/>")).status_code == 400
    assert await client.world.ledger.read("SELECT * FROM conferences") == []
