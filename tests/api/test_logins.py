"""A WebSocket's credential over time: shown, running out, renewed, taken back; and who is seen to watch."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from hub.access.access import MOST_OF_PERSON
from tests.harness import PATIENCE_S, HubProcess, Moderator

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Hub(HubProcess):
    """One that asks for credentials, with an app's key."""

    key = ""
    shows_first = False
    """A credential is shown with the handshake, not with the first message."""

    async def mine(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self.post(operation, credential=self.key, **params)

    async def conference(self) -> str:
        return str((await self.mine("createConf", id="mia"))["id"])

    async def token(self, id: str, uid: str = "mia", role: str = "moderator", ttl: int = 3600) -> str:
        return str((await self.mine("createToken", id=id, uid=uid, role=role, ttl=ttl))["token"])

    @contextlib.asynccontextmanager
    async def signed_in(self, token: str) -> AsyncIterator[Moderator]:
        if self.shows_first:
            async with self.moderator().connected(Authorization=f"Bearer {token}") as moderator:
                yield moderator
            return
        async with self.moderator().connected() as moderator:
            reply = await moderator.call("authenticate", token=token)
            assert "result" in reply, reply
            yield moderator


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path_factory.mktemp("logins"), "--auth", "keys", "--speed", "20")
    await hub.start()
    hub.key = (await hub.post("createKey", credential=hub.admin_key, app="demo"))["key"]
    yield hub
    await hub.kill()


@pytest.fixture(params=["by a message", "by the handshake"])
def shown(hub: Hub, request: pytest.FixtureRequest) -> Iterator[None]:
    """A credential is worth the same whichever way it has come."""
    hub.shows_first = request.param == "by the handshake"
    yield
    hub.shows_first = False


async def closing(moderator: Moderator) -> tuple[int | None, str | None]:
    await asyncio.wait_for(moderator.socket.wait_closed(), PATIENCE_S)
    return moderator.socket.close_code, moderator.socket.close_reason


def code(reply: dict[str, Any]) -> int:
    return int(reply["error"]["code"])


async def test_it_says_who_that_is(hub: Hub) -> None:
    id = await hub.conference()
    async with hub.moderator().connected() as moderator:
        reply = await moderator.call("authenticate", token=await hub.token(id, "ada", "owner"))
        assert reply["result"].pop("expiresAt")
        assert reply["result"] == {"role": "owner", "uid": "ada", "appid": "demo", "id": id}
    async with hub.moderator().connected() as moderator:
        reply = await moderator.call("authenticate", token=hub.key, uid="robot")
        assert reply["result"] == {"role": "app", "uid": "robot", "appid": "demo", "id": None, "expiresAt": None}


async def test_before_that_nothing_is_answered_but_that(hub: Hub) -> None:
    id = await hub.conference()
    token = await hub.token(id)
    async with hub.moderator().connected() as moderator:
        assert code(await moderator.call("watchConf", id=id)) == 1401
        assert code(await moderator.call("ping")) == 1401
        assert "result" in await moderator.call("authenticate", token=token)
        assert "result" in await moderator.call("watchConf", id=id)


async def test_what_is_sent_behind_it_need_not_wait_for_its_answer(hub: Hub) -> None:
    id = await hub.conference()
    token = await hub.token(id)
    async with hub.moderator().connected() as moderator:
        asked = [moderator.call("authenticate", token=token), moderator.call("watchConf", id=id)]
        assert all("result" in reply for reply in await asyncio.gather(*asked))
    async with connect(hub.url.replace("http", "ws") + "/ws", proxy=None) as socket:
        methods = {"authenticate": {"token": token}, "getConf": {"id": id}}
        batch = [{"jsonrpc": "2.0", "id": name, "method": name, "params": params} for name, params in methods.items()]
        await socket.send(json.dumps(batch))
        replies = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
        assert ["result" in reply for reply in replies] == [True, True]


@pytest.mark.parametrize("shown", [{}, {"token": "a", "ticket": "b"}])
async def test_it_takes_one_credential(hub: Hub, shown: dict[str, str]) -> None:
    async with hub.moderator().connected() as moderator:
        assert code(await moderator.call("authenticate", **shown)) == -32602


@pytest.mark.usefixtures("shown")
async def test_a_credential_runs_out_with_a_warning(hub: Hub) -> None:
    id = await hub.conference()
    async with hub.signed_in(await hub.token(id, ttl=1)) as moderator:
        await moderator.watch(id)
        warning = await asyncio.wait_for(moderator.signals.get(), PATIENCE_S)
        assert warning.pop("expiresAt")
        assert warning == {"type": "expiring"}
        assert await closing(moderator) == (4010, "expired")


