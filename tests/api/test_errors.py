"""The closed list of errors: each is provoked at both doors, and looks the same at both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from hub.api.errors import http_error, http_status, rpc_error
from hub.errors import HubError, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from tests.api.conftest import Doors, dumped, error_of

LIST = {
    -32700: ("parse_error", 400),
    -32600: ("invalid_request", 400),
    -32601: ("method_not_found", 404),
    -32602: ("invalid_params", 400),
    -32603: ("internal_error", 500),
    1001: ("unknown_conference", 200),
    1002: ("not_allowed", 200),
    1003: ("conference_ended", 200),
    1004: ("unknown_target", 200),
    1005: ("provider_refused", 200),
    1006: ("provider_unreachable", 200),
    1007: ("outcome_unknown", 200),
    1008: ("roster_full", 200),
    1009: ("needs_socket", 200),
    1010: ("idempotency_mismatch", 409),
    1011: ("time_in_past", 200),
    1012: ("invalid_number", 200),
    1401: ("unauthenticated", 401),
    1403: ("forbidden_origin", 403),
    1413: ("too_large", 413),
    1429: ("too_many", 429),
    1503: ("storage_unavailable", 503),
}
"""Code: its name, and the HTTP status at the POST door."""

OF_CONNECTIONS = {1429}
"""What no single request provokes: tests/test_entrance.py does."""

JSON = {"content-type": "application/json"}
NO_HEADERS: dict[str, str] = {}


class Answer:
    """What a door said, read as that door speaks."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body: dict[str, Any] = response.json()

    @property
    def error(self) -> tuple[int, str]:
        return error_of(self.body)


