"""The POST door: the contract's shapes and HTTP codes, on the running hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.harness import PATIENCE_S, HubProcess

JSON = {"content-type": "application/json"}
USER = {"id": "1", "uid": "mia", "appid": "demo", "users": []}


@pytest.fixture
async def http(hub: HubProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False) as http:
        yield http


async def test_a_null_is_a_field_that_is_not_there(hub: HubProcess) -> None:
    assert (await hub.post("createConf", id="mia", appid="demo", name=None, time=None, pwd=None))["status"] == 1


async def test_the_log_never_claims_a_number_that_it_does_not_have(hub: HubProcess) -> None:
    id = await hub.create()
    assert await hub.post("getEvents", id=id, after=9999) == {"status": 1, "events": [], "seq": 2, "more": False}


@pytest.mark.parametrize(
    ("operation", "body", "status", "code", "path"),
    [
        ("getConf", b"", 400, -32700, None),
        ("getConf", b"{", 400, -32700, None),
        ("getConf", b"\xef\xbb\xbf{}", 400, -32700, None),
        ("getConf", b'{"id": NaN}', 400, -32700, None),
        ("getConf", b'{"id": "\xff"}', 400, -32700, None),
        ("getConf", b'{"id": "\\ud800"}', 400, -32700, None),
        ("getConf", b"[" * 100_000, 400, -32700, None),
        ("getConf", b'{"id":' + b"[" * 63 + b"]" * 63 + b"}", 400, -32602, "id"),
        ("getConf", b'{"id":' + b"[" * 64 + b"]" * 64 + b"}", 400, -32700, None),
        ("getConf", b'{"id":"1","id":"1"}', 400, -32700, None),
        ("getConf", b"[]", 400, -32600, None),
        ("getConf", b'"x"', 400, -32600, None),
        ("getConf", b"{}", 400, -32602, "id"),
        ("getConf", b'{"id": true}', 400, -32602, "id"),
        ("getConf", b'{"id": 1.5}', 400, -32602, "id"),
        ("getConf", b'{"id": ""}', 400, -32602, "id"),
        ("getConf", b'{"id": null}', 400, -32602, "id"),
        ("createConf", b'{"id": "mia", "appid": "demo", "time": "2099-01-01"}', 400, -32602, "time"),
        ("joinConf", b'{"id": "1", "uid": "mia", "appid": "demo"}', 400, -32602, "users"),
        ("joinConf", b'{"id": "1", "uid": "mia", "appid": "demo", "users": {}}', 400, -32602, "users"),
        ("joinConf", b'{"id": "1", "uid": "mia", "appid": "demo", "users": [1]}', 400, -32602, "users[0]"),
        ("joinConf", b'{"id": "1", "uid": "m", "appid": "d", "users": [{}]}', 400, -32602, "users[0].id"),
        ("muteConf", b'{"id": "1", "uid": "m", "appid": "d", "users": [{}]}', 400, -32602, "users[0].callid"),
        ("getEvents", b'{"id": "1", "limit": 0}', 400, -32602, "limit"),
        ("getEvents", b'{"id": "1", "after": 9223372036854775808}', 400, -32602, "after"),
        ("getEvents", b'{"id": "1", "since": 0}', 400, -32602, "since"),
        ("getConf", b'{"id": "1", "junk": 1}', 200, 1001, None),
        ("getconf", b'{"id": "1"}', 404, -32601, None),
        ("getConf/", b'{"id": "1"}', 404, -32601, None),
        ("watchConf", b'{"id": "1"}', 404, -32601, None),
    ],
)
async def test_bad_input_gets_an_error_that_names_the_field(
    http: httpx.AsyncClient, operation: str, body: bytes, status: int, code: int, path: str | None
) -> None:
    answer = await http.post(operation, content=body, headers=JSON)
    said = answer.json()
    assert (answer.status_code, said["status"], said["error"]["code"]) == (status, 0, code)
    if path is not None:
        assert said["error"]["data"]["path"] == path
        assert path in said["error"]["message"]


async def test_every_other_verb_is_405_and_told_the_right_one(http: httpx.AsyncClient) -> None:
    for path in ("getConf", "rpc"):
        for verb in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
            answer = await http.request(verb, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST"), verb
            assert answer.content == b"" if verb == "HEAD" else answer.json()["error"]["code"] == -32601, verb


async def test_a_websocket_without_a_handshake_is_told_so(http: httpx.AsyncClient) -> None:
    answer = await http.get("ws")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert "is a WebSocket" in answer.json()["error"]["message"]


NOT_JSON = (
    [],
    [""],
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["application/json-rpc"],
    ["text/plain; application/json"],
    ["application/json, text/plain"],
    ["application/json", "text/plain"],
    ["application/json; charset=latin-1"],
    ["application/json;Charset=UTF-16"],
    ['application/json; charset="gbk"'],
    ["application/json; charset="],
)


async def test_any_other_content_type_is_415(http: httpx.AsyncClient) -> None:
    for types in NOT_JSON:
        headers = [("content-type", type) for type in types]
        for path, words in (("getConf", {"status": 0}), ("rpc", {"jsonrpc": "2.0", "id": None})):
            answer = await http.post(path, content=b"{}", headers=headers)
            assert (answer.status_code, answer.json().pop("error")["code"]) == (415, -32601), types
            assert words.items() <= answer.json().items()


async def test_json_may_be_declared_with_parameters(http: httpx.AsyncClient) -> None:
    for type in (
        "Application/JSON; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; version=1; charset=utf8",
        "application/json ;profile=x",
    ):
        for path in ("getConf", "rpc"):
            answer = await http.post(path, content=b'{"id":"1"}', headers={"content-type": type})
            assert answer.status_code == 200, type


async def test_silence_is_204_with_no_body_and_no_word_about_one(hub: HubProcess) -> None:
    body = b'{"jsonrpc":"2.0","method":"ping"}'
    head = b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(hub.url.rpartition(":")[2]))
    writer.write(head + b"\r\n" + body + head + b"Connection: close\r\n\r\n" + body)
    first, second, rest = (await asyncio.wait_for(reader.read(), PATIENCE_S)).split(b"\r\n\r\n")
    writer.close()
    assert rest == b""
    of_a_body = (b"content-length", b"content-type", b"transfer-encoding")
    for answer in (first, second):
        status, *headers = answer.lower().split(b"\r\n")
        assert status == b"http/1.1 204 no content"
        assert not [line for line in headers if line.startswith(of_a_body)]


async def test_a_body_may_have_one_mebibyte(http: httpx.AsyncClient) -> None:
    answer = await http.post("getConf", content=b" " * (1024 * 1024 + 1), headers=JSON)
    assert (answer.status_code, answer.json()["error"]["name"]) == (413, "too_large")


async def test_rpc_over_post(http: httpx.AsyncClient) -> None:
    async def rpc(body: bytes) -> httpx.Response:
        return await http.post("rpc", content=body, headers=JSON)

    answer = await rpc(b'{"jsonrpc":"2.0","id":"a","method":"getConf","params":{"id":"1"}}')
    assert answer.json() == {
        "jsonrpc": "2.0",
        "id": "a",
        "error": {"code": 1001, "message": "no conference 1", "data": {"name": "unknown_conference"}},
    }
    silent = await rpc(b'{"jsonrpc":"2.0","method":"ping"}')
    assert (silent.status_code, silent.content) == (204, b"")
    for method in ("watchConf", "unwatchConf"):
        refused = await rpc(b'{"jsonrpc":"2.0","id":1,"method":"%s","params":{"id":"1"}}' % method.encode())
        assert refused.json()["error"]["code"] == 1009
    assert (await rpc(b"{")).json()["error"]["code"] == -32700


async def test_health(http: httpx.AsyncClient) -> None:
    assert (await http.get("healthz")).json() == {"status": "ok"}
    ready = await http.get("readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["storage"]) == (200, "ready", "ok")
    assert ready.json()["provider"] == {"simulated": True, "state": "untried", "error": None, "since": None}


async def test_the_page_is_served(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert (page.status_code, "<title>confhub</title>" in page.text) == (200, True)
    script = await http.get("/js/main.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert (await http.get("/../setup.cfg")).status_code == 404
    assert (await http.get("/nothing.html")).json()["error"]["code"] == -32601