@pytest.mark.usefixtures("shown")
async def test_a_newer_one_of_the_same_person_goes_on_without_a_break(hub: Hub) -> None:
    id = await hub.conference()
    async with hub.signed_in(await hub.token(id, ttl=1)) as moderator:
        await moderator.watch(id)
        assert (await asyncio.wait_for(moderator.signals.get(), PATIENCE_S))["type"] == "expiring"
        assert "result" in await moderator.call("authenticate", token=await hub.token(id))
        async with hub.signed_in(await hub.token(id, "noa", ttl=1)) as witness:
            assert await closing(witness) == (4010, "expired")
        await hub.mine("joinConf", id=id, uid="mia", users=[{"id": "bob"}])
        assert [event["type"] for event in await moderator.wait_for(1)] == ["participant.added"]


@pytest.mark.usefixtures("shown")
async def test_somebody_elses_does_not(hub: Hub) -> None:
    id, other = await hub.conference(), await hub.conference()
    async with hub.signed_in(await hub.token(id)) as moderator:
        for token in (await hub.token(id, "noa"), await hub.token(id, role="owner"), await hub.token(other), hub.key):
            assert code(await moderator.call("authenticate", token=token)) == 1002
        assert code(await moderator.call("authenticate", token="nonsense")) == 1401
        assert "result" in await moderator.call("getConf", id=id)


@pytest.mark.usefixtures("shown")
async def test_revoking_a_key_reaches_whoever_uses_it_or_what_was_made_with_it(hub: Hub) -> None:
    id = await hub.conference()
    first = hub.key
    hub.key = (await hub.post("createKey", credential=hub.admin_key, app="demo"))["key"]
    made_with_it, apart = await hub.token(id), first
    async with hub.signed_in(hub.key) as holder, hub.signed_in(made_with_it) as person, hub.signed_in(apart) as other:
        await person.watch(id)
        assert (await hub.post("revokeKey", credential=hub.admin_key, id=hub.key.split("_")[1]))["status"] == 1
        assert await closing(holder) == (4503, "revoked")
        assert await closing(person) == (4503, "revoked")
        assert "result" in await other.call("getConf", id=id)
    assert (await hub.mine("getConf", id=id))["error"]["name"] == "unauthenticated"
    assert (await hub.post("getConf", credential=made_with_it, id=id))["error"]["name"] == "unauthenticated"
    hub.key = first


@pytest.mark.usefixtures("shown")
async def test_two_rotations_are_the_end_of_a_token(hub: Hub) -> None:
    id = await hub.conference()
    async with hub.signed_in(await hub.token(id)) as moderator, hub.signed_in(hub.key) as app:
        await hub.post("rotateTokens", credential=hub.admin_key)
        assert "result" in await moderator.call("getConf", id=id)
        await hub.post("rotateTokens", credential=hub.admin_key)
        assert await closing(moderator) == (4503, "revoked")
        assert "result" in await app.call("getConf", id=id)


async def test_rotations_at_once_are_as_many(hub: Hub) -> None:
    token = await hub.token(await hub.conference())
    rotations = [hub.post("rotateTokens", credential=hub.admin_key) for _ in range(2)]
    assert [answer["status"] for answer in await asyncio.gather(*rotations)] == [1, 1]
    assert (await hub.post("ping", credential=token))["error"]["name"] == "unauthenticated"


async def test_a_browsers_token_cannot_be_changed_for_a_newer_one(hub: Hub) -> None:
    """Or two rotations would not be its end."""
    signed_in = (await hub.post("signIn", key=hub.key))["token"]
    assert (await hub.post("signIn", key=signed_in))["error"]["name"] == "unauthenticated"


async def test_one_person_may_have_so_many_connections_also_by_the_handshake(hub: Hub) -> None:
    shown = {"Authorization": f"Bearer {await hub.token(await hub.conference(), 'crowd')}"}
    async with contextlib.AsyncExitStack() as connections:
        for _ in range(MOST_OF_PERSON):
            await connections.enter_async_context(hub.moderator().connected(**shown))
        async with hub.moderator().connected(**shown) as one_more:
            assert (await closing(one_more))[0] == 4029


async def test_where_nobody_says_who_they_are_a_newer_token_of_the_same_key_goes_on(hub: Hub) -> None:
    first, second = [(await hub.post("signIn", key=hub.key))["token"] for _ in range(2)]
    async with hub.signed_in(first) as browser:
        assert "result" in await browser.call("authenticate", token=second)
        assert code(await browser.call("authenticate", token=hub.admin_key)) == 1002