class Door:
    """One of the two, by which an operation, or bytes, are sent."""

    def __init__(self, doors: Doors, name: str) -> None:
        self.doors = doors
        self.name = name

    async def send(self, operation: str, headers: Mapping[str, str] = NO_HEADERS, **params: Any) -> Answer:
        if self.name == "post":
            return await self.raw(dumped(params), path=operation, **headers)
        return await self.raw(dumped({"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}), **headers)

    async def raw(self, body: bytes, path: str = "getConf", **headers: str) -> Answer:
        path = path if self.name == "post" else "rpc"
        return Answer(await self.doors.http.post(f"/{path}", content=body, headers=JSON | headers))

    async def who(self) -> dict[str, str]:
        return await self.doors.create()


@pytest.fixture(params=["post", "rpc"])
def door(request: pytest.FixtureRequest, doors: Doors) -> Door:
    return Door(doors, request.param)


Provocation = Callable[[Door], Awaitable[Answer]]


async def parse_error(door: Door) -> Answer:
    return await door.raw(b"{")


async def invalid_request(door: Door) -> Answer:
    return await door.raw(b'"hello"')


async def method_not_found(door: Door) -> Answer:
    return await door.send("danceConf")


async def invalid_params(door: Door) -> Answer:
    return await door.send("getConf")


async def internal_error(door: Door) -> Answer:
    door.doors.provider.fails["create"] = RuntimeError("a bug, with a secret in its words")
    return await door.send("createConf", id="mia", appid="demo")


async def unknown_conference(door: Door) -> Answer:
    return await door.send("getConf", id="99")


async def conference_ended(door: Door) -> Answer:
    who = await door.who()
    await door.doors.post("stopConf", **who)
    return await door.send("callAllConf", **who)


async def unknown_target(door: Door) -> Answer:
    return await door.send("muteConf", **await door.who(), users=[{"callid": "nobody"}])


async def provider_refused(door: Door) -> Answer:
    door.doors.provider.fails["create"] = ProviderRefused("no", statusCode="110024", statusMsg="创建会议失败")
    return await door.send("createConf", id="mia", appid="demo")


async def provider_unreachable(door: Door) -> Answer:
    door.doors.provider.fails["remind"] = ProviderUnreachable("away")
    return await door.send("sendNotice", mps="13800000001")


async def outcome_unknown(door: Door) -> Answer:
    who = await door.who()
    callid = await door.doors.inside(who)
    door.doors.provider.fails["mute"] = OutcomeUnknown("no answer")
    return await door.send("muteConf", **who, users=[{"callid": callid}])


async def roster_full(door: Door) -> Answer:
    who = await door.who()
    await door.doors.post("joinConf", **who, users=[{"id": "ada"}, {"id": "bob"}])
    return await door.send("joinConf", **who, users=[{"id": "cyd"}])


async def needs_socket(door: Door) -> Answer:
    """A method of the socket has no path of its own, so both doors are one here."""
    return await Door(door.doors, "rpc").send("watchConf", id="1")


async def idempotency_mismatch(door: Door) -> Answer:
    key = {"Idempotency-Key": "k"}
    await door.send("createConf", key, id="mia", appid="demo")
    return await door.send("createConf", key, id="noa", appid="demo")


async def time_in_past(door: Door) -> Answer:
    return await door.send("createConf", id="mia", appid="demo", time="2020-01-01 12:00")


async def invalid_number(door: Door) -> Answer:
    return await door.send("inviteConf", **await door.who(), users=[{"number": "call me"}])


async def not_allowed(door: Door) -> Answer:
    who = await door.who()
    token = (await door.doors.post("createToken", id=who["id"], uid="mia", role="listener"))["token"]
    return await door.send("stopConf", {"Authorization": f"Bearer {token}"}, **who)


async def unauthenticated(door: Door) -> Answer:
    return await door.raw(b"{}", Authorization="Bearer nonsense")


async def forbidden_origin(door: Door) -> Answer:
    return await door.raw(b"{}", Origin="https://elsewhere.example")


async def too_large(door: Door) -> Answer:
    return await door.raw(b" " * (1024 * 1024 + 1))


async def storage_unavailable(door: Door) -> Answer:
    who = await door.who()
    with door.doors.locked():
        return await door.send("joinConf", **who, users=[{"id": "ada"}])


PROVOCATIONS: dict[int, Provocation] = {
    -32700: parse_error,
    -32600: invalid_request,
    -32601: method_not_found,
    -32602: invalid_params,
    -32603: internal_error,
    1001: unknown_conference,
    1002: not_allowed,
    1003: conference_ended,
    1004: unknown_target,
    1005: provider_refused,
    1006: provider_unreachable,
    1007: outcome_unknown,
    1008: roster_full,
    1009: needs_socket,
    1010: idempotency_mismatch,
    1011: time_in_past,
    1012: invalid_number,
    1401: unauthenticated,
    1403: forbidden_origin,
    1413: too_large,
    1503: storage_unavailable,
}

SAID_BEFORE_A_REQUEST_IS_READ = {1401, 1403, 1413}
"""These have their HTTP status on /rpc as well."""

TEMPORARY = {1006, 1429, 1503}


@pytest.fixture
def max_roster() -> int:
    return 2


@pytest.mark.parametrize("code", PROVOCATIONS)
async def test_every_error_is_provoked_at_both_doors(door: Door, code: int) -> None:
    answer = await PROVOCATIONS[code](door)
    name, status = LIST[code]
    assert answer.error == (code, name)
    by_rpc = "jsonrpc" in answer.body
    assert answer.status == (200 if by_rpc and code not in SAID_BEFORE_A_REQUEST_IS_READ else status)
    assert by_rpc or answer.body["status"] == 0
    assert answer.body["error"]["message"]


async def test_what_the_provider_said_is_told(door: Door) -> None:
    error = (await provider_refused(door)).body["error"]
    assert {"statusCode": "110024", "statusMsg": "创建会议失败"}.items() <= error["data"].items()


async def test_an_error_of_ours_tells_no_detail(door: Door) -> None:
    error = (await internal_error(door)).body["error"]
    assert (error["message"], set(error.get("data", {})) - {"name"}) == ("internal error", set())


@pytest.mark.parametrize("host", ["evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"])
async def test_a_foreign_name_that_leads_here_is_foreign(door: Door, host: str) -> None:
    answer = await door.raw(b"{}", Host=host, Origin=f"http://{host}")
    assert (answer.status, answer.error) == (403, (1403, "forbidden_origin"))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_a_page_of_this_machine_may_ask(door: Door, host: str) -> None:
    answer = await door.raw(b"{}", Host=host, Origin=f"http://{host}")
    assert answer.error[0] != 1403


async def test_when_nothing_can_be_stored_it_says_when_to_come_back(doors: Doors) -> None:
    assert (await storage_unavailable(Door(doors, "post"))).headers["retry-after"] == "1"


def test_the_list_is_closed() -> None:
    assert {error.code: error.name for error in raised()} == {code: name for code, (name, _) in LIST.items()}
    assert PROVOCATIONS.keys() == LIST.keys() - OF_CONNECTIONS


def test_every_error_looks_the_same_at_both_doors() -> None:
    for error in (kind("what went wrong", path="users[0]") for kind in raised()):
        by_post, by_rpc = http_error(error), rpc_error(error)
        assert by_post == {
            "code": by_rpc["code"],
            "name": by_rpc["data"].pop("name"),
            "message": by_rpc["message"],
            "data": by_rpc["data"],
        }
        assert http_status(error) == LIST[error.code][1]
        assert error.temporary is (error.code in TEMPORARY)


def raised() -> Iterator[type[HubError]]:
    """Every error there is, but for those that only stand above others."""
    todo = [HubError]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__name__ not in ("HubError", "ProviderError", "UnsupportedType"):
            yield kind
