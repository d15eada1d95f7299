"""The published document: whole, valid, and true of what the hub says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.registry import REGISTRY
from tests.api.conftest import Doors
from tests.api.test_contract import ADA
from tests.api.test_errors import LIST
from tests.conftest import Start
from tests.published import Published


@pytest.fixture
async def document(doors: Doors) -> dict[str, Any]:
    result: dict[str, Any] = (await doors.rpc("rpc.discover"))["result"]
    return result


def every(name: str, value: Any) -> Iterator[Any]:
    """All values that stand under this name, at any depth."""
    if isinstance(value, dict):
        yield from [value[name]] if name in value else []
        value = list(value.values())
    for each in value if isinstance(value, list) else []:
        yield from every(name, each)


def found(reference: str, document: Any) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


async def test_both_doors_answer_with_the_same_document(doors: Doors, document: dict[str, Any]) -> None:
    assert await doors.post("rpc.discover") == {"status": 1, **document}


async def test_it_has_what_openrpc_requires_and_nothing_that_it_does_not_know(document: dict[str, Any]) -> None:
    assert document["openrpc"] == "1.3.2"
    assert document.keys() == {"openrpc", "info", "methods", "components", "x-notifications"}
    assert document["info"].keys() == {"title", "version", "description"}
    for method in document["methods"]:
        always = {"name", "summary", "paramStructure", "params", "result", "errors", "x-role"}
        assert method.keys() - {"x-socket"} == always
        assert method["result"].keys() == {"name", "schema"}
        assert method["paramStructure"] == "by-name"
        for param in method["params"]:
            assert param.keys() == {"name", "required", "schema"}
        required = [param["required"] for param in method["params"]]
        assert required == sorted(required, reverse=True), "OpenRPC wants the required ones first"
        names = [param["name"] for param in method["params"]]
        assert len(set(names)) == len(names)


async def test_it_has_every_operation_in_the_order_of_the_registry(document: dict[str, Any]) -> None:
    methods = document["methods"]
    assert [method["name"] for method in methods] == list(REGISTRY)
    assert {method["name"] for method in methods if method.get("x-socket")} == {
        "watchConf",
        "unwatchConf",
        "authenticate",
    }
    for method in methods:
        assert 10 < len(method["summary"]) <= 110, method["name"]
        assert method["summary"].endswith("."), method["name"]


async def test_it_has_every_error(document: dict[str, Any]) -> None:
    errors = document["components"]["errors"]
    assert {error["code"]: name for name, error in errors.items()} == {code: name for code, (name, _) in LIST.items()}
    assert all(error["message"] and error["data"] == {"name": name} for name, error in errors.items())


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = list(every("$ref", document))
    assert len(references) > 100
    for reference in references:
        assert found(reference, document), reference


async def test_every_schema_is_one_of_the_draft_that_openrpc_names(document: dict[str, Any]) -> None:
    schemas = [*document["components"]["schemas"].values(), *every("schema", document)]
    for schema in schemas:
        try:
            Draft7Validator.check_schema(schema)
        except SchemaError as error:
            pytest.fail(f"{schema}: {error.message}")


async def test_what_a_running_hub_says_is_as_published(start: Start) -> None:
    """A conference from its creation to its end: every operation, every notification."""
    hub = await start("--auth", "keys", "--speed", "10")
    published = Published(await hub.post("rpc.discover", credential=hub.admin_key))
    asked = set()

    async with hub.moderator().connected() as moderator:

        async def call(operation: str, **params: Any) -> Any:
            reply = await moderator.call(operation, **params)
            published.check_params(operation, params)
            published.check_result(operation, reply["result"])
            asked.add(operation)
            return reply["result"]

        await call("authenticate", token=hub.admin_key)
        id = (await call("createConf", id="mia", appid="demo", name="Call", pwd="1234"))["id"]
        who = {"id": id, "uid": "mia", "appid": "demo"}
        epoch = (await call("watchConf", id=id))["epoch"]
        await call("joinConf", **who, users=[{"id": "vip"}])
        await call("inviteConf", **who, users=[ADA, {"number": "13800009001"}, {"number": "nobody"}])
        events = await moderator.until(
            lambda events: {"participant.joined", "participant.failed"} <= {event["type"] for event in events}
        )
        calls = [event["participant"] for event in events if event["type"] == "participant.joined"]
        users = [{"callid": calls[0]["callid"]}, {"callid": "unknown"}]
        await call("muteConf", **who, users=users)
        await call("unmuteConf", **who, users=users)
        await call("callAllConf", **who)
        await call("pwdConf", **who, pwd="")
        await call("sendNotice", mps="13800000001, nobody")
        await call("getUser", id="ada", appid="demo")
        await call("modeConf", **who, muted="all")
        rows = (await call("getConfUsers", id=id))["users"]
        await call("redialConf", **who, target="all")
        await call("cancelInvite", **who, users=[])
        vip = {"key": rows[0]["key"]}
        await call("settleUser", **who, users=[{**vip, "progress": "joined"}])
        await call("settleUser", **who, users=[{**vip, "progress": "left"}])
        await call("removeUser", **who, users=[vip])
        await call("quitConf", **who, target="all")
        await call("stopConf", **who)
        await call("watchConf", id=id, epoch=epoch, seq=1)
        await call("getEvents", id=id, limit=1000)
        for operation in ("getConf", "getConfUsers", "unwatchConf"):
            await call(operation, id=id)
        await call("getUserConfs", id="mia", appid="demo")
        await call("ping")
        await call("rpc.discover")
        key = await call("createKey", admin=True)
        await call("signIn", key=key["key"], uid="mia")
        await call("createToken", id=id, uid="ada", role="listener", ttl=60)
        await call("createTicket")
        await call("getKeys")
        await call("revokeKey", id=key["id"])
        await call("rotateTokens")
        await call("getAudit", id=id)
        await call("getInbox", all=True)
        await call("retryCallback")
    for event in moderator.events:
        published.check_notification("event", event)
    assert asked == REGISTRY.keys()
