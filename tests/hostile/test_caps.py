"""As many connections as there are, and not one more; who is turned away is told when to come again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter

from tests.conftest import Start
from tests.harness import HubProcess
from tests.hostile.healthy import SECRET, Crowd, flood, healthy, notify, tell, unharmed
from tests.hostile.kernel import files, seconds_until_files
from tests.hostile.raw import ELSEWHERE, LOCAL, Answer, Raw, handshake, post
from tests.scale import scaled


def is_refused(answer: Answer) -> bool:
    """True for a full refusal, False for a handshake; raises for anything between."""
    if answer.status == 101:
        return False
    error = answer.said["error"]
    assert (answer.status, error["code"], error["name"]) == (429, 1429, "too_many"), answer
    assert int(answer.headers["retry-after"]) >= 1
    assert error["data"]["retry_after_ms"] > 0
    assert "json" in answer.headers["content-type"]
    return True


async def try_session(hub: HubProcess, source: str = LOCAL) -> Answer:
    with await Raw.to(hub.url, source=source) as raw:
        return await raw.shake_hands()


async def try_post(hub: HubProcess, source: str = LOCAL) -> Answer:
    with await Raw.to(hub.url, source=source) as raw:
        await raw.write(post(hub.url, "/getUserConfs", b'{"id":"mia","appid":"demo"}'))
        return await raw.answer()


async def files_at_rest(hub: HubProcess) -> int:
    """With the one connection that is kept alive."""
    await hub.create()
    return files(hub)


async def test_one_address_cannot_take_the_place_of_others(start: Start) -> None:
    limit = 20
    hub = await start("--max-sockets-per-address", str(limit), "--callback-secret", SECRET)
    base = await files_at_rest(hub)
    async with healthy(hub):
        with contextlib.ExitStack() as inside:
            for _ in range(limit):
                inside.enter_context(await Raw.session(hub.url, source=ELSEWHERE))
            assert is_refused(await try_session(hub, ELSEWHERE))
            assert is_refused(await try_post(hub, ELSEWHERE))
            assert not is_refused(await try_session(hub))
            assert (await try_post(hub)).status == 200
            await notify(hub)
    await seconds_until_files(hub, base)
    assert not is_refused(await try_session(hub, ELSEWHERE))


async def test_more_websockets_than_allowed_are_refused_and_all_else_goes_on(start: Start) -> None:
    limit = 20
    hub = await start("--max-sockets", str(limit), "--callback-secret", SECRET)
    base = await files_at_rest(hub)
    async with healthy(hub):
        with contextlib.ExitStack() as inside:
            for number in range(limit - 1):
                inside.enter_context(await Raw.session(hub.url, source=(LOCAL, ELSEWHERE)[number % 2]))
            assert is_refused(await try_session(hub))
            assert is_refused(await try_session(hub, ELSEWHERE))
            assert (await try_post(hub)).status == 200
            await notify(hub)
            inside.pop_all().close()
    await seconds_until_files(hub, base)
    assert not is_refused(await try_session(hub))


async def test_places_are_given_back_however_a_session_ends(start: Start) -> None:
    """Refused, cut, said goodbye, malformed: a place that is lost once would be lost for good."""
    limit = 10
    hub = await start("--max-sockets", str(limit), "--max-sockets-per-address", str(limit))
    base = await files_at_rest(hub)
    for round in range(5):
        endings = (b"", b"\x88\x80\0\0\0\0", b"\xff\xff", handshake(hub.url), b"\x81\xfe")
        for each in endings * 2:
            with await Raw.to(hub.url, source=ELSEWHERE) as raw:
                if round % 2:
                    await raw.shake_hands("Origin: https://evil.example")
                else:
                    await raw.shake_hands()
                    await raw.write(each)
        with await Raw.to(hub.url, source=ELSEWHERE) as raw:
            await raw.write(handshake(hub.url).replace(b"Version: 13", b"Version: 12"))
            assert (await raw.answer()).status == 400
        await seconds_until_files(hub, base)
    with contextlib.ExitStack() as inside:
        for _ in range(limit):
            inside.enter_context(await Raw.session(hub.url, source=ELSEWHERE))
        assert is_refused(await try_session(hub, ELSEWHERE))
    await unharmed(hub)


async def test_a_rush_is_let_in_at_the_rate_it_can_be(start: Start) -> None:
    rate = 10
    hub = await start("--accepts-per-s", str(rate))
    refused = [is_refused(answer) for answer in await asyncio.gather(*(try_session(hub) for _ in range(10 * rate)))]
    assert 0 < sum(refused) < len(refused)
    last = await try_session(hub)
    at = time.monotonic()
    while is_refused(last):
        await asyncio.sleep(json.loads(last.body)["error"]["data"]["retry_after_ms"] / 1000)
        last = await try_session(hub)
    tell(rushed=len(refused), let_in=refused.count(False), let_in_after_s=time.monotonic() - at)
    assert (await try_post(hub)).status == 200
    await unharmed(hub)


async def test_a_thousand_watchers_of_one_address_may_come_at_once(start: Start) -> None:
    hub = await start()
    id = await hub.create()
    at = time.monotonic()
    with await Crowd.gather(hub, id, scaled(1000)) as crowd:
        connected = time.monotonic() - at
        async with healthy(hub) as moderator:
            await crowd.reached(await flood(hub, id, 1000))
    tell(watchers=len(crowd.watchers), connected_after_s=connected, delay=crowd.delay, **moderator.figures)


async def test_what_is_refused_costs_nothing(start: Start) -> None:
    """Thousands beyond the limit, as fast as they can."""
    hub = await start("--max-sockets-per-address", "10")
    base = await files_at_rest(hub)
    async with healthy(hub) as moderator:
        with contextlib.ExitStack() as inside:
            for _ in range(10):
                inside.enter_context(await Raw.session(hub.url, source=ELSEWHERE))
            answers: Counter[bool] = Counter()
            for _ in range(scaled(1000)):
                answers.update([is_refused(await try_session(hub, ELSEWHERE)) for _ in range(5)])
    await seconds_until_files(hub, base)
    tell(tried=answers.total(), refused=answers[True], **moderator.figures)
    assert answers[False] == 0
