"""Idempotency keys: whatever is sent again is done once, is answered as it was, and is nobody else's."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.api.effects import Effect
from hub.api.idempotency import KEPT, LONGEST, Once
from hub.api.registry import REGISTRY
from hub.app import now
from hub.errors import HubError, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from tests.api.conftest import Doors, dumped, error_of, new_key
from tests.doubles import eventually

ADA = "13800000001"
MIA = {"id": "mia", "appid": "demo"}
REPLAYED = "idempotency-replayed"

Answer = tuple[int, bytes]
"""HTTP status and body."""


class Door:
    """One of the two, by which an operation is sent with a key."""

    def __init__(self, doors: Doors, name: str) -> None:
        self.doors = doors
        self.name = name

    async def send(
        self, operation: str, key: str, by: httpx.AsyncClient | None = None, **params: Any
    ) -> httpx.Response:
        said = params if self.name == "post" else request(operation, **params)
        path = operation if self.name == "post" else "rpc"
        return await (by or self.doors.http).post(f"/{path}", json=said, headers={"Idempotency-Key": key})


@pytest.fixture(params=["post", "rpc"])
def door(request: pytest.FixtureRequest, doors: Doors) -> Door:
    return Door(doors, request.param)


def request(operation: str, number: Any = 1, /, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": operation, "params": params}


def of(response: httpx.Response) -> Answer:
    return response.status_code, response.content


def is_replay(response: httpx.Response) -> bool:
    return response.headers.get(REPLAYED) == "true"


def error_name(response: httpx.Response) -> str:
    """Of an answer from either door, or "ok"."""
    return error_of(response.json())[1] if "error" in response.json() else "ok"


def new_id(response: httpx.Response) -> str:
    """Of the conference that was created, from either door."""
    answer = response.json()
    return str(answer.get("result", answer)["id"])


def asked(doors: Doors, what: str) -> int:
    return [ask for ask, *_ in doors.provider.asked].count(what)


def stored(doors: Doors) -> list[tuple[str, int | None]]:
    """(key, HTTP status) of every claim in the database."""
    with closing(sqlite3.connect(doors.path)) as file:
        return file.execute("SELECT key, status FROM claims ORDER BY rowid").fetchall()


async def until_asked(doors: Doors, what: str, times: int = 1) -> None:
    async def is_so() -> bool:
        return asked(doors, what) >= times

    await eventually(is_so)


# Again ---------------------------------------------------------------------------------------------------------------


async def test_a_second_time_it_is_only_answered(door: Door) -> None:
    first = await door.send("createConf", "k", **MIA)
    second = await door.send("createConf", "k", **MIA)
    assert (is_replay(first), is_replay(second)) == (False, True)
    assert of(first) == of(second)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert door.doors.provider.asked == [("create",)]


async def test_nobody_is_called_a_second_time(door: Door) -> None:
    """Not even somebody who has hung up since: without the key that is a new call."""
    doors = door.doors
    who = await doors.create()
    first = await door.send("inviteConf", "k", **who, users=[{"number": ADA}])
    await doors.until(who, ADA, "dialing")
    (leg,) = [about[0] for what, *about in doors.provider.asked if what == "dial"]
    await doors.call_back(f"join-{leg}", confid=who["id"], callid="call", number=ADA)
    await doors.call_back("quit", confid=who["id"], callid="call", number=ADA)
    assert (await doors.rows(who))[0]["progress"] == "left"
    events = await doors.events(who)
    assert of(await door.send("inviteConf", "k", **who, users=[{"number": ADA}])) == of(first)
    assert (await doors.events(who), asked(doors, "dial")) == (events, 1)
    await doors.post("inviteConf", **who, users=[{"number": ADA}])
    await doors.until(who, ADA, "dialing")
    assert asked(doors, "dial") == 2


async def test_a_retry_is_in_the_audit_once(door: Door) -> None:
    for _ in range(3):
        await door.send("createConf", "k", **MIA)
    entries = (await door.doors.post("getAudit"))["entries"]
    assert [entry["operation"] for entry in entries] == ["createConf"]


async def test_the_same_json_is_the_same_request_however_it_is_written(doors: Doors) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    ways = [b'{"id":"mia","appid":"demo"}', b' { "appid" : "demo",\n "id" : "\\u006dia" } ']
    first, second = [await doors.http.post("/createConf", content=body, headers=headers) for body in ways]
    assert (of(first), is_replay(second)) == (of(second), True)


async def test_another_body_is_a_mismatch_and_changes_nothing(door: Door) -> None:
    await door.send("createConf", "k", **MIA)
    other = await door.send("createConf", "k", **MIA | {"name": "Other"})
    assert (error_name(other), is_replay(other)) == ("idempotency_mismatch", False)
    assert other.status_code == (409 if door.name == "post" else 200)
    assert door.name == "post" or other.json()["id"] == 1
    assert asked(door.doors, "create") == 1
    assert error_name(await door.send("createConf", "k", **MIA)) == "ok"


async def test_another_operation_is_a_mismatch(door: Door) -> None:
    who = await door.doors.create()
    await door.send("joinConf", "k", **who, users=[{"id": "ada", "number": ADA}])
    other = await door.send("inviteConf", "k", **who, users=[{"id": "ada", "number": ADA}])
    assert error_name(other) == "idempotency_mismatch"
    assert asked(door.doors, "dial") == 0


async def test_the_doors_are_two_requests(doors: Doors) -> None:
    await Door(doors, "post").send("createConf", "k", **MIA)
    assert error_name(await Door(doors, "rpc").send("createConf", "k", **MIA)) == "idempotency_mismatch"


async def test_what_changes_nothing_is_remembered_as_well(door: Door) -> None:
    """Nothing is written but the claim, and it has its answer at once."""
    who = await door.doors.create()
    first = await door.send("muteConf", "k", **who, users=[])
    assert (error_name(first), stored(door.doors)) == ("ok", [("k", 200)])
    assert of(await door.send("muteConf", "k", **who, users=[])) == of(first)


async def test_a_reminder_is_sent_once(door: Door) -> None:
    answers = [await door.send("sendNotice", "k", mps=f"{ADA},13800000002") for _ in range(2)]
    assert of(answers[0]) == of(answers[1])
    assert asked(door.doors, "remind") == 1


async def test_after_a_day_the_key_is_as_good_as_new(door: Door) -> None:
    once: Once = door.doors.app.state.once
    await door.send("createConf", "k", **MIA)
    once._now = lambda: now() + KEPT - timedelta(minutes=1)
    assert is_replay(await door.send("createConf", "k", **MIA))
    once._now = lambda: now() + KEPT
    again = await door.send("createConf", "k", **MIA | {"name": "Other"})
    assert (error_name(again), is_replay(again), asked(door.doors, "create")) == ("ok", False, 2)


# What is an answer, and what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [ProviderRefused("no", statusCode="1"), OutcomeUnknown("no answer"), RuntimeError("a bug")]
)
async def test_an_error_that_is_an_answer_is_given_again(door: Door, error: Exception) -> None:
    door.doors.provider.fails["create"] = error
    first = await door.send("createConf", "k", **MIA)
    door.doors.provider.fails.clear()
    second = await door.send("createConf", "k", **MIA)
    assert (of(first), error_name(first) != "ok", is_replay(second)) == (of(second), True, True)
    assert asked(door.doors, "create") == 1


async def test_so_is_one_that_was_found_in_the_conference(door: Door) -> None:
    who = await door.doors.create()
    await door.doors.post("stopConf", **who)
    for key, answer, id in (("a", "conference_ended", who["id"]), ("b", "unknown_conference", "99")):
        answers = [await door.send("callAllConf", key, **who | {"id": id}) for _ in range(2)]
        assert [(error_name(each), is_replay(each)) for each in answers] == [(answer, False), (answer, True)]


async def test_what_was_certainly_not_done_is_done_by_the_next(door: Door) -> None:
    door.doors.provider.fails["create"] = ProviderUnreachable("away")
    assert error_name(await door.send("createConf", "k", **MIA)) == "provider_unreachable"
    assert stored(door.doors) == []
    door.doors.provider.fails.clear()
    again = await door.send("createConf", "k", **MIA)
    assert (error_name(again), is_replay(again)) == ("ok", False)
    assert is_replay(await door.send("createConf", "k", **MIA))


async def test_what_was_refused_before_it_ran_may_be_put_right(door: Door) -> None:
    who = await door.doors.create()
    for params in ({"users": 1}, {"users": [{"name": "nobody"}]}):
        assert error_name(await door.send("joinConf", "k", **who, **params)) == "invalid_params"
    right = await door.send("joinConf", "k", **who, users=[{"id": "ada"}])
    assert (error_name(right), is_replay(right)) == ("ok", False)


async def test_of_several_failures_one_that_may_be_a_deed_is_the_answer(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the second half of the reminders would go out twice."""
    errors: list[HubError] = [ProviderUnreachable("away"), OutcomeUnknown("no answer")]

    async def remind(numbers: Sequence[str]) -> str:
        raise errors.pop(0)

    monkeypatch.setattr(doors.provider, "remind", remind)
    answers = [await Door(doors, "post").send("sendNotice", "k", mps="1,2,3,4") for _ in range(2)]
    assert [(error_name(each), is_replay(each)) for each in answers] == [
        ("outcome_unknown", False),
        ("outcome_unknown", True),
    ]


