"""The control API: looking at the world and taking a hand in it."""

from __future__ import annotations

from typing import Any

import pytest

from hub.simulator.control import SIGHTS
from hub.simulator.numbers import RESULTS
from tests.simulator.doubles import Application, Client


async def test_nothing_without_the_token(client: Client) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": client.token}):
        for method, name in (("GET", "calls"), ("POST", "delete"), ("POST", "play")):
            answer = await client.http.request(method, f"/control/{name}", headers=headers)
            assert (answer.status_code, list(answer.json())) == (401, ["error"])


async def test_the_world_is_there_to_be_seen(client: Client) -> None:
    confid = await client.create(maxmember="5", autorecord="true")
    inside = await client.enter(confid, "1")
    ringing = await client.ring(confid, "9006")
    (conference,) = await client.look("conferences")
    assert conference.pop("created").isdecimal()
    assert conference == {
        **{"confid": confid, "state": "running", "members": 1, "maxmember": 5},
        **{"recording": True, "playing": False},
    }
    calls = await client.look("calls")
    assert all(len(call.pop("since")) == 14 for call in calls)
    common = {"confid": confid, "muted": False, "paused": False, "host": False}
    assert calls == [
        {"callid": inside, "number": "1", "state": "inside", **common},
        {"callid": ringing, "number": "9006", "state": "ringing", **common},
    ]
    assert [await client.look(name) for name in SIGHTS if name not in ("conferences", "calls")] == [[], []]


async def test_a_ringing_call_is_answered(client: Client, application: Application) -> None:
    await client.ring(await client.create(), "9002")
    await client.control("answer", number="9002")
    await application.until("join-1", "invite-1")


@pytest.mark.parametrize("cause", RESULTS)
async def test_a_ringing_call_fails(client: Client, application: Application, cause: str) -> None:
    callid = await client.ring(await client.create(), "9006")
    assert await client.control("fail", number=callid, **{"as": cause}) == {"callid": callid}
    (fields,) = await application.until("invite-1")
    assert fields["result"] == RESULTS[cause]


async def test_of_several_calls_the_newest_is_meant(client: Client, application: Application) -> None:
    confid = await client.create()
    _, newest = [await client.ring(confid, "9006") for _ in range(2)]
    assert await client.control("fail", number="9006") == {"callid": newest}
    (fields,) = await application.until("invite-1")
    assert fields["result"] == RESULTS["busy"]


async def test_somebody_hangs_up_or_rejects(client: Client, application: Application) -> None:
    confid = await client.create()
    await client.enter(confid, "1")
    await client.ring(confid, "2", action="rejected")
    await client.control("hangup", number="2")
    await client.control("hangup", number="1")
    _, rejected, *_ = await application.until("join", "rejected", "quit", "stop")
    assert rejected["result"] == RESULTS["rejected"]


async def test_somebody_dials_in(client: Client, application: Application) -> None:
    """Into the newest conference, unless one is named; not into a full one."""
    first, second = await client.create(), await client.create(maxmember="3")
    await client.control("dial-in", number="1")
    for number in ("2", "3"):
        await client.control("dial-in", number=number, confid=second)
    full = await client.try_control("dial-in", number="4")
    assert (full.status_code, full.json()) == (400, {"error": f"conference {second} is full"})
    await client.control("dial-in", number="5", confid=first)
    await application.until_any_order(*["join"] * 4)
    assert [call["confid"] for call in await client.look("calls")] == [second, second, second, first]


async def test_the_platform_deletes_a_conference(client: Client, application: Application) -> None:
    first, second = await client.create(), await client.create(autohangup="true")
    await client.enter(second)
    assert await client.control("delete") == {"confid": second}
    assert await client.control("delete", confid=first) == {"confid": first}
    await application.until_any_order("join", "stop", "stop")


@pytest.mark.parametrize(
    ("name", "order", "status", "sentence"),
    [
        ("answer", {"number": "1"}, 404, "no call of 1 is ringing"),
        ("hangup", {"number": "1"}, 404, "no call of 1 is ringing or inside"),
        ("dial-in", {"number": "1"}, 404, "no conference is running"),
        ("delete", {"confid": "7"}, 404, "no conference 7 is running"),
        ("mend", {"name": "gremlins"}, 404, "there is no fault 'gremlins'"),
        ("fault", {"name": "gremlins"}, 400, "there is no fault 'gremlins'"),
        ("fault", {"name": "answer_500", "nth": 0}, 400, "$.nth"),
        ("fault", {"name": "answer_500", "nth": 1, "probability": 1}, 400, "not both"),
        ("fault", {"name": "answer_500", "probability": 2}, 400, "$.probability"),
        ("answer", {}, 400, "number"),
        ("answer", {"number": 1}, 400, "$.number"),
        ("answer", {"number": "1", "why": "x"}, 400, "why"),
        ("fail", {"number": "1", "as": "bored"}, 400, "$.as"),
    ],
)
async def test_an_order_that_cannot_be_carried_out(
    client: Client, name: str, order: dict[str, Any], status: int, sentence: str
) -> None:
    answer = await client.try_control(name, **order)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(("method", "path"), [("POST", "answr"), ("GET", "answer"), ("POST", "calls"), ("GET", "")])
async def test_an_order_that_there_is_not(client: Client, method: str, path: str) -> None:
    """Not in the words of the platform, which answers everything else that is unknown."""
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {client.token}"}, 404)):
        answer = await client.http.request(method, f"/control/{path}", headers=headers)
        assert (answer.status_code, list(answer.json())) == (status, ["error"])


@pytest.mark.parametrize("body", ["[]", "{", "x"])
async def test_an_order_is_an_object(client: Client, body: str) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = await client.http.post("/control/delete", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "the body must be a JSON object"})
