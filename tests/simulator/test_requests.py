"""What clients put on the wire, byte for byte, and what the platform answers: one file in `requests/` each.

A file begins with lines of `# `: the sections of the provider notes and what it is; `given:` what there must be besides
what the request itself names; `answer:` the statusCode and every member of the answer, with its value where that is
known, or `HTTP 500`. Then the request: what differs each time has a name in braces.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from starlette.types import Message

from hub.simulator.clock import CHINA
from hub.simulator.functions import commands, functions
from tests.harness import PATIENCE_S
from tests.simulator.doubles import Client

REQUESTS = sorted((Path(__file__).parent / "requests").glob("*.http"))

Values = dict[str, str]
Make = Callable[[Client, Values], Awaitable[str]]


class Shape(NamedTuple):
    """`members` are dotted names with a value or None; `status` is that of HTTP."""

    given: list[str]
    status: int
    members: dict[str, str | None]
    request: bytes


def read(path: Path) -> Shape:
    """Every shape names its sections."""
    whole = path.read_bytes()
    head, request = re.fullmatch(rb"((?:# [^\n]*\n)+)(.*)", whole, re.DOTALL).groups()  # type: ignore[union-attr]
    about, _, answer = head.decode().replace("# ", "").partition("answer: ")
    assert re.match(r"\[\d(\.\d+)?(, \d(\.\d+)?)*\] ", about)
    code, *members = answer.split()
    given = list(dict.fromkeys(re.findall(r"\{(\w+)\}", whole.decode())))
    if code == "HTTP":
        return Shape(given, int(members[0]), {}, request)
    said = (member.partition("=") for member in members)
    return Shape(given, 200, {"statusCode": code} | {name: value or None for name, _, value in said}, request)


# What there must be before a request ------------------------------------------------------------------------------


async def _name(client: Client, _: Values) -> str:
    await client.json("SubAccounts", friendlyName="demo.alice")
    return "demo.alice"


async def _sub_account(client: Client, values: Values) -> str:
    await _name(client, values)
    account = (await client.json("QuerySubAccountByName", friendlyName="demo.alice"))["SubAccount"]
    values["sub_token"] = account["subToken"]
    return str(account["subAccountSid"])


async def _call(client: Client, values: Values) -> str:
    if "confid" not in values:
        values["confid"] = await client.create()
    return await client.enter(values["confid"])


MAKE: Mapping[str, Make] = {
    "name": _name,
    "sub_sid": _sub_account,
    "confid": lambda client, _: client.create(),
    "callid": _call,
    "callid_elsewhere": lambda client, _: _call(client, {}),
}


async def values_for(shape: Shape, client: Client) -> Values:
    values = {"sid": client.sid, "token": client.token, "app_id": client.app_id}
    for name in shape.given:
        if name in MAKE and name not in values:
            values[name] = await MAKE[name](client, values)
    return values | _signed(values)


def _signed(values: Values) -> Values:
    """Both of the main account at several times, and of the sub-account where there is one [1.3]."""
    now = datetime.now(CHINA)
    stamps = {
        "": f"{now:%Y%m%d%H%M%S}",
        "_12h": f"{now:%Y%m%d%I%M%S}",
        "_utc": f"{now.astimezone(UTC):%Y%m%d%H%M%S}",
        "_2020": "20200101000000",
    }
    signed = {}
    for suffix, stamp in stamps.items():
        signed["auth" + suffix], signed["sig" + suffix] = _sign(values["sid"], values["token"], stamp)
    signed["auth_nobody"], signed["sig_nobody"] = _sign("", "", stamps[""])
    if "sub_sid" in values:
        signed["sub_auth"], signed["sub_sig"] = _sign(values["sub_sid"], values["sub_token"], stamps[""])
    return signed | {"sig_small": signed["sig"].lower()}


def _sign(sid: str, token: str, stamp: str) -> tuple[str, str]:
    """(Authorization, sig)."""
    digest = hashlib.md5(f"{sid}{token}{stamp}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(f"{sid}:{stamp}".encode()).decode(), digest.upper()


def filled(request: bytes, values: Values) -> bytes:
    """With the values in place, and then the length."""
    named = re.sub(rb"\{(\w+)\}", lambda name: values.get(name[1].decode(), name[0].decode()).encode(), request)
    return named.replace(b"{length}", str(len(named.partition(b"\r\n\r\n")[2])).encode())


# The answer -----------------------------------------------------------------------------------------------------------


class Answered(NamedTuple):
    status: int
    content_type: str
    body: bytes


async def send(client: Client, *pieces: bytes) -> Answered:
    """Over a plain connection; each piece by itself. Every answer says how long it is, and says something."""
    assert client.http.base_url.port
    reader, writer = await asyncio.open_connection("127.0.0.1", client.http.base_url.port)
    async with asyncio.timeout(PATIENCE_S):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        writer.close()
        await writer.wait_closed()
    assert body
    return Answered(int(first.split()[1]), headers["content-type"], body)


def members(answered: Answered) -> dict[str, str]:
    """By dotted name, of JSON or XML; of a list the last."""
    if answered.content_type == "application/json;charset=utf-8":
        return dict(_flat(json.loads(answered.body)))
    assert answered.content_type == "application/xml;charset=utf-8"
    assert answered.body.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<Response>")
    return dict(_flat_element(ElementTree.fromstring(answered.body)))


def _flat(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _flat(each, f"{before}{name}.")
            else:
                assert isinstance(each, str)
                yield before + name, each


def _flat_element(element: ElementTree.Element, before: str = "") -> Iterator[tuple[str, str]]:
    for child in element:
        if len(child):
            yield from _flat_element(child, f"{before}{child.tag}.")
        else:
            yield before + child.tag, child.text or ""


def accepted(request: bytes) -> str:
    """What `Accept` names; XML where it names neither."""
    accept = re.search(rb"(?i)\r\naccept: ([^\r]*)", request)
    return "json" if accept and b"json" in accept[1] else "xml"


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
async def test_it_is_answered(served: Client, path: Path) -> None:
    shape = read(path)
    request = filled(shape.request, await values_for(shape, served))
    answered = await send(served, request)
    assert answered.status == shape.status
    assert answered.content_type == f"application/{accepted(request)};charset=utf-8"
    if shape.status == 200:
        said = members(answered)
        assert {name: said[name] if value else None for name, value in shape.members.items()} == shape.members
        assert set(said) == set(shape.members)


@pytest.mark.parametrize("name", ["CreateConf-npm", "TemplateSMS-chunked", "TemplateSMS-python-xml-chinese"])
async def test_it_may_come_in_pieces(served: Client, name: str) -> None:
    shape = read(REQUESTS[0].with_name(f"{name}.http"))
    request = filled(shape.request, await values_for(shape, served))
    answered = await send(served, *(request[at : at + 7] for at in range(0, len(request), 7)))
    assert set(members(answered)) == set(shape.members)


@pytest.mark.parametrize("path", ["/", "/2013-12-26", "/2013-12-26/Accounts/{sid}", "/2013-12-26/Accounts/{sid}/"])
async def test_whatever_is_asked_is_answered_in_the_form_that_is_accepted(served: Client, path: str) -> None:
    """[1.4, 1.5]"""
    verbs = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    for verb, form in itertools.product(verbs, ("json", "xml")):
        head = f"{verb} {path} HTTP/1.1\r\nHost: x\r\nAccept: application/{form};\r\n\r\n"
        answered = await send(served, filled(head.encode(), {"sid": served.sid}))
        assert (answered.status, answered.content_type) == (200, f"application/{form};charset=utf-8")
        assert set(members(answered)) == {"statusCode", "statusMsg"}


async def test_an_answer_is_one_message(client: Client) -> None:
    """Some clients take the first piece of a body for all of it."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def keep(message: Message) -> None:
        sent.append(message)

    for path in ("/x", f"/2013-12-26/Accounts/{client.sid}/AccountInfo"):
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        await client.app(scope, receive, keep)
    kinds = [(message["type"], message.get("more_body", False)) for message in sent]
    assert kinds == [("http.response.start", False), ("http.response.body", False)] * 2


def test_everything_that_is_offered_has_its_requests(client: Client) -> None:
    """Each function and each command has one at least that succeeds."""
    shapes = [shape for shape in map(read, REQUESTS) if shape.members.get("statusCode") == "000000"]
    paths = {re.search(rb"/Accounts/\{sid\}/([^? ]*)", shape.request)[1].decode() for shape in shapes}  # type: ignore[index]
    asked = {path.lower().rstrip("/") for path in paths}
    assert asked == set(functions(client.world))
    elements = {name.decode() for shape in shapes for name in re.findall(rb"<(\w+)", shape.request)}
    assert set(commands(client.world)) <= elements


def test_every_request_ends_its_head() -> None:
    """An editor may have changed the ends of its lines."""
    for path in REQUESTS:
        head, _, body = read(path).request.partition(b"\r\n\r\n")
        assert head.count(b"\n") == head.count(b"\r\n"), path
        assert bool(body) == bool(re.search(rb"(?i)\r\n(content-length: \{|transfer-encoding)", head)), path
