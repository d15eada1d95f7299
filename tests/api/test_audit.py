"""The audit: every change, refusal and sign-in, with who, by what, from where, and what it changed."""

from __future__ import annotations

from typing import Any

import pytest

from hub.access.access import SIGN_INS_AT_ONCE
from hub.access.audit import REFUSALS_AT_ONCE
from tests.api.conftest import Doors, new_key

ADDRESS = "192.0.2.7"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"auth": "keys"}


class Asking:
    """The doors as somebody with a credential."""

    def __init__(self, doors: Doors, credential: str) -> None:
        self.http = doors.client(ADDRESS, credential, **{"X-Request-Id": "their-own-name.1"})

    async def post(self, operation: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.post(f"/{operation}", json=params)).json()
        return answer

    async def audit(self, **params: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await self.post("getAudit", **params))["entries"]
        return entries


@pytest.fixture
async def key(doors: Doors) -> str:
    return await new_key(doors, "demo")


def named(key: str) -> str:
    return f"key:{key.split('_')[1]}"


async def test_a_change_has_its_author_and_what_it_changed(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia", name="Call"))["id"]
    await app.post("joinConf", id=id, uid="noa", users=[{"id": "ada", "number": "13800000001"}])
    await app.post("joinConf", id=id, uid="noa", users=[{"id": "ada", "name": "Ada"}])
    entry = (await app.audit())[-1]
    assert entry.pop("at")
    assert entry == {
        "n": 3,
        "appid": "demo",
        "conference": id,
        "operation": "joinConf",
        "actor": "user:noa",
        "credential": named(key),
        "address": ADDRESS,
        "request": "their-own-name.1",
        "outcome": "ok",
        "cause": None,
        "before": {"seq": 3, "participants": {"1": {"name": ""}}},
        "after": {"seq": 4, "participants": {"1": {"name": "Ada"}}},
    }


async def test_what_changes_nothing_is_no_change(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia"))["id"]
    for operation in ("getConf", "getConfUsers", "getEvents"):
        assert (await app.post(operation, id=id))["status"] == 1
    assert [entry["operation"] for entry in await app.audit()] == ["createConf"]


async def test_a_refusal_says_what_was_refused_and_why(doors: Doors, key: str) -> None:
    app, stranger = Asking(doors, key), Asking(doors, "nonsense")
    await stranger.post("getConf", id="1")
    await Asking(doors, "").post("stopConf", id="1")
    await app.post("getConf", id="77")
    await app.post("createConf", id="mia", appid="other")
    admin = Asking(doors, await new_key(doors, None))
    seen = [
        (entry["operation"], entry["credential"], entry["conference"], entry["outcome"])
        for entry in await admin.audit()
    ]
    assert seen == [
        ("getConf", "none", None, "unauthenticated"),
        ("stopConf", "none", None, "unauthenticated"),
        ("getConf", named(key), "77", "unknown_conference"),
        ("createConf", named(key), None, "not_allowed"),
    ]


async def test_what_is_malformed_is_no_refusal(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    await app.post("getConf")
    await app.post("danceConf")
    assert await app.audit() == []


async def test_an_app_sees_its_own_and_an_admin_all(doors: Doors, key: str) -> None:
    app, other = Asking(doors, key), Asking(doors, await new_key(doors, "other"))
    mine, theirs = [(await each.post("createConf", id="mia"))["id"] for each in (app, other)]
    admin = Asking(doors, await new_key(doors, None))
    assert [entry["conference"] for entry in await app.audit()] == [mine]
    assert [entry["conference"] for entry in await app.audit(id=theirs)] == []
    assert [entry["conference"] for entry in await admin.audit()] == [mine, theirs]
    assert [entry["conference"] for entry in await admin.audit(id=theirs)] == [theirs]


async def test_it_is_read_in_pages(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    for _ in range(3):
        await app.post("createConf", id="mia")
    first = await app.post("getAudit", limit=2)
    rest = await app.post("getAudit", limit=2, after=first["entries"][-1]["n"])
    assert ([entry["n"] for entry in first["entries"]], first["more"]) == ([1, 2], True)
    assert ([entry["n"] for entry in rest["entries"]], rest["more"]) == ([3], False)


async def test_sign_ins_and_what_is_handed_out_are_in_it(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia"))["id"]
    made = await app.post("createToken", id=id, uid="ada", role="owner", ttl=60)
    await app.post("signIn", key=key, uid="noa")
    await app.post("getUser", id="ada")
    await app.post("getUser", id="ada")
    await app.post("sendNotice", mps="13800000001,13800000002")
    seen = [(entry["operation"], entry["actor"], entry["cause"]) for entry in (await app.audit())[1:]]
    assert seen == [
        ("createToken", named(key), None),
        ("signIn", "user:noa", None),
        ("getUser", named(key), None),
        ("sendNotice", named(key), "2 numbers"),
    ]
    granted = (await app.audit())[1]["after"]
    token = granted.pop("token")
    assert granted == {"uid": "ada", "role": "owner", "expiresAt": made["expiresAt"]}
    await Asking(doors, made["token"]).post("stopConf", id=id)
    assert (await app.audit())[-1]["credential"] == f"token:{token} of {named(key)}"


async def test_a_change_that_is_not_stored_is_in_no_audit(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia"))["id"]
    with doors.locked():
        assert (await app.post("pwdConf", id=id, uid="mia", pwd="1"))["error"]["name"] == "storage_unavailable"
    assert [entry["operation"] for entry in await app.audit()] == ["createConf"]


async def test_a_stranger_cannot_fill_the_disk(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    """However many addresses they have, and nobody else goes unrecorded for it."""
    for number in range(15):
        stranger = doors.client(f"192.0.2.{number}")
        for _ in range(REFUSALS_AT_ONCE + 20):
            await stranger.post("/getConf", json={"id": "1"})
    app = Asking(doors, await new_key(doors, "demo"))
    for number in range(10):
        await app.post("getConf", id=str(number))
    admin = Asking(doors, await new_key(doors, None))
    of_strangers = (await admin.post("getAudit", limit=1000))["entries"]
    assert {entry["credential"] for entry in of_strangers} == {"none"}
    rest = (await admin.post("getAudit", after=1000, limit=1000))["entries"]
    assert len([entry for entry in rest if entry["credential"] == "none"]) < 50
    assert [entry["conference"] for entry in await app.audit()] == [str(number) for number in range(10)]
    assert "refusals so far came too fast to be recorded" in caplog.text


async def test_nor_can_somebody_with_a_token(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia"))["id"]
    person = Asking(doors, (await app.post("createToken", id=id, uid="eva", role="listener"))["token"])
    answers = [(await person.post("createTicket")).get("error", {}).get("name") for _ in range(SIGN_INS_AT_ONCE + 1)]
    assert answers == [None] * SIGN_INS_AT_ONCE + ["too_many"]
    assert (await app.post("createTicket"))["status"] == 1


async def test_no_sign_in_without_its_entry(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    with doors.locked():
        for operation, params in {"signIn": {"key": key}, "createTicket": {}, "sendNotice": {"mps": "1380"}}.items():
            assert (await app.post(operation, **params))["error"]["name"] == "storage_unavailable", operation
    assert doors.provider.asked == []


async def test_of_very_many_rows_a_part_is_told_and_how_many_there_are(doors: Doors, key: str) -> None:
    app = Asking(doors, key)
    id = (await app.post("createConf", id="mia"))["id"]
    await app.post("joinConf", id=id, uid="mia", users=[{"id": f"user-{number}"} for number in range(130)])
    after = (await app.audit())[-1]["after"]
    assert (after["seq"], len(after["participants"]), after["more"]) == (132, 100, 30)


async def test_every_answer_names_its_request(doors: Doors) -> None:
    named = await doors.client(ADDRESS, **{"X-Request-Id": "abc-1"}).post("/getConf", json={})
    odd = await doors.client(ADDRESS, **{"X-Request-Id": "a b\t<script>"}).post("/getConf", json={})
    assert named.headers["x-request-id"] == "abc-1"
    assert len(odd.headers["x-request-id"]) == 16
