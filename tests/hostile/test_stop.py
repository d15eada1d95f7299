"""An orderly stop, whatever the clients do."""

from __future__ import annotations

import asyncio
import signal
import time

from tests.conftest import Start
from tests.hostile.healthy import Crowd, flood, quiet, tell
from tests.hostile.raw import ELSEWHERE, SMALL_BUFFER, Raw, request
from tests.scale import scaled

STOPS_WITHIN_S = 10.0
RESTART = 4001
STALLED = 10


async def test_a_stop_waits_for_nobody_and_tells_all_to_come_back(start: Start) -> None:
    """Among a thousand that listen: those that do not, half-open handshakes, and one in the middle of a body."""
    hub = await start()
    id = await hub.create()
    with await Crowd.gather(hub, id, scaled(1000)) as crowd:
        stalled = [await Raw.session(hub.url, receive_buffer=SMALL_BUFFER) for _ in range(STALLED)]
        for raw in stalled:
            await raw.call("watchConf", id=id)
        await crowd.reached(await flood(hub, id, 4000))
        for raw in stalled[: STALLED // 2]:
            await raw.write(b"".join(request("getEvents", number, id=id, limit=1000) for number in range(20)))
        begun = [await Raw.to(hub.url, source=ELSEWHERE) for _ in range(STALLED)]
        for raw in begun:
            await raw.write(
                b"POST /rpc HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
            )
        begun.append(await Raw.to(hub.url, source=ELSEWHERE))
        at = time.monotonic()
        code, endings = await asyncio.gather(hub.kill(signal.SIGTERM), crowd.endings())
        took = time.monotonic() - at
        for raw in (*stalled, *begun):
            raw.close()
    tell(open=len(crowd.watchers), stalled=STALLED, stopped_after_s=took, exit=code, told=endings)
    assert code == 0
    assert took < STOPS_WITHIN_S
    assert endings == {RESTART: len(crowd.watchers)}
    quiet(hub)


async def test_what_was_asked_before_a_stop_is_answered_before_the_goodbye(start: Start) -> None:
    hub = await start()
    id = await hub.create()
    with await Raw.session(hub.url) as raw:
        await raw.call("watchConf", id=id)
        join = request("joinConf", "join", id=id, uid="mia", appid="demo", users=[{"id": "ada"}])
        await raw.write(join)
        stopping = asyncio.create_task(hub.kill(signal.SIGTERM))
        said = [await raw.message() for _ in range(2)]
        ending = await raw.ending()
        assert await stopping == 0
    assert {each.get("method") or each.get("id") for each in said} == {"event", "join"}
    assert ending.code == RESTART
    quiet(hub)
