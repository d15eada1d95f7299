from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub.api.jsonrpc import MAX_BATCH, MAX_REPLIES, respond
from hub.errors import UnknownConference
from hub.push.limits import MAX_MESSAGE


async def call(method: str, params: Mapping[str, Any]) -> Any:
    if method == "fail":
        raise UnknownConference("no conference 1")
    return [method, dict(params)]


async def answer(message: str | bytes) -> Any:
    reply = await respond(message.encode() if isinstance(message, str) else message, call)
    return None if reply is None else json.loads(reply)


def request(method: str) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"method":"%s"}' % method.encode()


def code(reply: Any) -> Any:
    return reply["id"], reply["error"]["code"]


@pytest.mark.parametrize("id", ["1", '"1"', "1.5", "null", "-7", '""', "123456789012345678901234567890"])
async def test_an_id_comes_back_as_it_was(id: str) -> None:
    reply = await respond(b'{"jsonrpc":"2.0","id":%s,"method":"echo"}' % id.encode(), call)
    assert reply == b'{"jsonrpc":"2.0","id":%s,"result":["echo",{}]}' % id.encode()


@pytest.mark.parametrize("id", ["true", "{}", "[]"])
async def test_what_is_no_id_is_refused(id: str) -> None:
    assert code(await answer(f'{{"jsonrpc":"2.0","id":{id},"method":"echo"}}')) == (None, -32600)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"jsonrpc":"2.0","id":1}', (1, -32600)),
        ('{"jsonrpc":"2.0","id":1,"method":1}', (1, -32600)),
        ('{"jsonrpc":"1.0","id":1,"method":"echo"}', (1, -32600)),
        ('{"id":1,"method":"echo"}', (1, -32600)),
        ('{"jsonrpc":"2.0","id":1,"method":"echo","params":"x"}', (1, -32600)),
        ('{"jsonrpc":"2.0","id":1,"method":"echo","params":null}', (1, -32600)),
        ('{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}', (1, -32602)),
        ('{"jsonrpc":"2.0","id":1,"method":"fail"}', (1, 1001)),
        ("1", (None, -32600)),
        ("null", (None, -32600)),
        ("[]", (None, -32600)),
        ("", (None, -32700)),
        ("{", (None, -32700)),
        ("[1,", (None, -32700)),
        ('{"jsonrpc":"2.0","id":NaN,"method":"echo"}', (None, -32700)),
        ("1" * 5000, (None, -32700)),
        ("1e400", (None, -32700)),
        ("[" * 100_000, (None, -32700)),
        ("\ufeff{}", (None, -32700)),
        (b'"\xff"', (None, -32700)),
        ('"\\ud800"', (None, -32700)),
        ('{"jsonrpc":"2.0","id":1,"id":2,"method":"echo"}', (None, -32700)),
        ('{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":[{"b":1,"\\u0062":1}]}}', (None, -32700)),
    ],
)
async def test_what_is_wrong_is_said(message: str | bytes, expected: tuple[Any, int]) -> None:
    assert code(await answer(message)) == expected


async def test_a_batch_is_answered_in_order_and_a_bad_item_fails_alone() -> None:
    one, two = (f'{{"jsonrpc":"2.0","id":{id},"method":"echo"}}' for id in (1, 2))
    note = '{"jsonrpc":"2.0","method":"fail"}'
    replies = await answer(f"[{one},1,{note},{two}]")
    assert [reply.get("id") for reply in replies] == [1, None, 2]
    assert replies[1]["error"]["code"] == -32600


@pytest.mark.parametrize("method", ["echo", "fail"])
async def test_a_notification_is_never_answered(method: str) -> None:
    note = f'{{"jsonrpc":"2.0","method":"{method}"}}'
    assert await answer(note) is None
    assert await answer(f"[{note},{note}]") is None
    assert await answer('{"jsonrpc":"2.0","method":"echo","params":[1]}') is None


@pytest.mark.parametrize(
    ("message", "limit", "of"),
    [(b"[" * 65 + b"]" * 65, 64, "depth"), (b"[" * 100_000, 64, "depth"), (b" " * (MAX_MESSAGE + 1), 2**20, "message")],
)
async def test_size_and_depth_have_limits_that_are_named(message: bytes, limit: int, of: str) -> None:
    said = (await answer(message))["error"]["data"]
    assert (said["limit"], said["of"]) == (limit, of)


async def test_what_cannot_be_encoded_fails_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def odd(method: str, params: Mapping[str, Any]) -> Any:
        return object() if method == "odd" else method

    replies = json.loads(await respond(b"[" + b",".join(map(request, ("fine", "odd", "fine"))) + b"]", odd) or b"")
    assert [reply.get("result") or reply["error"]["code"] for reply in replies] == ["fine", -32603, "fine"]
    assert "a reply could not be encoded" in caplog.text


async def test_a_batch_is_executed_only_until_its_replies_reach_their_limit() -> None:
    executed = []

    async def verbose(method: str, params: Mapping[str, Any]) -> Any:
        executed.append(method)
        return "x" * (MAX_REPLIES // 2)

    note = b'{"jsonrpc":"2.0","method":"note"}'
    batch = [request("one"), request("two"), request("three"), b"7", note, request("four")]
    replies = json.loads(await respond(b"[" + b",".join(batch) + b"]", verbose) or b"")
    assert executed == ["one", "two"]
    assert [reply["error"]["code"] for reply in replies[2:]] == [1413, -32600, 1413]
    assert replies[2]["error"]["data"] == {"name": "too_large", "limit": MAX_REPLIES, "of": "replies"}


async def test_a_batch_has_a_limit_that_is_named() -> None:
    reply = await answer("[" + ",".join(["1"] * (MAX_BATCH + 1)) + "]")
    assert code(reply) == (None, -32600)
    assert reply["error"]["data"] == {"name": "invalid_request", "limit": MAX_BATCH, "of": "batch"}
