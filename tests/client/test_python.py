"""What the client in Python promises beside what both do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hub.client import Connection, ConnectionLost, Offline, Refused, RpcError, Status, Update, connection, watch
from tests.faults.world import until
from tests.harness import PATIENCE_S, HubProcess
from tests.network import Proxy, ScriptedHub, Session

BY = {"uid": "mia", "appid": "demo"}


class Reader:
    """Iterates over a watch when it is told to."""

    def __init__(self, watched: watch.Watch) -> None:
        self._updates = aiter(watched)

    async def read(self, count: int = 1) -> list[Update]:
        async with asyncio.timeout(PATIENCE_S):
            return [await anext(self._updates) for _ in range(count)]

    async def leave(self) -> None:
        await self._updates.aclose()  # type: ignore[attr-defined]


def nobody_else() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def begun(script: ScriptedHub, reader: Reader) -> Session:
    reading = asyncio.create_task(reader.read())
    session = await script.session()
    await session.begin(5)
    ((first,)) = await reading
    assert (first.state.seq, first.event, first.reason) == (5, None, "never watched")
    return session


async def has_heard(hub: Connection, session: Session) -> None:
    """All that was said to it so far: what is said comes in order."""
    call = asyncio.create_task(hub.call("getConf"))
    await session.answer(await session.asked("getConf"))
    await call


# Reading -------------------------------------------------------------------------------------------------------------


async def test_an_update_has_the_event_and_the_state_it_led_to(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        reader = Reader(hub.watch("1"))
        session = await begun(script, reader)
        await session.events(6)
        ((update,)) = await reader.read()
        row = {"key": "row-6"}
        assert update.event == {
            "id": "1",
            "epoch": "e",
            "seq": 6,
            "type": "participant.added",
            "participant": row,
        }
        assert (update.state.seq, update.state.conference, dict(update.state.participants)) == (
            6,
            {"id": "1"},
            {"row-6": row},
        )
        with pytest.raises(TypeError):
            update.state.participants["x"] = row  # type: ignore[index]


async def test_a_slow_reader_keeps_little_and_misses_nothing(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        watched = hub.watch("1")
        reader = Reader(watched)
        session = await begun(script, reader)
        await session.events(*range(6, 3006))
        await session.asked("unwatchConf")
        assert len(watched._backlog) == watch.BACKLOG
        assert watched.status.state == hub.status.state == "catching up"
        kept = await reader.read(watch.BACKLOG)
        rest = asyncio.create_task(reader.read(2000))
        assert await session.resume(3005) == {"id": "1", "epoch": "e", "seq": 1005}
        for first in range(1006, 3006, 500):
            await session.events(*range(first, first + 500))
            await until(lambda: has_taken(watched, first + 499))  # noqa: B023 - awaited at once
        assert [update.state.seq for update in kept + await rest] == list(range(6, 3006))
        assert hub.status.state == "live"


async def has_taken(watched: watch.Watch, seq: int) -> bool:
    return watched.state.seq == seq


async def test_a_reader_may_call_while_more_arrives_than_is_kept(
    hub: HubProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much comes before the answer."""
    monkeypatch.setattr(watch, "BACKLOG", 10)
    id = await hub.create()
    users = [{"id": f"user-{number}"} for number in range(400)]
    seqs = []
    async with asyncio.timeout(PATIENCE_S), Connection(hub.url) as client:
        async for update in client.watch(id):
            seqs.append(update.state.seq)
            if update.state.seq in (2, 100, 300):
                names = [{**user, "name": f"{user['id']} {update.state.seq}"} for user in users]
                await client.call("joinConf", id=id, **BY, users=names)
            if update.state.seq == 1202:
                break
    assert seqs == list(range(2, 1203))


