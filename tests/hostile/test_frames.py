"""Frames, messages and bodies that are wrong or too large: each is refused in its own words, and harms nobody."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter

import pytest

from tests.conftest import Start
from tests.harness import HubProcess
from tests.hostile.healthy import SECRET, healthy, tell, unharmed
from tests.hostile.kernel import files, memory_mb, seconds_until_files
from tests.hostile.raw import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    Ending,
    Frame,
    Raw,
    frame,
    handshake,
    header,
    post,
    request,
)
from tests.scale import scaled

MIB = 1024 * 1024
HUGE = 16 * MIB
UNNOTICED_MB = 10.0
"""What a hub may grow by, whatever comes: less than one of the messages that are too large."""

BRIEFLY_S = 0.02

ASKED = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


# The protocol ---------------------------------------------------------------------------------------------------------

WRONG = {
    "a frame without a mask": (frame(TEXT, ASKED, masked=False), 1002),
    "a reserved opcode for data": (frame(0x3, b"?"), 1002),
    "a reserved opcode for control": (frame(0xB, b"?"), 1002),
    "a first reserved bit, though nothing is compressed": (frame(TEXT, ASKED, rsv=4), 1002),
    "a second reserved bit": (frame(TEXT, ASKED, rsv=2), 1002),
    "a third reserved bit": (frame(TEXT, ASKED, rsv=1), 1002),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "a close of 126 bytes": (frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "a ping in fragments": (frame(PING, b"x", fin=False), 1002),
    "a continuation of nothing": (frame(CONT, ASKED), 1002),
    "a message within a message": (frame(TEXT, b"{", fin=False) + frame(TEXT, ASKED), 1002),
    "text that is no UTF-8": (frame(TEXT, b'"\xff\xfe"'), 1007),
    "text in fragments that is no UTF-8": (frame(TEXT, b'"\xe5', fin=False) + frame(CONT, b'"'), 1007),
    "a close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "a close with a code that may not be sent": (frame(CLOSE, (1005).to_bytes(2)), 1002),
    "a close with a code that is none": (frame(CLOSE, (999).to_bytes(2)), 1002),
    "a close whose reason is no UTF-8": (frame(CLOSE, b"\x03\xe8\xff"), 1007),
}


async def test_whoever_breaks_the_protocol_is_told_so_and_nobody_else(hub: HubProcess) -> None:
    async with healthy(hub):
        said = {}
        for name, (bad, _) in WRONG.items():
            with await Raw.session(hub.url) as raw:
                await raw.write(bad)
                said[name] = (await raw.ending()).code
    assert said == {name: code for name, (_, code) in WRONG.items()}
    tell(wrong=len(WRONG), codes=Counter(said.values()))


@pytest.mark.parametrize("payload", [b"", b"\x03\xe8", b"\x03\xe8bye", b"\x0f\xa1", b"\x13\x87later"])
async def test_a_goodbye_is_returned(hub: HubProcess, payload: bytes) -> None:
    with await Raw.session(hub.url) as raw:
        await raw.write(frame(CLOSE, payload))
        assert await raw.next() == Frame(CLOSE, payload)
        assert await raw.next() is None
    await unharmed(hub)


async def test_nothing_after_a_goodbye_is_done(hub: HubProcess) -> None:
    id = await hub.create()
    with await Raw.session(hub.url) as raw:
        join = request("joinConf", 1, id=id, uid="mia", appid="demo", users=[{"id": "late"}])
        await raw.write(frame(CLOSE, b"\x03\xe8") + join)
        assert (await raw.ending()).code == 1000
    assert (await hub.post("getConfUsers", id=id))["users"] == []
    await unharmed(hub)


async def test_a_ping_amid_a_message_is_answered_and_the_message_too(hub: HubProcess) -> None:
    with await Raw.session(hub.url) as raw:
        await raw.write(frame(TEXT, ASKED[:9], fin=False) + frame(PING, b"are you there?"))
        assert await raw.next() == Frame(PONG, b"are you there?")
        await raw.write(frame(CONT, ASKED[9:20], fin=False) + frame(PONG, b"unasked") + frame(CONT, ASKED[20:]))
        assert (await raw.message())["id"] == 1


async def test_a_binary_message_is_read_like_a_text(hub: HubProcess) -> None:
    with await Raw.session(hub.url) as raw:
        await raw.write(frame(BINARY, ASKED))
        assert (await raw.message())["id"] == 1
        await raw.write(frame(BINARY, b"\xff\xfe"))
        assert (await raw.message())["error"]["code"] == -32700
        await raw.write(frame(TEXT, b"") + frame(BINARY, b""))
        assert [(await raw.message())["error"]["code"] for _ in range(2)] == [-32700, -32700]


async def test_compression_is_declined_and_the_session_goes_on_without(hub: HubProcess) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"
    with await Raw.to(hub.url) as raw:
        answer = await raw.shake_hands(offer)
        assert (answer.status, answer.headers.get("sec-websocket-extensions")) == (101, None)
        assert (await raw.call("ping"))["id"] == "ping"
        await raw.write(frame(TEXT, b"\xaa\x56\x4a", rsv=4))
        assert (await raw.ending()).code == 1002


# Fragments ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "further"),
    [
        (frame(TEXT, b"", fin=False), frame(CONT, b"", fin=False)),
        (frame(TEXT, b"{", fin=False), frame(CONT, b" ", fin=False)),
        (frame(BINARY, b"", fin=False), frame(CONT, b"", fin=False) * 20 + frame(PING)),
    ],
    ids=["of nothing", "of a blank each", "with pings between"],
)
async def test_a_message_of_endless_fragments_is_refused(hub: HubProcess, first: bytes, further: bytes) -> None:
    count = scaled(2_000_000)
    in_one = further.count(frame(CONT, b"", fin=False)[:1] + b"\x80") or 1
    at_once = 10_000 // in_one
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        with await Raw.session(hub.url) as raw:
            await raw.write(first)
            reading = asyncio.create_task(raw.ending())
            for _ in range(count // at_once):
                await raw.write_what_it_takes(further * at_once)
            ending = await reading
        after = memory_mb(hub)
    tell(
        fragments=count, ending=ending.code, reason=ending.reason, MB=f"{before:.0f} → {after:.0f}", **moderator.figures
    )
    assert ending.code in (1008, 1009)
    assert "1024" in ending.reason
    assert after - before < UNNOTICED_MB


async def test_a_mebibyte_in_a_thousand_fragments_is_read(hub: HubProcess) -> None:
    whole = ASKED + b" " * (MIB - len(ASKED))
    step = MIB // 999
    parts = [whole[start : start + step] for start in range(0, MIB, step)]
    assert len(parts) == 1000
    with await Raw.session(hub.url) as raw:
        for number, part in enumerate(parts):
            await raw.write(frame(CONT if number else TEXT, part, fin=number == len(parts) - 1))
        assert (await raw.message())["id"] == 1
        await raw.write(frame(TEXT, whole))
        assert (await raw.message())["id"] == 1
        await raw.write(frame(TEXT, b" ", fin=False) + frame(CONT, whole))
        ending = await raw.ending()
    assert ending.code == 1009
    names_the_limit(ending.reason)


# Too large ------------------------------------------------------------------------------------------------------------


def names_the_limit(reason: str, limit: int = MIB) -> None:
    assert str(limit) in reason or f"{limit // 1024} KiB" in reason or f"{limit // MIB} MiB" in reason, reason


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_frame_of_16_mib_is_refused_unread(hub: HubProcess, goes_on: bool) -> None:
    clients = scaled(100)
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        endings = await asyncio.gather(*(announce_a_huge_frame(hub, goes_on) for _ in range(clients)))
        after = memory_mb(hub)
    tell(clients=clients, endings=Counter(endings), MB=f"{before:.0f} → {after:.0f}", **moderator.figures)
    assert {ending.code for ending in endings} == {1009}
    names_the_limit(endings[0].reason)
    assert after - before < UNNOTICED_MB


async def announce_a_huge_frame(hub: HubProcess, goes_on: bool) -> Ending:
    with await Raw.session(hub.url) as raw:
        await raw.write(header(TEXT, HUGE))
        reading = asyncio.create_task(raw.ending())
        if goes_on:
            for _ in range(HUGE // MIB):
                await raw.write_what_it_takes(b" " * MIB)
        return await reading


@pytest.mark.parametrize("path", ["/rpc", "/createConf", f"/callbacks/yuntongxun/{SECRET}/join-1"])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_a_body_of_16_mib_is_refused_unread(start: Start, path: str, chunked: bool) -> None:
    hub = await start("--callback-secret", SECRET)
    async with healthy(hub):
        before = memory_mb(hub)
        with await Raw.to(hub.url) as raw:
            await raw.write(
                post(hub.url, path, b"", "Transfer-Encoding: chunked" if chunked else f"Content-Length: {HUGE}")
            )
            reading = asyncio.create_task(raw.answer())
            chunk = b"%x\r\n" % MIB + b" " * MIB + b"\r\n" if chunked else b" " * MIB
            for _ in range(HUGE // MIB):
                await raw.write_what_it_takes(chunk)
            answer = await reading
        after = memory_mb(hub)
    tell(status=answer.status, said=answer.body.decode(), MB=f"{before:.0f} → {after:.0f}")
    error = answer.said["error"]
    assert (answer.status, error["code"]) == (413, 1413)
    limit = 64 * 1024 if path.startswith("/callbacks") else MIB
    assert error["data"]["limit"] == limit
    names_the_limit(error["message"], limit)
    assert after - before < UNNOTICED_MB


async def test_a_callback_a_little_too_large_is_refused_and_the_largest_is_taken(start: Start) -> None:
    hub = await start("--callback-secret", SECRET)
    path = f"/callbacks/yuntongxun/{SECRET}/join-1"
    async with hub.http() as http:
        assert (await http.post(path, content=b" " * 64 * 1024)).status_code == 200
        assert (await http.post(path, content=b" " * (64 * 1024 + 1))).status_code == 413
    await unharmed(hub)


async def test_a_batch_of_ten_thousand_is_one_error_that_names_the_limit(hub: HubProcess) -> None:
    batch = b"[" + b",".join([ASKED] * 10_000) + b"]"
    assert len(batch) < MIB
    with await Raw.session(hub.url) as raw:
        await raw.write(frame(TEXT, batch))
        over_socket = await raw.message()
        assert (await raw.call("ping"))["id"] == "ping"
    async with hub.http() as http:
        over_http = (await http.post("/rpc", content=batch, headers={"Content-Type": "application/json"})).json()
    assert over_socket == over_http
    assert (over_socket["id"], over_socket["error"]["code"], over_socket["error"]["data"]["limit"]) == (
        None,
        -32600,
        100,
    )
    assert "100" in over_socket["error"]["message"]


# Cut and garbled ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
async def test_cuts_at_any_byte_and_garbage_leave_nothing_behind(hub: HubProcess, seed: int) -> None:
    dice = random.Random(seed)
    attempts = scaled(3000)
    async with healthy(hub) as moderator:
        base = files(hub)
        heard: Counter[str] = Counter()
        for _ in range(attempts // 10):
            heard.update(await asyncio.gather(*(misbehave(hub, random.Random(dice.random())) for _ in range(10))))
        waited = await seconds_until_files(hub, base)
    tell(attempts=attempts, heard=heard, files_back_after_s=waited, files=base, **moderator.figures)


async def misbehave(hub: HubProcess, dice: random.Random) -> str:
    good = request("getUserConfs", 1, id="mia", appid="demo")
    whole = handshake(hub.url) + good + frame(TEXT, ASKED[:20], fin=False) + frame(CONT, ASKED[20:])
    match dice.choice(["cut", "cut frame", "garbage", "garbled", "garbled head"]):
        case "cut":
            return await say(hub, whole[: dice.randrange(len(whole))], dice)
        case "cut frame":
            return await say(hub, handshake(hub.url) + good[: dice.randrange(len(good))], dice)
        case "garbage":
            return await say(hub, handshake(hub.url) + dice.randbytes(dice.randrange(2000)), dice)
        case "garbled":
            return await say(hub, handshake(hub.url) + garbled(whole[len(handshake(hub.url)) :], dice), dice)
        case _:
            return await say(hub, garbled(handshake(hub.url), dice), dice)


def garbled(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 8)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


async def say(hub: HubProcess, data: bytes, dice: random.Random) -> str:
    """In two parts; then hang up in one of three ways, perhaps after hearing the hub: its first words."""
    heard = b""
    with await Raw.to(hub.url) as raw:
        cut = dice.randrange(len(data) + 1)
        for part in (data[:cut], data[cut:]):
            await raw.write_what_it_takes(part)
            if dice.random() < 0.5:
                heard += await raw.read_for(BRIEFLY_S)
        match dice.choice(["reset", "half", "close"]):
            case "reset":
                raw.reset()
            case "half":
                with contextlib.suppress(OSError):
                    raw.hang_up_half()
                heard += await raw.read_for(BRIEFLY_S)
    return heard[:12].decode("latin-1").partition(" ")[2] or "nothing"