# At the same time ----------------------------------------------------------------------------------------------------


async def test_of_fifty_twins_one_is_done_and_all_are_answered(door: Door) -> None:
    door.doors.provider.may_answer.clear()
    twins = [asyncio.create_task(door.send("createConf", "k", **MIA)) for _ in range(50)]
    await until_asked(door.doors, "create")
    other = await door.send("createConf", "k", **MIA | {"name": "Other"})
    assert error_name(other) == "idempotency_mismatch"
    door.doors.provider.may_answer.set()
    answers = await asyncio.gather(*twins)
    assert {of(answer) for answer in answers} == {of(answers[0])}
    assert error_name(answers[0]) == "ok"
    assert sorted(map(is_replay, answers)) == [False] + [True] * 49
    assert asked(door.doors, "create") == 1


async def test_where_the_first_did_nothing_exactly_one_goes_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    doors = door.doors
    create, fails, may_fail = doors.provider.create_conference, [ProviderUnreachable("away")], asyncio.Event()

    async def create_conference(*, reserved: bool) -> Any:
        if fails:
            await may_fail.wait()
            raise fails.pop()
        return await create(reserved=reserved)

    monkeypatch.setattr(doors.provider, "create_conference", create_conference)
    first = asyncio.create_task(door.send("createConf", "k", **MIA))
    twins = [asyncio.create_task(door.send("createConf", "k", **MIA)) for _ in range(9)]
    may_fail.set()
    assert error_name(await first) == "provider_unreachable"
    answers = await asyncio.gather(*twins)
    assert sorted(map(is_replay, answers)) == [False] + [True] * 8
    assert ({of(answer) for answer in answers}, asked(doors, "create")) == ({of(answers[0])}, 1)


