"""What keeps strangers, foreign pages and liars out: headers, origins, addresses, slowed guesses, caps, callbacks."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from hub.api.addresses import Addresses
from hub.app import NOTICES_AT_ONCE
from hub.config import Settings, read_settings
from tests.api.conftest import SECRETS, Doors, new_key
from tests.harness import HubProcess

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def networks(**said: str) -> dict[str, Any]:
    """Settings as the environment has them."""
    read = read_settings(Settings, {}, {f"CONFHUB_{name.upper()}": value for name, value in said.items()})
    return {name: getattr(read, name) for name in said}


# Headers and origins -------------------------------------------------------------------------------------------------


async def test_every_answer_is_safe_to_show(hub: HubProcess) -> None:
    async with hub.http() as http:
        for path in ("/", "/js/main.js", "/getConf", "/nothing", "/ws"):
            headers = (await http.request("POST" if path == "/getConf" else "GET", path)).headers
            assert headers["content-security-policy"] == POLICY, path
            assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
            assert headers["referrer-policy"] == "no-referrer"
        denied = await http.get("/ws", headers=HANDSHAKE | {"Origin": "https://evil.example"})
        assert (denied.status_code, denied.headers["content-security-policy"]) == (403, POLICY)
        assert (await http.post("/getConf")).headers["cache-control"] == "no-store"


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}


async def test_the_page_has_nothing_inline(hub: HubProcess) -> None:
    async with hub.http() as http:
        page = (await http.get("/")).text
    assert "style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page


async def preflight(doors: Doors, origin: str) -> Any:
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key",
    }
    return await doors.http.options("/getConf", headers=asks)


async def test_no_page_of_others_may_ask_anything(doors: Doors) -> None:
    answer = await preflight(doors, "https://app.example")
    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (405, False)
    assert (await doors.client(Origin="https://app.example").post("/getConf", json={})).status_code == 403


class TestOrigins:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return networks(origins="https://app.example, http://other.example:8080")

    async def test_pages_that_are_listed_may(self, doors: Doors) -> None:
        answer = await preflight(doors, "https://app.example")
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")
        assert "access-control-allow-credentials" not in answer.headers
        answer = await doors.client(Origin="https://app.example").post(
            "/getUserConfs", json={"id": "mia", "appid": "a"}
        )
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")
        assert "Idempotency-Replayed" in answer.headers["access-control-expose-headers"]

    @pytest.mark.parametrize(
        "origin", ["https://app.example.evil", "http://app.example", "null", "https://app.example:1"]
    )
    async def test_others_still_may_not(self, doors: Doors, origin: str) -> None:
        assert "access-control-allow-origin" not in (await preflight(doors, origin)).headers
        assert (await doors.client(Origin=origin).post("/getConf", json={})).status_code == 403


# Addresses -----------------------------------------------------------------------------------------------------------


def come_from(address: str, **headers: str) -> HTTPConnection:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "client": (address, 1), "headers": pairs})


@pytest.mark.parametrize(
    ("address", "forwarded", "found"),
    [
        ("192.0.2.1", "10.0.0.1", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
    ],
)
def test_only_declared_proxies_are_believed(address: str, forwarded: str, found: str) -> None:
    addresses = Addresses(**networks(proxies="10.0.0.0/8"))
    assert addresses.of(come_from(address, x_forwarded_for=forwarded)) == found


def test_near_is_this_machine_or_a_trusted_network_without_a_doubt() -> None:
    addresses = Addresses(**networks(proxies="10.0.0.0/8", trusted="192.168.0.0/16"))
    assert addresses.is_near(come_from("127.0.0.1"))
    assert addresses.is_near(come_from("::1"))
    assert addresses.is_near(come_from("192.168.3.4"))
    assert addresses.is_near(come_from("10.0.0.1", x_forwarded_for="192.168.3.4"))
    assert not addresses.is_near(come_from("192.0.2.1"))
    assert not addresses.is_near(come_from("10.0.0.1", x_forwarded_for="192.0.2.1"))
    for said in ("", "10.0.0.2", "unknown, 10.0.0.2", "127.0.0.1", "::1"):
        assert not addresses.is_near(come_from("10.0.0.1", x_forwarded_for=said)), said
    assert addresses.is_near(come_from("::ffff:127.0.0.1"))
    for header in ("x_forwarded_for", "forwarded", "via", "x_real_ip"):
        assert not addresses.is_near(come_from("127.0.0.1", **{header: "127.0.0.1"})), header


def test_a_proxy_that_does_not_say_for_whom_is_not_near() -> None:
    assert not Addresses(**networks(proxies="127.0.0.1")).is_near(come_from("127.0.0.1"))


def test_an_ipv4_address_is_that_on_a_socket_of_ipv6() -> None:
    addresses = Addresses(**networks(proxies="10.0.0.0/8"))
    assert addresses.of(come_from("::ffff:192.0.2.1")) == "192.0.2.1"
    assert addresses.of(come_from("::ffff:10.0.0.1", x_forwarded_for="192.0.2.1")) == "192.0.2.1"


async def test_an_open_hub_is_open_to_who_is_near_only(doors: Doors) -> None:
    for address, status in {"127.0.0.1": 200, "192.0.2.1": 401}.items():
        answer = await doors.client(address).post("/getUserConfs", json={"id": "mia", "appid": "demo"})
        assert answer.status_code == status
    answer = await doors.client(X_Forwarded_For="127.0.0.1").post("/ping", json={})
    assert answer.status_code == 200
    answer = await doors.client(**{"X-Forwarded-For": "127.0.0.1"}).post("/ping", json={})
    assert answer.status_code == 401


async def test_an_open_hub_makes_no_credential_that_outlasts_it(doors: Doors) -> None:
    for operation, params in {"createKey": {"admin": True}, "getKeys": {}, "rotateTokens": {}}.items():
        assert (await doors.post(operation, **params))["error"]["name"] == "not_allowed"
    id = (await doors.create())["id"]
    assert (await doors.post("createToken", id=id, uid="mia"))["status"] == 1


async def test_two_credentials_are_none(doors: Doors) -> None:
    key = await new_key(doors, "demo")
    headers = [("Authorization", f"Bearer {key}"), ("Authorization", "Bearer x")]
    assert (await doors.http.post("/ping", json={}, headers=headers[:1])).status_code == 200
    assert (await doors.http.post("/ping", json={}, headers=headers)).status_code == 401


# Guesses and caps ----------------------------------------------------------------------------------------------------


async def test_after_a_hundred_guesses_an_address_is_slowed_and_nobody_else(doors: Doors) -> None:
    key = await new_key(doors, "demo")
    guesser = doors.client("192.0.2.1", "guess")
    statuses = [(await guesser.post("/ping", json={})).status_code for _ in range(101)]
    assert statuses == [401] * 100 + [429]
    refused = await guesser.post("/ping", json={})
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["data"]["retry_after_ms"] > 0
    assert (await doors.client("192.0.2.1", key).post("/ping", json={})).status_code == 200
    assert (await doors.client("192.0.2.2", "guess").post("/ping", json={})).status_code == 401


async def test_reminders_are_capped_for_each_app(doors: Doors) -> None:
    first, second = [doors.client(credential=await new_key(doors, app)) for app in ("demo", "other")]
    for _ in range(NOTICES_AT_ONCE):
        assert (await first.post("/sendNotice", json={"mps": "13800000001"})).status_code == 200
    refused = await first.post("/sendNotice", json={"mps": "13800000001"})
    assert (refused.status_code, refused.json()["error"]["name"]) == (429, "too_many")
    assert 0 < refused.json()["error"]["data"]["retry_after_ms"] <= 3000
    assert (await second.post("/sendNotice", json={"mps": "13800000001"})).status_code == 200


async def test_a_person_has_a_share_by_whatever_way_and_an_app_has_none(doors: Doors) -> None:
    """Also of what they do not want to hear: nobody else is to wait for it."""
    app = doors.client(credential=await new_key(doors, "demo"))
    id = (await app.post("/createConf", json={"id": "mia"})).json()["id"]
    await app.post("/joinConf", json={"id": id, "uid": "mia", "users": [{"id": str(n)} for n in range(1000)]})
    token = (await app.post("/createToken", json={"id": id, "uid": "eva", "role": "listener"})).json()["token"]
    person = doors.client(credential=token)
    request = {"jsonrpc": "2.0", "method": "getConfUsers", "params": {"id": id}}
    assert (await person.post("/rpc", json=[request] * 100)).status_code == 204
    refused = await person.post("/getConfUsers", json={"id": id})
    assert (refused.status_code, refused.json()["error"]["name"]) == (429, "too_many")
    for _ in range(50):
        assert (await app.post("/getConfUsers", json={"id": id})).status_code == 200


# Callbacks -----------------------------------------------------------------------------------------------------------


async def test_two_callback_secrets_are_live(doors: Doors) -> None:
    for secret in SECRETS:
        assert (await doors.http.post(f"/callbacks/yuntongxun/{secret}/stop")).status_code == 200
    assert (await doors.http.post("/callbacks/yuntongxun/a-secret-before-those/stop")).status_code == 404


class TestCallbackNetworks:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return networks(callback_networks="203.0.113.0/24", proxies="127.0.0.1")

    @pytest.mark.parametrize(
        ("address", "forwarded", "status"),
        [
            ("203.0.113.5", "", 200),
            ("192.0.2.1", "", 403),
            ("192.0.2.1", "203.0.113.5", 403),
            ("127.0.0.1", "203.0.113.5", 200),
            ("127.0.0.1", "192.0.2.1", 403),
        ],
    )
    async def test_they_come_from_where_they_may(self, doors: Doors, address: str, forwarded: str, status: int) -> None:
        http = doors.client(address, **({"X-Forwarded-For": forwarded} if forwarded else {}))
        assert (await http.post(f"/callbacks/yuntongxun/{SECRETS[0]}/stop")).status_code == status
        assert (await http.post("/callbacks/yuntongxun/another-secret-16/stop")).status_code == 404
