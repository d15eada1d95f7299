"""What both clients promise where the hub asks who is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest

from hub.client import Connection, Refused, RpcError, Token, breaks, connection
from tests.client.twins import Twin, added, is_lost, is_now, told
from tests.conftest import Start
from tests.faults.world import until
from tests.harness import HubProcess
from tests.network import ScriptedHub, Session

FIRST = [5, None, "never watched"]
EXPIRING = {"type": "expiring", "expiresAt": "2026-11-23T10:00:00.000Z"}


async def admitted(twin: Twin, script: ScriptedHub) -> Session:
    """One that was let in with the token t1 and watches conference 1 as of event 5."""
    session = await script.session()
    await twin.watch("1")
    assert await session.admit() == {"token": "t1"}
    await session.begin(5)
    await told(twin, FIRST)
    return session


async def reaches(twin: Twin, session: Session) -> None:
    """The next that is said is what is asked now."""
    call = asyncio.create_task(twin.call("getConf"))
    await session.answer(await session.asked("getConf"))
    assert await call == {"result": {}}


async def test_nothing_is_said_before_the_token_is_accepted(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url, token="t1", uid="mia")
    await twin.watch("1")
    session = await script.session()
    assert (await session.asked("authenticate"))["params"] == {"token": "t1", "uid": "mia"}
    assert await twin.call("getConf") == {"error": {"kind": "Offline"}}
    assert await twin.status() == ("offline", "not connected yet", False)
    await session.close(4001)
    await asyncio.wait_for(session.is_over.wait(), 5)
    assert session.is_silent
    session = await script.session()
    assert await session.admit() == {"token": "t1", "uid": "mia"}
    await session.begin(5)
    await told(twin, FIRST)
    await is_now(twin, "live")
    assert await twin.words() == ["offline", "catching up", "live"]


async def test_a_string_that_is_refused_is_the_end(twin: Twin, script: ScriptedHub) -> None:
    """As it is once it has expired."""
    await twin.open(script.url, token="t1")
    session = await admitted(twin, script)
    await session.notify("signal", **EXPIRING)
    await until(lambda: is_told(twin, EXPIRING))
    await reaches(twin, session)
    await session.close(4010, "expired")
    session = await script.session()
    await session.refuse(await session.asked("authenticate"), 1401, "unauthenticated")
    await session.close(4501, "unauthenticated")
    await until(lambda: is_lost(twin, "1", "Refused"))
    assert await twin.status() == await twin.status("1") == ("offline", "unauthenticated", True)
    assert await twin.call("getConf") == {"error": {"kind": "Refused"}}
    assert script.handshakes == 2


async def is_told(twin: Twin, signal: dict[str, Any]) -> bool:
    return await twin.signals() == [signal]


async def test_a_function_is_asked_for_another_token_when_one_is_refused(twin: Twin, script: ScriptedHub) -> None:
    await twin.open(script.url, token=["t0", "t1", "t1"])
    session = await script.session()
    await session.refuse(await session.asked("authenticate"), 1401, "unauthenticated")
    await session.close(4501, "unauthenticated")
    session = await script.session()
    asked = await session.asked("authenticate")
    assert asked["params"] == {"token": "t1"}
    began = asyncio.get_running_loop().time()
    await session.refuse(asked, 1429, "too_many", retry_after_ms=100)
    await session.close(4501, "unauthenticated")
    await admitted(twin, script)
    assert asyncio.get_running_loop().time() - began >= 0.099
    assert await twin.reasons() == ["unauthenticated", "too_many"]


async def test_a_token_that_expires_is_replaced_without_a_break_but_not_one_revoked(
    twin: Twin, script: ScriptedHub
) -> None:
    await twin.open(script.url, token=["t1", "t2", "t3"])
    session = await admitted(twin, script)
    await session.notify("signal", **EXPIRING)
    assert await session.admit() == {"token": "t2"}
    await session.events(6)
    await told(twin, FIRST, *added(6))
    assert await twin.words() == ["catching up", "live"]
    await session.close(4503, "revoked")
    await until(lambda: is_lost(twin, "1", "Refused"))
    assert await twin.status() == ("offline", "closed with 4503 revoked", True)
    assert script.handshakes == 1


async def test_it_comes_back_with_the_next_token_that_there_is_and_misses_nothing(
    twin: Twin, script: ScriptedHub
) -> None:
    """While no other is to be had, it goes on with the one that it has."""
    await twin.open(script.url, token=[None, "", "t1", None, "t2"])
    session = await admitted(twin, script)
    await session.notify("signal", **EXPIRING)
    await until(lambda: is_told(twin, EXPIRING))
    await reaches(twin, session)
    await session.events(6)
    await told(twin, FIRST, *added(6))
    await session.close(4010, "expired")
    session = await script.session()
    assert await session.admit() == {"token": "t2"}
    assert await session.resume(8) == {"id": "1", "epoch": "e", "seq": 6}
    await session.events(7, 8)
    await told(twin, FIRST, *added(6, 7, 8))
    problems = ["the token function failed: TypeError", "the token function gave no token"]
    assert await twin.reasons() == [*problems, "closed with 4010 expired"]


# Against a hub --------------------------------------------------------------------------------------------------------


async def test_a_hub_lets_in_renews_and_sends_away(twin: Twin, start: Start) -> None:
    hub = await start("--auth", "keys")
    async with administrator(hub) as admin:
        key = await asked(admin, "createKey", app="demo")
        id = (await asked(admin, "createConf", id="mia", appid="demo", name="Call"))["id"]
        async with person(hub, key["key"]) as app:
            tokens = [(await asked(app, "createToken", id=id, uid="ada", ttl=ttl))["token"] for ttl in (30, 3600)]
        await twin.open(hub.url, token=tokens)
        await twin.watch(id)
        await until(lambda: has_authenticated(admin, 2))
        assert (await twin.call("joinConf", id=id, users=[{"id": "bob"}]))["result"]["results"][0]["ok"]
        await told(twin, [2, None, "never watched"], *added(3), id=id)
        assert await twin.reasons() == []
        await asked(admin, "revokeKey", id=key["id"])
        await until(lambda: is_lost(twin, id, "Refused"))
        assert await twin.status() == ("offline", "closed with 4503 revoked", True)


@contextlib.asynccontextmanager
async def person(hub: HubProcess, credential: str) -> AsyncIterator[httpx.AsyncClient]:
    async with hub.http() as http:
        http.headers["Authorization"] = f"Bearer {credential}"
        yield http


def administrator(hub: HubProcess) -> Any:
    return person(hub, (hub.folder / "confhub.admin-key").read_text().strip())


async def asked(http: httpx.AsyncClient, operation: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await http.post(f"/{operation}", json=params)).json()
    assert answer["status"] == 1, answer
    return answer


async def has_authenticated(admin: httpx.AsyncClient, times: int) -> bool:
    entries = (await asked(admin, "getAudit"))["entries"]
    return [entry["actor"] for entry in entries if entry["operation"] == "authenticate"] == ["user:ada"] * times


# In Python ------------------------------------------------------------------------------------------------------------


async def reasons_until_admitted(script: ScriptedHub, token: Token) -> list[str]:
    """Why the first attempts came to nothing."""
    said: list[str] = []
    entering = asyncio.create_task(
        entered(Connection(script.url, token=token, on_status=lambda s: said.append(s.reason)))
    )
    assert await (await script.session()).admit() == {"token": "t1"}
    await entering
    return said[: said.index("")]


async def entered(client: Connection) -> None:
    async with client:
        pass


async def test_a_token_function_may_answer_at_once(script: ScriptedHub) -> None:
    assert await reasons_until_admitted(script, lambda: "t1") == []


async def test_a_token_function_has_a_limit(
    script: ScriptedHub, limits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never_and_then_at_once() -> str:
        await hangs.pop().wait() if hangs else None
        return "t1"

    hangs = [asyncio.Event()]
    monkeypatch.setattr(connection, "ANSWER_S", 0.1)
    assert await reasons_until_admitted(script, never_and_then_at_once) == ["the token function does not answer"]
    assert limits == [0.5]


async def test_what_a_token_function_waits_for_may_be_cancelled(script: ScriptedHub, limits: list[float]) -> None:
    def cancelled_and_then_good() -> str | asyncio.Future[str]:
        if limits:
            return "t1"
        (future := asyncio.get_running_loop().create_future()).cancel()
        return future

    reasons = await reasons_until_admitted(script, cancelled_and_then_good)
    assert reasons == ["the token function failed: CancelledError"]


async def test_a_hub_that_does_not_look_at_the_token_is_left(
    script: ScriptedHub, limits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AUTHENTICATE_S", 0.1)
    said: list[str] = []
    client = Connection(script.url, token="t1", on_status=lambda status: said.append(status.reason))
    entering = asyncio.create_task(entered(client))
    await (await script.session()).asked("authenticate")
    await (await script.session()).admit()
    await entering
    assert said == ["the hub does not answer", "", "the connection was closed"]


async def test_it_is_not_asked_for_tokens_without_end(script: ScriptedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a token of less than a minute the hub says at once that it expires, even before it accepts it."""
    monkeypatch.setattr(connection, "RENEW_S", 0.2)
    monkeypatch.setattr("hub.client.breaks.FIRST_WAIT_S", 0)
    tokens = iter(["t1", "t2", "t3", "t4", "t5"])
    entering = asyncio.create_task(anext(once := opened(Connection(script.url, token=lambda: next(tokens)))))
    session = await script.session()
    asked = await session.asked("authenticate")
    await session.notify("signal", type="expiring")
    await session.answer(asked)
    hub = await entering
    began = asyncio.get_running_loop().time()
    for token in ("t2", "t3"):
        asked = await session.asked("authenticate")
        assert asked["params"] == {"token": token}
        await session.notify("signal", type="expiring")
        await session.answer(asked)
    assert asyncio.get_running_loop().time() - began >= 0.19
    await session.close(4010)
    session = await script.session()
    assert await session.admit() == {"token": "t4"}
    await until(lambda: is_live(hub))
    call = asyncio.create_task(hub.call("getConf"))
    await session.answer(await session.asked("getConf"))
    await call
    await once.aclose()


