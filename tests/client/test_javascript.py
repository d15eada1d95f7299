"""What the client in JavaScript promises beside what both do. Its clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.browser.chromium import open_page
from tests.client.twins import JavaScriptTwin
from tests.faults.world import until
from tests.harness import HubProcess
from tests.network import Proxy, ScriptedHub, Session

BY = {"uid": "mia", "appid": "demo"}
ALMOST = 0.999
"""Every wait is nearly as long as it may be."""


@pytest.fixture
async def twin() -> AsyncIterator[JavaScriptTwin]:
    async with open_page() as page:
        await page.clock.install(time=0)
        await page.clock.pause_at(1)
        yield (twin := JavaScriptTwin(page))
        await twin.close()


async def passes(twin: JavaScriptTwin, seconds: float) -> None:
    await twin.page.clock.run_for(round(seconds * 1000))


async def is_now(twin: JavaScriptTwin, state: str) -> None:
    async def is_so() -> bool:
        return (await twin.status())[0] == state

    await until(is_so)


async def happens(twin: JavaScriptTwin, target: str, event: str) -> None:
    await twin.page.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")


async def test_it_asks_every_fifteen_seconds_whether_the_hub_is_there(
    twin: JavaScriptTwin, script: ScriptedHub
) -> None:
    script.answers_pings = False
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    for _ in range(3):
        await passes(twin, 14.9)
        assert session.is_silent
        await passes(twin, 0.2)
        await session.answer(await session.asked("ping"), at="now")
        await has_heard(twin, session)


async def has_heard(twin: JavaScriptTwin, session: Session) -> None:
    """All that was said to it so far: what is said comes in order."""
    call = asyncio.create_task(twin.call("getConf"))
    await session.answer(await session.asked("getConf"))
    await call


async def test_a_silent_network_is_noticed(twin: JavaScriptTwin, hub: HubProcess, proxy: Proxy) -> None:
    """Nothing arrives and nobody says that nothing will."""
    id = await hub.create()
    await twin.open(proxy.url)
    await twin.watch(id)
    await is_now(twin, "live")
    proxy.stall()
    await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
    await passes(twin, 24.9)
    assert (await twin.status())[0] == "live"
    await passes(twin, 0.2)
    assert await twin.status() == ("offline", "the hub does not answer", False)
    proxy.flow()
    await passes(twin, 0.1)
    await is_now(twin, "live")
    assert [seq for seq, *_ in await twin.told(id)] == [2, 3]


async def test_whatever_is_heard_is_a_sign_of_life(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    """Eight slow requests keep the hub from reading a question whether it is there."""
    script.answers_pings = False
    await twin.open(script.url)
    await twin.watch("1")
    session = await script.session()
    await session.begin(5)
    for seq in range(6, 12):
        await passes(twin, 9.9)
        await session.events(seq)
        await until(partial(has_come_to, twin, seq))
    assert "offline" not in await twin.words()
    await passes(twin, 25)
    assert "offline" in await twin.words()
    await script.session()


async def has_come_to(twin: JavaScriptTwin, seq: int) -> bool:
    return (await twin.told("1"))[-1][0] == seq


async def test_it_says_when_it_is_ready(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    assert await twin.page.evaluate("connection.ready.then(() => connection.status.state)") == "live"
    closed = """async () => {
        const { Connection } = await import("/js/connection.js");
        const other = new Connection("http://127.0.0.1:1");
        other.close();
        return other.ready.catch(({ name }) => name);
    }"""
    assert await twin.page.evaluate(closed) == "offline"


async def test_a_handshake_that_is_not_answered_is_given_up(twin: JavaScriptTwin, proxy: Proxy) -> None:
    await twin.open(proxy.url)
    await is_now(twin, "live")
    proxy.stall()
    await passes(twin, 26)
    assert (await twin.status())[0] == "offline"
    await passes(twin, 11)
    proxy.flow()
    await passes(twin, 1)
    await is_now(twin, "live")


async def test_the_waits_double_until_something_was_answered(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url, dice=ALMOST)
    for longest in (0.5, 1, 2, 4, 8, 15, 15):
        await (await script.session()).close(4001)
        await is_now(twin, "offline")
        seen = script.handshakes
        await passes(twin, longest * 0.99)
        assert script.handshakes == seen
        await passes(twin, longest * 0.01)
    session = await script.session()
    await is_now(twin, "live")
    assert await twin.call("ping") == {"result": {"at": "now"}}
    await session.close(4001)
    await is_now(twin, "offline")
    await passes(twin, 0.5)
    await script.session()


@pytest.mark.parametrize(
    ("target", "event"), [("window", "online"), ("window", "offline"), ("document", "visibilitychange")]
)
async def test_it_hurries_when_there_is_hope(
    twin: JavaScriptTwin, script: ScriptedHub, target: str, event: str
) -> None:
    await twin.open(script.url, dice=ALMOST)
    for longest in (0.5, 1, 2, 4):
        await (await script.session()).close(4001)
        await is_now(twin, "offline")
        await passes(twin, longest)
    await (await script.session()).close(4001)
    await is_now(twin, "offline")
    await happens(twin, target, event)
    await passes(twin, 0.5)
    await script.session()


async def test_hope_does_not_shorten_what_the_hub_has_asked_for(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    await (await script.session()).close(4029, '{"retry_after_ms": 60000}')
    await is_now(twin, "offline")
    await happens(twin, "window", "online")
    await passes(twin, 59)
    assert script.handshakes == 1
    await passes(twin, 1)
    await script.session()


@pytest.mark.parametrize(
    ("target", "event"), [("window", "online"), ("window", "offline"), ("document", "visibilitychange")]
)
async def test_where_it_may_have_been_cut_off_it_looks_at_once_and_does_not_wait_long(
    twin: JavaScriptTwin, script: ScriptedHub, target: str, event: str
) -> None:
    script.answers_pings = False
    await twin.open(script.url, dice=ALMOST)
    session = await script.session()
    await is_now(twin, "live")
    await happens(twin, target, event)
    await session.asked("ping")
    await passes(twin, 2.9)
    assert (await twin.status())[0] == "live"
    await passes(twin, 0.2)
    assert await twin.status() == ("offline", "the hub does not answer", False)


RESTORED = "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


async def sleeps(twin: JavaScriptTwin, how: str) -> None:
    """As a laptop that is shut, a page that the browser freezes, and one that it takes out of its cache."""
    if how == "machine":
        await twin.page.clock.fast_forward(3600_000)
    elif how == "page":
        await happens(twin, "document", "resume")
    else:
        await twin.page.evaluate(RESTORED)


@pytest.mark.parametrize("what", ["machine", "page", "cache"])
async def test_after_a_sleep_nothing_is_live_before_the_hub_says_so(
    twin: JavaScriptTwin, script: ScriptedHub, what: str
) -> None:
    script.answers_pings = False
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    await session.begin(5)
    await is_now(twin, "live")
    await sleeps(twin, what)
    assert [(await twin.status(id))[0] for id in (None, "1")] == ["catching up"] * 2
    while (request := await session.request())["method"] != "watchConf":
        pass
    assert (request["params"]["epoch"], request["params"]["seq"]) == ("e", 5)
    await session.answer(request, id="1", epoch="e", seq=7, recovered=True)
    await session.events(6)
    await until(partial(has_come_to, twin, 6))
    assert (await twin.status())[0] == "catching up"
    await session.events(7)
    await is_now(twin, "live")
    assert [seq for seq, *_ in await twin.told("1")] == [5, 6, 7]


async def test_a_connection_that_was_slept_to_death_is_replaced_without_a_loss(
    twin: JavaScriptTwin, hub: HubProcess, proxy: Proxy
) -> None:
    id = await hub.create()
    await twin.open(proxy.url)
    await twin.watch(id)
    await is_now(twin, "live")
    proxy.stall()
    await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
    await twin.page.clock.fast_forward(3600_000)
    assert "live" not in [(await twin.status(each))[0] for each in (None, id)]
    await passes(twin, 3.1)
    assert await twin.status() == ("offline", "the hub does not answer", False)
    proxy.flow()
    await passes(twin, 0.1)
    await is_now(twin, "live")
    assert [seq for seq, *_ in await twin.told(id)] == [2, 3]


async def test_without_a_watch_too_it_is_live_only_once_the_hub_has_answered(
    twin: JavaScriptTwin, script: ScriptedHub
) -> None:
    script.answers_pings = False
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    await sleeps(twin, "page")
    assert (await twin.status())[0] == "catching up"
    await session.answer(await session.asked("ping"), at="now")
    await is_now(twin, "live")


async def test_many_short_sleeps_leave_no_one_waiting(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url, dice=ALMOST)
    session = await script.session()
    await twin.watch("1")
    await session.begin(5)
    for _ in range(10):
        await is_now(twin, "live")
        await sleeps(twin, "page")
        await session.resume(5)


async def test_a_ping_refused_for_now_is_put_off(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    script.answers_pings = False
    await twin.open(script.url)
    session = await script.session()
    await is_now(twin, "live")
    await happens(twin, "window", "online")
    await session.refuse(await session.asked("ping"), 1429, "too_many", retry_after_ms=20_000)
    await has_heard(twin, session)
    await passes(twin, 34.9)
    assert session.is_silent
    await passes(twin, 0.2)
    await session.asked("ping")


async def test_once_closed_it_does_nothing_more(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    await session.begin(5)
    await is_now(twin, "live")
    await twin.close()
    await asyncio.wait_for(session.is_over.wait(), 5)
    assert await twin.status() == ("offline", "the connection was closed", True)
    assert await twin.status("1") == ("offline", "the connection was closed", True)
    assert await twin.call("ping") == {"error": {"kind": "Offline"}}
    await happens(twin, "window", "online")
    await passes(twin, 60)
    assert script.handshakes == 1


async def test_one_closed_before_it_was_connected_never_is(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.page.goto(script.url)
    await twin.page.evaluate(
        """async (url) => {
        const { Connection } = await import("/js/connection.js");
        window.connection = new Connection(url);
        window.watch = connection.watch("1");
        connection.close();
    }""",
        script.url,
    )
    await passes(twin, 60)
    assert await twin.status() == ("offline", "the connection was closed", True)


async def test_one_conference_is_watched_once(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    said = await twin.page.evaluate("""() => {
        const watch = connection.watch("1");
        let said = null;
        try { connection.watch("1"); } catch ({ message }) { said = message; }
        watch.close();
        connection.watch("1");
        return said;
    }""")
    assert said == "conference 1 is watched already on this connection"


async def test_a_listener_may_close_what_it_listens_to(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    await twin.open(script.url)
    session = await script.session()
    await twin.watch("1")
    await twin.page.evaluate("watches['1'].addEventListener('change', () => watches['1'].close())")
    await session.begin(5)
    await session.asked("unwatchConf")
    assert await twin.status("1") == ("offline", "not watched", False)
    await twin.page.evaluate("connection.addEventListener('status', () => connection.close())")
    await session.close(4001)
    await is_now(twin, "offline")
    await passes(twin, 60)
    assert (script.handshakes, await twin.status()) == (1, ("offline", "the connection was closed", True))


async def ask_for_tokens(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    """From a function that waits for the test to say what it gives: `give[0]` is for the first call."""
    await twin.open(script.url)
    await script.session()
    await twin.page.evaluate(
        """async (url) => {
        connection.close();
        statuses.length = 0;
        window.give = [];
        window.connection = new connection.constructor(url, { token: () => new Promise((one) => give.push(one)) });
        connection.addEventListener("status", () => statuses.push(connection.status));
    }""",
        script.url,
    )


async def give(twin: JavaScriptTwin, token: str, call: int) -> None:
    async def is_called() -> bool:
        return bool(await twin.page.evaluate("(call) => give.length > call", call))

    await until(is_called)
    await twin.page.evaluate("([token, call]) => give[call](token)", [token, call])


async def test_neither_a_token_function_nor_the_hub_is_waited_for_without_end(
    twin: JavaScriptTwin, script: ScriptedHub
) -> None:
    await ask_for_tokens(twin, script)
    await passes(twin, 9.9)
    await happens(twin, "window", "online")
    assert await twin.reasons() == []
    await passes(twin, 0.2)
    assert await twin.reasons() == ["the token function does not answer"]
    await give(twin, "too late", 0)
    await give(twin, "t1", 1)
    await (await script.session()).asked("authenticate")
    await passes(twin, 7.9)
    assert len(await twin.reasons()) == 1
    await passes(twin, 0.2)
    await give(twin, "t2", 2)
    session = await script.session()
    assert await session.admit() == {"token": "t2"}
    await is_now(twin, "live")
    assert await twin.reasons() == ["the token function does not answer", "the hub does not answer"]
    await session.close(4001)
    await is_now(twin, "offline")
    await passes(twin, 0.1)
    await twin.close()
    await give(twin, "t3", 3)
    await passes(twin, 60)
    assert (script.handshakes, await twin.page.evaluate("give.length")) == (3, 4)


async def test_it_is_not_asked_for_tokens_without_end(twin: JavaScriptTwin, script: ScriptedHub) -> None:
    """Of a token of less than a minute the hub says at once that it expires, even before it accepts it."""
    await twin.open(script.url, token=["t1", "t2", "t3", "t4", "t5"])
    session = await script.session()
    asked = await session.asked("authenticate")
    for token in ("t1", "t2"):
        assert asked["params"] == {"token": token}
        await session.notify("signal", type="expiring")
        await session.answer(asked)
        await is_now(twin, "live")
        if token == "t1":
            asked = await session.asked("authenticate")
    await has_heard(twin, session)
    await passes(twin, 9.9)
    assert session.is_silent
    await passes(twin, 0.2)
    asked = await session.asked("authenticate")
    assert asked["params"] == {"token": "t3"}
    await session.notify("signal", type="expiring")
    await session.close(4010)
    await is_now(twin, "offline")
    await passes(twin, 0.1)
    session = await script.session()
    assert await session.admit() == {"token": "t4"}
    await is_now(twin, "live")
    await passes(twin, 11)
    await has_heard(twin, session)
