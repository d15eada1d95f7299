"""The POST door: the contract's shapes and HTTP codes, on the running hub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.harness import HubProcess

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


async def test_verbs_and_types(http: httpx.AsyncClient) -> None:
    got = await http.get("getConf")
    assert (got.status_code, got.headers["allow"], got.json()["error"]["code"]) == (405, "POST", -32601)
    for type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await http.post("getConf", content=b"{}", headers={"content-type": type})
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, -32601)
    fine = await http.post(
        "getConf", content=b'{"id":"1"}', headers={"content-type": "Application/JSON; charset=utf-8"}
    )
    assert fine.status_code == 200


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
    assert (await http.get("rpc")).status_code == 405


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