async def test_a_break_in_the_loop_ends_the_watch(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        session = await script.session()
        beginning = asyncio.create_task(session.begin(5))
        async for _ in hub.watch("1"):
            break
        await beginning
        await session.asked("unwatchConf")
        assert hub.status.state == "live"


async def test_another_loop_goes_on_where_the_last_one_stood(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        watched = hub.watch("1")
        reader = Reader(watched)
        session = await begun(script, reader)
        await reader.leave()
        await session.asked("unwatchConf")
        assert watched.status.reason == "not watched"
        again = asyncio.create_task(Reader(watched).read())
        assert await session.resume(6) == {"id": "1", "epoch": "e", "seq": 5}
        await session.events(6)
        assert [update.state.seq for update in await again] == [6]


async def test_another_loop_may_follow_at_once(script: ScriptedHub) -> None:
    """Python closes a loop that was left only a little later."""
    async with Connection(script.url) as hub:
        watched = hub.watch("1")
        reader = Reader(watched)
        session = await begun(script, reader)
        await session.events(6, 7)
        for expected in (6, 7):
            async for update in watched:
                assert update.state.seq == expected
                break
        await session.asked("unwatchConf")
        with pytest.raises(RuntimeError, match="another loop"):
            await reader.read()


async def test_a_helper_that_leaves_its_loop_may_be_called_twice(script: ScriptedHub) -> None:
    async def seq_now() -> int:
        async for update in hub.watch("1"):
            return update.state.seq
        raise AssertionError

    async with Connection(script.url) as hub:
        looking = asyncio.create_task(twice(seq_now))
        session = await script.session()
        await session.begin(5)
        assert await session.begin(5) == {"id": "1"}
        assert await looking == [5, 5]
        await session.asked("unwatchConf")


async def twice(look: Callable[[], Awaitable[int]]) -> list[int]:
    return [await look(), await look()]


async def test_who_leaves_before_a_snapshot_is_taken_keeps_the_place_of_what_was(
    script: ScriptedHub, limits: list[float]
) -> None:
    def leave(status: Status) -> None:
        if status.state == "live" and leaving:
            leaving.pop().cancel()

    leaving: list[asyncio.Task[Any]] = []
    async with Connection(script.url) as hub:
        watched = hub.watch("1", on_status=leave)
        reader = Reader(watched)
        session = await begun(script, reader)
        session.reset()
        leaving.append(reading := asyncio.create_task(reader.read()))
        session = await script.session()
        await session.begin(9, epoch="another", reason="unknown epoch")
        with pytest.raises(asyncio.CancelledError):
            await reading
        await session.asked("unwatchConf")
        again = asyncio.create_task(Reader(watched).read())
        assert await session.begin(9, epoch="another", reason="unknown epoch") == {"id": "1", "epoch": "e", "seq": 5}
        assert [update.reason for update in await again] == ["unknown epoch"]


async def test_one_conference_has_one_reader(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        older, newer = hub.watch("1"), hub.watch("1")
        reader = Reader(older)
        session = await begun(script, reader)
        waiting = asyncio.create_task(reader.read())
        reading = asyncio.create_task(Reader(newer).read(2))
        await session.begin(7)
        await session.events(8)
        with pytest.raises(RuntimeError, match="another loop"):
            await waiting
        assert [update.state.seq for update in await reading] == [7, 8]
        assert (older.status.state, newer.status.state, hub.status.state) == ("offline", "live", "live")


async def test_what_an_older_loop_has_asked_is_not_for_a_newer_one(
    script: ScriptedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "jitter", lambda attempts: 0.1)
    async with Connection(script.url) as hub:
        watched = hub.watch("1")
        older = asyncio.create_task(Reader(watched).read())
        session = await script.session()
        asked = await session.asked("watchConf")
        newer = asyncio.create_task(Reader(watched).read(3))
        await has_heard(hub, session)
        await session.answer(asked, id="1", epoch="e", seq=5, recovered=True)
        await session.events(6, 7)
        assert await session.begin(5) == {"id": "1"}
        await session.events(6, 7)
        assert [update.state.seq for update in await newer] == [5, 6, 7]
        with pytest.raises(RuntimeError, match="another loop"):
            await older


async def test_who_waits_to_ask_and_is_not_waited_for_asks_no_more(
    script: ScriptedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "jitter", lambda attempts: 0.1)
    async with Connection(script.url) as hub:
        older = asyncio.create_task(Reader(hub.watch("1")).read())
        session = await script.session()
        await session.refuse(await session.asked("watchConf"), -32603, "internal_error")
        await has_heard(hub, session)
        newer = Reader(hub.watch("1"))
        reading = asyncio.create_task(newer.read())
        await session.begin(5)
        await reading
        await asyncio.sleep(0.1)
        assert session.is_silent
        with pytest.raises(RuntimeError, match="another loop"):
            await older


async def test_who_waits_to_ask_is_told_at_once_that_the_connection_is_closed(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        reading = asyncio.create_task(Reader(hub.watch("1")).read())
        session = await script.session()
        await session.refuse(await session.asked("watchConf"), 1429, "too_many", retry_after_ms=1000 * PATIENCE_S * 2)
        await has_heard(hub, session)
    with pytest.raises(Offline):
        await reading


async def test_a_conference_that_is_not_there_is_raised(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        reading = asyncio.create_task(Reader(hub.watch("1")).read())
        session = await script.session()
        await session.refuse(await session.asked("watchConf"), 1001, "unknown_conference")
        with pytest.raises(RpcError) as raised:
            await reading
    assert (raised.value.code, raised.value.name, raised.value.message) == (
        1001,
        "unknown_conference",
        "unknown_conference",
    )


async def test_who_still_reads_when_the_connection_is_closed_is_told(script: ScriptedHub) -> None:
    async with Connection(script.url) as hub:
        reader = Reader(hub.watch("1"))
        await begun(script, reader)
        reading = asyncio.create_task(reader.read())
    with pytest.raises(Offline, match="the connection was closed"):
        await reading
    with pytest.raises(Offline):
        await hub.call("ping")
    with pytest.raises(Offline):
        await Reader(hub.watch("2")).read()


# Being connected -----------------------------------------------------------------------------------------------------


async def test_a_status_says_since_when(script: ScriptedHub) -> None:
    said: list[Status] = []
    of_watch: list[str] = []
    async with Connection(script.url, on_status=said.append) as hub:
        reader = Reader(hub.watch("1", on_status=lambda status: of_watch.append(status.state)))
        await begun(script, reader)
        assert [status.state for status in said] == ["live", "catching up", "live"]
        assert said == sorted(said, key=lambda status: status.since)
        assert hub.status == said[-1]
        await reader.leave()
    assert (said[-1].state, said[-1].reason, said[-1].is_final) == ("offline", "the connection was closed", True)
    assert of_watch == ["catching up", "live", "offline"]


async def test_a_listener_that_fails_harms_nobody(script: ScriptedHub, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Status) -> None:
        raise ZeroDivisionError

    async with Connection(script.url, on_status=fail) as hub:
        await begun(script, Reader(hub.watch("1")))
    assert "a listener failed" in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_denied_handshake_is_final(script: ScriptedHub, status: int) -> None:
    script.deny(status, {"status": 0, "error": {"message": "this page may not talk to the hub"}})
    with pytest.raises(Refused, match=f"denied with HTTP {status}: this page may not talk to the hub"):
        async with Connection(script.url):
            pass
    assert script.handshakes == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_a_handshake_denied_for_now_is_tried_again(script: ScriptedHub, status: int, limits: list[float]) -> None:
    script.deny(status)
    async with Connection(script.url) as hub:
        assert hub.status.state == "live"
    assert (script.handshakes, limits) == (2, [0.5])


@pytest.mark.parametrize(
    ("body", "headers"),
    [({"error": {"data": {"retry_after_ms": 300}}}, {}), ({}, {"Retry_After": "1"}), ([], {"Retry_After": "1"})],
)
async def test_a_denial_says_how_long_to_wait(
    script: ScriptedHub, limits: list[float], body: Any, headers: dict[str, str]
) -> None:
    script.deny(429, body, **headers)
    began = asyncio.get_running_loop().time()
    async with Connection(script.url):
        assert asyncio.get_running_loop().time() - began >= 0.299


async def test_the_waits_double_until_something_was_answered(script: ScriptedHub, limits: list[float]) -> None:
    async with Connection(script.url) as hub:
        for _ in range(7):
            await (await script.session()).close(4001)
        session = await script.session()
        assert limits == [0.5, 1, 2, 4, 8, 15, 15]
        await until(lambda: is_so(hub, "live"))
        assert await hub.call("ping") == {"at": "now"}
        await session.close(4001)
        await script.session()
    assert limits[7:] == [0.5]


async def test_entering_waits_for_the_hub_and_can_be_given_up() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), Connection("http://127.0.0.1:1"):
            pass
    assert nobody_else() == set()


async def test_a_silent_network_is_noticed(hub: HubProcess, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing arrives and nobody says that nothing will."""
    monkeypatch.setattr(connection, "PING_S", 0.2)
    monkeypatch.setattr(connection, "ANSWER_S", 0.5)
    monkeypatch.setattr("hub.client.breaks.FIRST_WAIT_S", 0)
    id = await hub.create()
    async with Connection(proxy.url) as client:
        reader = Reader(client.watch(id))
        await reader.read()
        proxy.stall()
        await until(lambda: is_so(client, "offline"))
        await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
        proxy.flow()
        assert [update.state.seq for update in await reader.read()] == [3]


async def test_whatever_is_heard_is_a_sign_of_life(script: ScriptedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight slow requests keep the hub from reading a question whether it is there."""
    monkeypatch.setattr(connection, "PING_S", 0.05)
    monkeypatch.setattr(connection, "ANSWER_S", 0.25)
    script.answers_pings = False
    async with Connection(script.url) as client:
        reader = Reader(client.watch("1"))
        session = await begun(script, reader)
        for seq in range(6, 16):
            await session.events(seq)
            await reader.read()
            await asyncio.sleep(0.05)
        assert client.status.state == "live"
        await until(lambda: is_so(client, "offline"))
        assert client.status.reason == "the hub does not answer"


async def is_so(client: Connection, state: str) -> bool:
    return client.status.state == state


async def test_an_answer_that_is_none_leaves_nobody_waiting(script: ScriptedHub, limits: list[float]) -> None:
    async with Connection(script.url) as hub:
        session = await script.session()
        call = asyncio.create_task(hub.call("getConf", id="1"))
        await session.say(id=(await session.asked("getConf"))["id"], error={"message": "no code"})
        with pytest.raises(ConnectionLost, match="cannot be understood"):
            await call
        await script.session()


async def test_the_proxies_of_the_environment_are_not_asked(hub: HubProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with Connection(hub.url) as client:
        assert (await client.call("ping"))["at"]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("https://hub.example/conferences/", "wss://hub.example/conferences/ws"),
        ("ws://hub.example/", "ws://hub.example/ws"),
        ("wss://hub.example", "wss://hub.example/ws"),
    ],
)
def test_an_address_may_be_written_as_people_write_it(url: str, address: str) -> None:
    assert Connection(url)._address == address


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://hub.example", "http://", "http://hub.example:x"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError):
        Connection(url)


async def test_cancelled_at_any_moment_it_leaves_no_task(hub: HubProcess, caplog: pytest.LogCaptureFixture) -> None:
    async def use() -> None:
        async with Connection(hub.url) as client:
            id = (await client.call("createConf", id="mia", appid="demo"))["id"]
            async for update in client.watch(id):
                await client.call("joinConf", id=id, **BY, users=[{"id": f"user-{update.state.seq}"}])

    for turns in (*range(30), *(round(30 * 1.15**step) for step in range(40))):
        using = asyncio.create_task(use())
        for _ in range(turns):
            await asyncio.sleep(0)
        using.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await using
        for _ in range(3):
            await asyncio.sleep(0)
        assert nobody_else() == set(), turns
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