async def test_one_that_was_cut_off_is_not_done_again(door: Door) -> None:
    """Neither by those who were waiting, nor by who comes later, nor after a restart."""
    door.doors.provider.may_answer.clear()
    first, twin = [asyncio.create_task(door.send("createConf", "k", **MIA)) for _ in range(2)]
    await until_asked(door.doors, "create")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    later = await door.send("createConf", "k", **MIA)
    door.doors.app.state.once = Once(door.doors.store, door.doors.conferences.submit, now)
    restarted = await door.send("createConf", "k", **MIA)
    assert [error_name(each) for each in (await twin, later, restarted)] == ["outcome_unknown"] * 3
    assert "the hub stopped before" in restarted.text
    assert (asked(door.doors, "create"), stored(door.doors)) == (1, [("k", None)])
    assert error_name(await door.send("createConf", "k", **MIA | {"name": "Other"})) == "idempotency_mismatch"


# Keys ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "  ", "x" * (LONGEST + 1), "tab\there", "caf\xe9", "\x7f"])
async def test_what_cannot_be_a_key_is_refused(door: Door, key: str) -> None:
    for operation in ("createConf", "getUserConfs"):
        answer = await door.send(operation, key.encode("latin-1"), **MIA)  # type: ignore[arg-type]
        assert error_of(answer.json()) == (-32602, "invalid_params")
        assert answer.json()["error"]["data"]["path"] == "Idempotency-Key"
        assert answer.status_code == (400 if door.name == "post" else 200)
    assert door.doors.provider.asked == []


async def test_two_keys_are_no_key(doors: Doors) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    answer = await doors.http.post("/createConf", json=MIA, headers=headers)
    assert (answer.status_code, answer.json()["error"]["data"]["path"]) == (400, "Idempotency-Key")


