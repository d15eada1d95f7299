from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import SECRET, Doors, new_key
from tests.doubles import eventually

NUMBER = "13812345678"


@pytest.fixture
async def admin(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Doors:
    """An admin at a hub that cannot apply any joining, and knows it at once."""

    def broken(*_: Any) -> None:
        raise LookupError(NUMBER)

    monkeypatch.setattr("hub.inbox.PAUSES_S", (0.0,))
    monkeypatch.setattr("hub.domain.legs.join", broken)
    doors.http.headers["Authorization"] = f"Bearer {await new_key(doors, None)}"
    return doors


async def counts(doors: Doors) -> dict[str, int]:
    ready: dict[str, Any] = (await doors.http.get("/readyz")).json()
    return dict(ready["inbox"])


async def until_set_aside(doors: Doors, count: int) -> None:
    async def is_so() -> bool:
        return await counts(doors) == {"failed": 0, "setAside": count}

    await eventually(is_so)


async def test_what_is_set_aside_is_listed_with_its_numbers_masked(admin: Doors) -> None:
    id = (await admin.create())["id"]
    assert await admin.call_back("join", confid=id, callid="c", number=f"+86 {NUMBER}") == 200
    await until_set_aside(admin, 1)
    answer = await admin.post("getInbox")
    (row,) = answer.pop("callbacks")
    assert answer == {"status": 1, "more": False, "failed": 0, "setAside": 1}
    assert row.pop("at").endswith("Z")
    said = row.pop("said")
    assert row == {
        "n": 1,
        "word": "join",
        "conference": id,
        "state": "set aside",
        "attempts": 6,
        "error": "LookupError",
    }
    assert said.endswith("5678")
    assert NUMBER not in said


async def test_by_default_only_what_went_wrong_is_listed(admin: Doors) -> None:
    id = (await admin.create())["id"]
    for word in ("join", "nonsense", "join"):
        await admin.call_back(word, confid=id, number="1")
    await until_set_aside(admin, 2)
    assert [row["n"] for row in (await admin.post("getInbox"))["callbacks"]] == [3, 1]
    every = (await admin.post("getInbox", all=True))["callbacks"]
    assert [(row["n"], row["state"]) for row in every] == [(3, "set aside"), (2, "ignored"), (1, "set aside")]
    page = await admin.post("getInbox", limit=1)
    assert ([row["n"] for row in page["callbacks"]], page["more"]) == ([3], True)
    page = await admin.post("getInbox", limit=1, before=3)
    assert ([row["n"] for row in page["callbacks"]], page["more"]) == ([1], False)


async def test_a_retry_is_the_admins_and_in_the_audit(admin: Doors) -> None:
    await admin.call_back("join", confid=(await admin.create())["id"], number="1")
    await until_set_aside(admin, 1)
    assert (await admin.post("retryCallback", n=7))["error"]["data"] == {"path": "n"}
    assert (await admin.post("retryCallback"))["count"] == 1
    await until_set_aside(admin, 1)
    entries = (await admin.post("getAudit"))["entries"]
    assert [entry["after"] for entry in entries if entry["operation"] == "retryCallback"] == [
        {"callbacks": "set aside"}
    ]


async def test_the_provider_is_told_that_it_is_kept_and_asked_to_come_again_where_it_is_not(admin: Doors) -> None:
    id = (await admin.create())["id"]
    with admin.locked():
        refused = await admin.http.post(f"/callbacks/yuntongxun/{SECRET}/join", params={"confid": id})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert await admin.call_back("join", confid=id) == 200
    await until_set_aside(admin, 1)