async def test_of_a_thousand_who_use_one_ticket_one_gets_in(hub: Hub) -> None:
    id = await hub.conference()
    ticket = (await hub.post("createTicket", credential=await hub.token(id, "ada")))["ticket"]
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "authenticate", "params": {"ticket": ticket}})

    async def use() -> str:
        async with connect(hub.url.replace("http", "ws") + "/ws", proxy=None, compression=None) as socket:
            ready.release()
            await everybody.wait()
            await socket.send(message)
            reply = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
            return str(reply.get("result", {}).get("uid") or reply["error"]["data"]["name"])

    ready, everybody = asyncio.Semaphore(0), asyncio.Event()
    uses = [asyncio.create_task(use()) for _ in range(1000)]
    for _ in uses:
        await asyncio.wait_for(ready.acquire(), PATIENCE_S)
    everybody.set()
    became = Counter(await asyncio.gather(*uses))
    assert (became.pop("ada"), became.total()) == (1, 999)
    assert became.keys() <= {"unauthenticated", "too_many"}


@pytest.mark.usefixtures("shown")
async def test_two_windows_and_a_reconnect_of_one_person_are_one_moderator(hub: Hub) -> None:
    id = await hub.conference()
    mia, noa = {"uid": "mia", "role": "moderator"}, {"uid": "noa", "role": "listener"}

    async def watchers(of: Moderator) -> list[dict[str, str]]:
        signal = await asyncio.wait_for(of.signals.get(), PATIENCE_S)
        assert (signal["type"], signal["id"], signal["count"]) == ("watchers", id, len(signal["watchers"]))
        return list(signal["watchers"])

    async with hub.signed_in(await hub.token(id, "noa", "listener")) as listener:
        await listener.watch(id)
        assert await watchers(listener) == [noa]
        async with hub.signed_in(await hub.token(id)) as window:
            await window.watch(id)
            assert await watchers(listener) == [mia, noa]
            async with hub.signed_in(await hub.token(id)) as other_window:
                await other_window.watch(id)
                assert await watchers(listener) == [mia, noa]
        async with hub.signed_in(await hub.token(id)) as again:
            await again.watch(id)
            assert await watchers(listener) == [mia, noa]
    assert listener.events == []


async def test_a_listener_sees_no_full_number(hub: Hub) -> None:
    """In the snapshot, in events as they come, in the log, and of those who watch; everybody else does."""
    number = "13800000001"
    id = str((await hub.mine("createConf", id=number, name=f"Call of {number}"))["id"])
    listener_token, token = await hub.token(id, "ada", "listener"), await hub.token(id, number)
    async with hub.signed_in(listener_token) as listener, hub.signed_in(token) as moderator:
        first = await listener.watch(id)
        await moderator.watch(id)
        users = [{"number": number, "name": "+86 138-0000-0001"}, {"number": "12345", "name": "x"}]
        await moderator.call("inviteConf", id=id, users=users)
        seen = [event["participant"]["number"] for event in await listener.wait_for(2)][:2]
        assert seen == ["138****0001", "****45"]
        full = [event["participant"]["number"] for event in await moderator.wait_for(2)][:2]
        assert full == [number, "12345"]
        said = [await listener.call(operation, id=id) for operation in ("getConf", "getConfUsers", "getEvents")]
        watching = [await asyncio.wait_for(listener.signals.get(), PATIENCE_S)]
        while watching[-1]["count"] < 2:
            watching.append(await asyncio.wait_for(listener.signals.get(), PATIENCE_S))
        everything = json.dumps([first, *said, await listener.watch(id), *listener.events, *watching])
        for secret in (number, "12345", "138-0000-0001"):
            assert secret not in everything
        assert "138****0001" in json.dumps(watching)
        assert number in json.dumps(await moderator.call("getConfUsers", id=id))


async def test_a_listener_is_not_told_the_password(hub: Hub) -> None:
    id = str((await hub.mine("createConf", id="mia", pwd="4711"))["id"])
    seen = {
        role: (await hub.post("getConf", credential=await hub.token(id, role=role), id=id))["pwd"]
        for role in ("listener", "moderator", "owner")
    }
    assert seen == {"listener": "****", "moderator": "4711", "owner": "4711"}


async def unwatched(moderator: Moderator, id: str) -> bool:
    """Was it watched? Whoever has read so much may have to wait even for that."""
    while "error" in (reply := await moderator.call("unwatchConf", id=id)):
        pass
    watched: bool = reply["result"]["watched"]
    return watched


async def test_a_watch_that_is_refused_is_none(hub: Hub) -> None:
    """Whoever has read more than their share waits, and is told nothing meanwhile."""
    id = await hub.conference()
    for part in range(3):
        users = [{"id": f"{part}-{number}"} for number in range(1000)]
        assert (await hub.mine("joinConf", id=id, uid="mia", users=users))["status"] == 1
    async with hub.signed_in(await hub.token(id)) as moderator:
        while "error" not in (reply := await moderator.call("watchConf", id=id)):
            await unwatched(moderator, id)
        assert (reply["error"]["code"], reply["error"]["data"]["retry_after_ms"] > 0) == (1429, True)
        await hub.mine("joinConf", id=id, uid="mia", users=[{"id": "one-more"}])
        assert await unwatched(moderator, id) is False
        assert moderator.events == []