async def test_the_longest_key_is_one_and_blanks_around_it_are_none_of_it(door: Door) -> None:
    key = '"' + "~" * (LONGEST - 3) + " !"
    answers = [await door.send("createConf", way, **MIA) for way in (key, f" {key} ")]
    assert list(map(is_replay, answers)) == [False, True]


class TestScope:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"auth": "keys"}

    @pytest.fixture
    async def app(self, doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
        async with doors.client(credential=await new_key(doors, "demo")) as http:
            yield http

    async def test_apps_have_their_own_and_the_keys_of_one_share_theirs(
        self, door: Door, app: httpx.AsyncClient
    ) -> None:
        other = door.doors.client(credential=await new_key(door.doors, "other"))
        newer = door.doors.client(credential=await new_key(door.doors, "demo"))
        admin = door.doors.client(credential=await new_key(door.doors, None))
        answers = [
            await door.send("createConf", "k", by, id="mia", **appid)
            for by, appid in ((app, {}), (other, {}), (newer, {}), (admin, {"appid": "demo"}))
        ]
        assert list(map(is_replay, answers)) == [False, False, True, False]
        assert len({new_id(answer) for answer in answers}) == 3

    async def test_roles_and_people_and_their_conferences_have_their_own(
        self, door: Door, app: httpx.AsyncClient
    ) -> None:
        ids = [(await app.post("/createConf", json={"id": "mia"})).json()["id"] for _ in range(2)]

        async def token(id: str, uid: str, role: str) -> httpx.AsyncClient:
            made = await app.post("/createToken", json={"id": id, "uid": uid, "role": role})
            return door.doors.client(credential=made.json()["token"])

        async def ask(by: httpx.AsyncClient, **params: Any) -> tuple[str, bool]:
            answer = await door.send("joinConf", "k", by, id=ids[0], users=[{"id": "ada"}], **params)
            return error_name(answer), is_replay(answer)

        first, renewed = [await token(ids[0], "eva", "moderator") for _ in range(2)]
        assert [await ask(first), await ask(renewed)] == [("ok", False), ("ok", True)]
        assert await ask(await token(ids[0], "eva", "owner")) == ("ok", False)
        assert await ask(await token(ids[0], "noa", "moderator")) == ("ok", False)
        assert await ask(await token(ids[1], "eva", "moderator")) == ("unknown_conference", False)
        assert await ask(await token(ids[0], "eva", "listener")) == ("not_allowed", False)
        assert await ask(app, uid="eva") == ("ok", False)

    async def test_whoever_has_lost_their_credential_is_told_nothing(self, door: Door) -> None:
        key = await new_key(door.doors, "demo")
        by = door.doors.client(credential=key)
        assert error_name(await door.send("createConf", "k", by, id="mia")) == "ok"
        admin = door.doors.client(credential=await new_key(door.doors, None))
        assert (await admin.post("/revokeKey", json={"id": key.split("_")[1]})).json()["status"] == 1
        assert error_name(await door.send("createConf", "k", by, id="mia")) == "unauthenticated"

    async def test_a_rotation_is_made_once(self, door: Door) -> None:
        """A second one would send everybody away."""
        admin = door.doors.client(credential=await new_key(door.doors, None))
        before = await door.doors.store.signing_keys()
        answers = [await door.send("rotateTokens", "k", admin) for _ in range(2)]
        assert list(map(is_replay, answers)) == [False, True]
        assert set(before) < set(await door.doors.store.signing_keys())

    async def test_what_a_person_has_answered_again_is_of_their_share(self, door: Door, app: httpx.AsyncClient) -> None:
        id = (await app.post("/createConf", json={"id": "mia"})).json()["id"]
        token = (await app.post("/createToken", json={"id": id, "uid": "eva", "role": "moderator"})).json()["token"]
        by = door.doors.client(credential=token)
        for _ in range(1000):
            answer = await door.send("joinConf", "k", by, id=id, users=[])
            if error_name(answer) == "too_many":
                return
        pytest.fail("nobody was slowed")


# Storage -------------------------------------------------------------------------------------------------------------


async def test_while_nothing_can_be_stored_nothing_is_done_and_then_it_is(door: Door) -> None:
    who = await door.doors.create()
    sent: dict[str, dict[str, Any]] = {
        "createConf": MIA,
        "sendNotice": {"mps": ADA},
        "inviteConf": {**who, "users": [{"number": ADA}]},
        "muteConf": {**who, "users": []},
    }
    with door.doors.locked():
        for operation, params in sent.items():
            assert error_name(await door.send(operation, operation, **params)) == "storage_unavailable", operation
    assert door.doors.provider.asked == [("create",)]
    for operation, params in sent.items():
        again = await door.send(operation, operation, **params)
        assert (error_name(again), is_replay(again)) == ("ok", False), operation
    assert [asked(door.doors, what) for what in ("create", "remind")] == [2, 1]


async def test_a_claim_that_cannot_be_taken_back_binds_nobody(door: Door) -> None:
    """The conference could not be stored, so the platform's was given up again; the claim was stored before."""
    door.doors.provider.may_answer.clear()
    first = asyncio.create_task(door.send("createConf", "k", **MIA))
    await until_asked(door.doors, "create")
    with door.doors.locked():
        door.doors.provider.may_answer.set()
        assert error_name(await first) == "storage_unavailable"
    assert (asked(door.doors, "dismiss"), stored(door.doors)) == (1, [("k", None)])
    again = await door.send("createConf", "k", **MIA)
    assert (error_name(again), is_replay(again)) == ("ok", False)
    assert (is_replay(await door.send("createConf", "k", **MIA)), stored(door.doors)) == (True, [("k", 200)])


async def test_an_answer_that_cannot_be_stored_is_given_and_remembered(door: Door) -> None:
    door.doors.provider.may_answer.clear()
    first = asyncio.create_task(door.send("sendNotice", "k", mps=ADA))
    await until_asked(door.doors, "remind")
    with door.doors.locked():
        door.doors.provider.may_answer.set()
        assert error_name(await first) == "ok"
    assert stored(door.doors) == [("k", None)]
    again = await door.send("sendNotice", "k", mps=ADA)
    assert (of(again), is_replay(again)) == (of(await first), True)
    assert asked(door.doors, "remind") == 1


async def test_the_claim_is_stored_before_the_provider_is_asked(door: Door) -> None:
    who = await door.doors.create()
    callid = await door.doors.inside(who)
    door.doors.provider.may_answer.clear()
    sent = {
        "createConf": ("create", MIA),
        "sendNotice": ("remind", {"mps": ADA}),
        "muteConf": ("mute", {**who, "users": [{"callid": callid}]}),
    }
    for operation, (what, params) in sent.items():
        task = asyncio.create_task(door.send(operation, operation, **params))
        await until_asked(door.doors, what, 2 if what == "create" else 1)
        assert (operation, None) in stored(door.doors)
        door.doors.provider.may_answer.set()
        await task
        door.doors.provider.may_answer.clear()


# POST /rpc -----------------------------------------------------------------------------------------------------------


async def rpc(doors: Doors, body: Any, key: str = "k") -> httpx.Response:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return await doors.http.post("/rpc", content=dumped(body), headers=headers)


async def test_a_batch_is_one_request(doors: Doors) -> None:
    batch = [request("createConf", id, **MIA) for id in (1, 2)] + [request("getUserConfs", 3, **MIA)]
    first, second = [await rpc(doors, batch) for _ in range(2)]
    assert (of(first), is_replay(second), asked(doors, "create")) == (of(second), True, 2)
    assert [reply["id"] for reply in first.json()] == [1, 2, 3]
    assert error_name(await rpc(doors, batch[0])) == "idempotency_mismatch"


async def test_each_request_of_a_batch_is_told_of_a_mismatch(doors: Doors) -> None:
    await rpc(doors, request("createConf", **MIA))
    replies = (await rpc(doors, [request("createConf", id, **MIA) for id in ("a", None)])).json()
    assert [(reply["id"], *error_of(reply)) for reply in replies] == [
        ("a", 1010, "idempotency_mismatch"),
        (None, 1010, "idempotency_mismatch"),
    ]


async def test_the_id_is_part_of_the_request(doors: Doors) -> None:
    """A reply with the id of another request would be no reply to this one."""
    await rpc(doors, request("createConf", 1, **MIA))
    assert error_name(await rpc(doors, request("createConf", 2, **MIA))) == "idempotency_mismatch"


async def test_a_notification_is_carried_out_once(doors: Doors) -> None:
    notification = {"jsonrpc": "2.0", "method": "createConf", "params": MIA}
    first, second = [await rpc(doors, notification) for _ in range(2)]
    assert (of(first), of(second), is_replay(second)) == ((204, b""), (204, b""), True)
    assert asked(doors, "create") == 1


async def test_of_a_batch_that_was_done_in_part_nothing_is_done_again(doors: Doors) -> None:
    doors.provider.fails["remind"] = ProviderUnreachable("away")
    batch = [request("sendNotice", 1, mps=ADA), request("createConf", 2, **MIA)]
    first, second = [await rpc(doors, batch) for _ in range(2)]
    assert (of(first), is_replay(second), asked(doors, "create")) == (of(second), True, 1)
    assert ["error" in reply for reply in first.json()] == [True, False]


async def test_a_batch_in_which_nothing_was_done_runs_again(doors: Doors) -> None:
    doors.provider.fails["remind"] = ProviderUnreachable("away")
    batch = [request("getUserConfs", 1, **MIA), request("sendNotice", 2, mps=ADA), request("nothing", 3), 7]
    assert [is_replay(await rpc(doors, batch)) for _ in range(2)] == [False, False]
    assert (asked(doors, "remind"), stored(doors)) == (2, [])


async def test_a_batch_that_makes_credentials_takes_no_key(doors: Doors) -> None:
    who = await doors.create()
    batch = [request("stopConf", 1, **who), request("createToken", 2, id=who["id"], uid="eva")]
    replies = (await rpc(doors, batch)).json()
    assert [error_of(reply)[0] for reply in replies] == [-32602, -32602]
    assert replies[0]["error"]["data"]["path"] == "Idempotency-Key"
    assert (await doors.post("getConf", id=who["id"]))["state"] == "active"


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b'{"jsonrpc":"2.0","id":1,"method":[]}'])
async def test_what_is_no_request_is_answered_as_it_is_without_a_key(doors: Doors, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    without = await doors.http.post("/rpc", content=body, headers=headers)
    with_key = await doors.http.post("/rpc", content=body, headers=headers | {"Idempotency-Key": "k"})
    assert (of(with_key), is_replay(with_key)) == (of(without), False)


# Which operations are remembered -------------------------------------------------------------------------------------

REMEMBERED = {
    *("createConf", "stopConf", "joinConf", "inviteConf", "callAllConf", "quitConf", "muteConf", "unmuteConf"),
    *("redialConf", "cancelInvite", "removeUser", "settleUser", "modeConf"),
    *("pwdConf", "sendNotice", "revokeKey", "rotateTokens", "retryCallback"),
}
MAKE_CREDENTIALS = {"authenticate", "signIn", "createTicket", "createToken", "createKey", "getUser"}


def test_every_operation_says_what_doing_it_twice_would_do() -> None:
    by_effect = {
        effect: {name for name, operation in REGISTRY.items() if operation.effect is effect} for effect in Effect
    }
    reads = REGISTRY.keys() - REMEMBERED - MAKE_CREDENTIALS
    assert by_effect == {Effect.CHANGES: REMEMBERED, Effect.GRANTS: MAKE_CREDENTIALS, Effect.READS: reads}


async def test_what_only_reads_or_makes_credentials_is_not_remembered(door: Door) -> None:
    id = (await door.doors.create())["id"]
    told = {
        "getUser": MIA,
        "createToken": {"id": id, "uid": "eva"},
        "createTicket": {},
        "getConf": {"id": id},
        "ping": {},
    }
    for operation, params in told.items():
        answers = [await door.send(operation, "k", **params) for _ in range(2)]
        assert [(error_name(each), is_replay(each)) for each in answers] == [("ok", False)] * 2, operation
    assert stored(door.doors) == []


async def test_without_a_key_everything_is_done_each_time(doors: Doors) -> None:
    answers = [await doors.post("createConf", **MIA) for _ in range(2)]
    assert (len({answer["id"] for answer in answers}), stored(doors)) == (2, [])


async def test_a_password_is_in_no_claim(doors: Doors) -> None:
    who = await doors.create()
    await Door(doors, "post").send("pwdConf", "k", **who, pwd="a-secret-password")
    with closing(sqlite3.connect(doors.path)) as file:
        rows = json.dumps([list(map(str, row)) for row in file.execute("SELECT * FROM claims")])
    assert "a-secret-password" not in rows
