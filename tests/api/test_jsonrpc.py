"""What of the engine no message alone can show; all else is in tests/conformance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub.api.jsonrpc import MAX_REPLIES, Call, respond

NOTE = b'{"jsonrpc":"2.0","method":"note"}'


def request(method: str) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"method":"%s"}' % method.encode()


async def answer(batch: list[bytes], call: Call) -> Any:
    return json.loads(await respond(b"[" + b",".join(batch) + b"]", call) or b"null")


async def test_notifications_are_executed_and_in_their_place() -> None:
    executed = []

    async def call(method: str, params: Mapping[str, Any]) -> Any:
        executed.append(method)

    await answer([request("one"), NOTE, request("two")], call)
    assert executed == ["one", "note", "two"]


async def test_what_cannot_be_encoded_fails_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def call(method: str, params: Mapping[str, Any]) -> Any:
        return object() if method in ("odd", "note") else method

    replies = await answer([request("fine"), request("odd"), NOTE, request("fine")], call)
    assert [reply.get("result") or reply["error"]["code"] for reply in replies] == ["fine", -32603, "fine"]
    assert caplog.text.count("a reply could not be encoded") == 1


async def test_a_batch_is_executed_only_until_its_replies_reach_their_limit() -> None:
    executed = []

    async def call(method: str, params: Mapping[str, Any]) -> Any:
        executed.append(method)
        return "x" * (MAX_REPLIES // 2)

    batch = [request("one"), request("two"), request("three"), b"7", NOTE, request("four")]
    replies = await answer(batch, call)
    assert executed == ["one", "two"]
    assert [reply["error"]["code"] for reply in replies[2:]] == [1413, -32600, 1413]
    assert replies[2]["error"]["data"] == {"name": "too_large", "limit": MAX_REPLIES, "of": "replies"}