async def is_live(hub: Connection) -> bool:
    return hub.status.state == "live"


async def opened(client: Connection) -> AsyncGenerator[Connection]:
    async with client:
        yield client


@pytest.mark.parametrize(
    ("code", "is_final", "is_final_if_there_is_another"),
    [
        (1401, True, False),
        (1002, True, True),
        (-32602, True, True),
        (1429, False, False),
        (1503, False, False),
        (-32603, False, False),
    ],
)
def test_what_a_refusal_means(code: int, is_final: bool, is_final_if_there_is_another: bool) -> None:
    error = RpcError({"code": code, "message": "no", "data": {"retry_after_ms": 300}})
    assert breaks.of_refusal(error, False) == breaks.Break("no", 0.3, is_final)
    assert breaks.of_refusal(error, True) == breaks.Break("no", 0.3, is_final_if_there_is_another)


async def test_a_key_that_nobody_knows_is_refused_by_a_hub(start: Start) -> None:
    hub = await start("--auth", "keys")
    with pytest.raises(Refused, match=r"^the credential is unknown, has expired or was revoked$"):
        await entered(Connection(hub.url, token="nobody's"))


async def test_a_token_is_never_told(script: ScriptedHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "websockets")
    tokens = iter(["a-secret", "a-secret"])
    async with contextlib.aclosing(opened(Connection(script.url, token=lambda: next(tokens)))) as once:
        entering = asyncio.create_task(anext(once))
        session = await script.session()
        await session.admit()
        hub = await entering
        await session.notify("signal", type="expiring")
        asked = await session.asked("authenticate")
        told = [repr(hub), repr(hub._credential), repr(hub._calls), repr(asyncio.all_tasks())]
        await session.refuse(asked, 1401, "unauthenticated")
        await session.close(4503)
    told += [str(record.__dict__) for record in caplog.records if record.name != "websockets.server"]
    assert [text for text in told if "a-secret" in text] == []
    assert len(told) > 4
