"""Connections that never become a session, and pages that may not have one."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests.conftest import Start
from tests.harness import HubProcess
from tests.hostile.healthy import SECRET, healthy, notify, tell, unharmed
from tests.hostile.kernel import connections, memory_mb, seconds_until_gone
from tests.hostile.raw import ELSEWHERE, Raw, handshake, post, request
from tests.scale import scaled

CLOSED_WITHIN_S = 15.0
"""The hub's ten seconds, and what a busy machine adds."""

BEGINNINGS = {
    "silent": b"",
    "a WebSocket's head": b"GET /ws HTTP/1.1\r\nHost:",
    "a POST's head": b"POST /getConf HTTP/1.1\r\nX-Long: ",
    "blank lines": b"\r\n\r\n",
}
DRIP_S = 1.0


async def test_half_open_handshakes_are_closed_and_keep_nobody_out(start: Start) -> None:
    hub = await start("--callback-secret", SECRET)
    count = scaled(2000)
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        with contextlib.ExitStack() as open_ones:
            at = time.monotonic()
            raws = await asyncio.gather(*(Raw.to(hub.url, source=ELSEWHERE) for _ in range(count)))
            for raw in raws:
                open_ones.enter_context(raw)
            dripping = asyncio.create_task(begin_and_drip(raws))
            assert len(connections(hub.url) & {raw.address for raw in raws}) == count
            during = memory_mb(hub)
            await notify(hub)
            with await Raw.session(hub.url) as other, await Raw.session(hub.url, source=ELSEWHERE) as neighbour:
                assert (await other.call("ping"))["result"]
                assert (await neighbour.call("ping"))["result"]
            await seconds_until_gone(hub.url, [raw.address for raw in raws], CLOSED_WITHIN_S)
            gone = time.monotonic() - at
            dripping.cancel()
        after = memory_mb(hub)
    tell(
        half_open=count,
        gone_after_s=gone,
        MB=f"{before:.0f} → {during:.0f} → {after:.0f}",
        **moderator.figures,
    )


async def begin_and_drip(raws: list[Raw]) -> None:
    """One byte of a header now and then, for those that have begun one."""
    beginnings = list(BEGINNINGS.values())
    begun = [(raw, beginnings[number % len(beginnings)]) for number, raw in enumerate(raws)]
    for raw, beginning in begun:
        await raw.write_what_it_takes(beginning)
    while True:
        await asyncio.sleep(DRIP_S)
        for raw, beginning in begun:
            if beginning:
                await raw.write_what_it_takes(beginning[-1:])


async def test_a_head_that_never_ends_is_refused_unread(hub: HubProcess) -> None:
    async with healthy(hub):
        before = memory_mb(hub)
        with await Raw.to(hub.url) as raw:
            await raw.write_what_it_takes(handshake(hub.url)[:-2] + b"X-Long: ")
            for _ in range(16):
                await raw.write_what_it_takes(b"x" * 1024 * 1024)
            answer = (await raw.read_for(CLOSED_WITHIN_S))[:12]
        after = memory_mb(hub)
    tell(answer=answer.decode(), MB=f"{before:.0f} → {after:.0f}")
    assert answer == b"HTTP/1.1 400"
    assert after - before < 6


# Pages ----------------------------------------------------------------------------------------------------------------


def foreign(url: str) -> dict[str, list[str]]:
    """The headers of pages that may not talk to this hub."""
    here, port = urlsplit(url).netloc, urlsplit(url).port
    origins = {
        "another site": "https://evil.example",
        "a file or a sandbox": "null",
        "our name before theirs": f"http://{here}.evil.example",
        "our name after theirs": f"http://evil-{here}",
        "our name as their subdomain": f"http://evil.{here}",
        "our name as a user of theirs": f"http://{here}@evil.example",
        "their name as a user of ours": f"http://evil.example@{here}",
        "another port": f"http://127.0.0.1:{(port or 0) + 1}",
        "no port": "http://127.0.0.1",
        "another loopback": f"http://127.0.0.3:{port}",
        "another name of ours": f"http://localhost:{port}",
        "a trailing dot": f"http://127.0.0.1.:{port}",
        "a path": f"http://{here}/",
        "a query": f"http://{here}?",
        "a fragment": f"http://{here}#",
        "a backslash": f"http://{here}\\@evil.example",
        "another scheme": f"ftp://{here}",
        "no scheme": here,
        "a number": f"http://2130706433:{port}",
        "nothing": "",
        "two in one": f"http://{here} https://evil.example",
        "two with a comma": f"http://{here}, https://evil.example",
    }
    return {name: [f"Origin: {origin}"] for name, origin in origins.items()}


def doubled(url: str) -> dict[str, list[str]]:
    own, other = f"Origin: {url}", "Origin: https://evil.example"
    return {"ours first": [own, other], "theirs first": [other, own], "ours twice": [own, own]}


async def test_pages_of_others_are_refused_before_the_handshake(hub: HubProcess) -> None:
    answers = {}
    for name, headers in foreign(hub.url).items():
        with await Raw.to(hub.url) as raw:
            answer = await raw.shake_hands(*headers)
            answers[name] = (answer.status, answer.said["error"]["code"] if answer.status == 403 else None)
    tell(pages=len(answers), answers=Counter(answers.values()))
    assert {name for name, answer in answers.items() if answer != (403, 1403)} == set()
    await unharmed(hub)


async def test_pages_of_others_are_refused_at_the_other_door_too(hub: HubProcess) -> None:
    let_in = [name for name, headers in foreign(hub.url).items() if await status_of_post(hub, headers) != 403]
    assert let_in == []


async def test_whoever_has_two_origins_has_none_of_ours(hub: HubProcess) -> None:
    for name, headers in doubled(hub.url).items():
        with await Raw.to(hub.url) as raw:
            assert (await raw.shake_hands(*headers)).status in (400, 403), name
        assert await status_of_post(hub, headers) in (400, 403), name


async def status_of_post(hub: HubProcess, headers: list[str]) -> int:
    body = b'{"id":"mia","appid":"demo"}'
    with await Raw.to(hub.url) as raw:
        await raw.write(post(hub.url, "/getUserConfs", body, f"Content-Length: {len(body)}", *headers))
        return (await raw.answer()).status


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "evil127.0.0.1", "localhost.evil.example"])
async def test_a_foreign_name_that_leads_here_is_refused(hub: HubProcess, name: str) -> None:
    """DNS may say that any name is 127.0.0.1; the browser then sends that name as host and as origin."""
    here, port = urlsplit(hub.url).netloc, urlsplit(hub.url).port
    head = handshake(hub.url, f"Origin: http://{name}:{port}").replace(
        f"Host: {here}".encode(), f"Host: {name}:{port}".encode()
    )
    with await Raw.to(hub.url) as raw:
        await raw.write(head)
        assert (await raw.answer()).status == 403


async def test_our_own_page_and_no_page_at_all_are_let_in(hub: HubProcess) -> None:
    for headers in ([], [f"Origin: {hub.url}"], [f"origin: {hub.url}"]):
        with await Raw.to(hub.url) as raw:
            assert (await raw.shake_hands(*headers)).status == 101
            await raw.write(request("ping", 1))
            assert (await raw.message())["id"] == 1
        assert await status_of_post(hub, headers) == 200
