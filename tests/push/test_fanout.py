from __future__ import annotations

import asyncio

import pytest

from hub.push import fanout as fanout_module
from hub.push.fanout import PAGE, RING, FanOut, View
from hub.push.wire import RESTART, SLOW, text_frame
from tests.push.doubles import PeerDouble

KEY = 1
VIEW = View(b'"id":"6","epoch":"e",', bytes)


class Log:
    """A log of numbered events and the fan-out that tells them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.reads = 0
        self.trimmed = 0
        self.fanout = FanOut(self.read)

    async def read(self, key: int, after: int, limit: int) -> list[tuple[int, bytes]]:
        self.reads += 1
        await asyncio.sleep(0)
        after = max(after, self.trimmed)
        return [(after + 1 + index, body) for index, body in enumerate(self.bodies[after : after + limit])]

    def commit(self, count: int = 1) -> None:
        first = len(self.bodies) + 1
        new = [b'{"seq":%d}' % (first + index) for index in range(count)]
        self.bodies += new
        self.fanout.publish(KEY, first, new)

    def watch(self, peer: PeerDouble, after: int | None = None):  # type: ignore[no-untyped-def]
        head = len(self.bodies)
        watch = self.fanout.watch(KEY, VIEW, head, head if after is None else after, peer)
        watch.start()
        return watch


@pytest.fixture
async def log() -> Log:
    return Log()


async def settle() -> None:
    for _ in range(20 * (RING // PAGE + 1)):
        await asyncio.sleep(0)


async def test_an_event_is_a_json_rpc_notification_in_one_frame(log: Log) -> None:
    peer = PeerDouble()
    log.watch(peer)
    log.commit()
    message = b'{"jsonrpc":"2.0","method":"event","params":{"id":"6","epoch":"e","seq":1}}'
    assert peer.written == text_frame(message)


async def test_a_commit_batch_is_one_write(log: Log) -> None:
    peer = PeerDouble()
    log.watch(peer)
    log.commit(10)
    assert (peer.writes, peer.seqs()) == (1, list(range(1, 11)))


async def test_an_earlier_watch_is_told_what_it_missed_and_then_what_comes(log: Log) -> None:
    log.commit(3 * PAGE + RING)
    peer = PeerDouble()
    log.watch(peer, after=5)
    log.commit()
    await settle()
    log.commit()
    assert peer.seqs() == list(range(6, len(log.bodies) + 1))


async def test_a_full_peer_is_caught_up_when_it_drains_and_disturbs_nobody(log: Log) -> None:
    slow, quick = PeerDouble(), PeerDouble()
    log.watch(slow)
    log.watch(quick)
    slow.fill()
    for _ in range(RING + 50):
        log.commit()
    assert (slow.seqs(), len(quick.seqs())) == ([], RING + 50)
    slow.drain()
    await settle()
    log.commit()
    assert slow.seqs() == quick.seqs() == list(range(1, RING + 52))


async def test_a_short_lag_is_served_from_memory(log: Log) -> None:
    slow = PeerDouble()
    log.watch(slow)
    slow.fill()
    log.commit(RING - 1)
    slow.drain()
    await settle()
    assert (slow.seqs(), log.reads) == (list(range(1, RING)), 0)


async def test_nothing_is_told_before_the_watch_is_started(log: Log) -> None:
    peer = PeerDouble()
    watch = log.fanout.watch(KEY, VIEW, 0, 0, peer)
    log.commit(2)
    await settle()
    assert peer.seqs() == []
    watch.start()
    await settle()
    assert peer.seqs() == [1, 2]


async def test_events_that_this_process_never_saw_are_read_from_the_log(log: Log) -> None:
    peer = PeerDouble()
    log.watch(peer)
    log.commit()
    log.bodies.append(b'{"seq":2}')
    log.commit()
    await settle()
    assert peer.seqs() == [1, 2, 3]


async def test_what_the_log_told_ahead_of_the_commit_is_not_told_again(log: Log) -> None:
    peer = PeerDouble()
    log.bodies += [b'{"seq":1}', b'{"seq":2}']
    log.fanout.watch(KEY, VIEW, 1, 0, peer).start()
    await settle()
    assert peer.seqs() == [1, 2]
    log.fanout.publish(KEY, 2, log.bodies[1:])
    log.commit()
    await settle()
    assert peer.seqs() == [1, 2, 3]


async def test_a_peer_that_takes_nothing_is_sent_away(log: Log) -> None:
    peer = PeerDouble()
    watch = log.watch(peer)
    peer.fill()
    log.commit()
    peer.stall()
    await asyncio.wait_for(watch.task, 5)
    assert peer.closed == SLOW


async def test_a_watch_that_lags_behind_the_beginning_of_the_log_is_sent_for_a_snapshot(log: Log) -> None:
    """Never is anything left out in silence; nor is anybody else disturbed."""
    slow, quick = PeerDouble(), PeerDouble()
    log.commit(3 * PAGE + RING)
    log.watch(quick)
    log.trimmed = PAGE + 1
    watch = log.watch(slow, after=PAGE)
    await asyncio.wait_for(watch.task, 5)
    assert (slow.closed, slow.seqs(), quick.closed) == (RESTART, [], None)
    log.commit()
    assert quick.seqs() == [len(log.bodies)]


async def test_a_watch_whose_log_is_gone_altogether_is_sent_for_a_snapshot(log: Log) -> None:
    peer = PeerDouble()
    log.commit(3 * PAGE + RING)
    log.trimmed = len(log.bodies)
    watch = log.watch(peer, after=PAGE)
    await asyncio.wait_for(watch.task, 5)
    assert (peer.closed, peer.seqs()) == (RESTART, [])


async def test_a_quiet_watch_is_told_where_the_log_stands(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout_module, "POSITION_S", 0.01)
    log.commit(3)
    quiet, full, lagging = PeerDouble(), PeerDouble(), PeerDouble()
    for peer in (quiet, full):
        log.watch(peer)
    full.fill()
    lagging.fill()
    log.watch(lagging, after=1)
    position = {"jsonrpc": "2.0", "method": "position", "params": {"id": "6", "epoch": "e", "seq": 3}}
    await asyncio.wait_for(quiet.wrote(2), 5)
    assert quiet.messages()[:2] == [position, position]
    assert full.messages() == lagging.messages() == []


async def test_one_whose_hands_were_full_at_the_head_is_told_once_they_are_free(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout_module, "POSITION_S", 0.01)
    peer = PeerDouble()
    peer.fill()
    log.watch(peer)
    peer.drain()
    await asyncio.wait_for(peer.wrote(1), 5)
    assert peer.messages()[0]["method"] == "position"


async def test_only_quiet_watches_are_told_the_position(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout_module, "POSITION_S", 0.05)
    peer = PeerDouble()
    log.watch(peer)
    loop = asyncio.get_running_loop()
    started = loop.time()
    while loop.time() < started + 0.2:
        log.commit()
        await asyncio.sleep(0)
    assert {message["method"] for message in peer.messages()} == {"event"}


async def test_a_watch_that_comes_and_goes_leaves_nothing_behind(log: Log) -> None:
    log.watch(PeerDouble())
    timers = len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
    for _ in range(10):
        log.fanout.unwatch(log.watch(PeerDouble()))
    assert len(asyncio.get_running_loop()._scheduled) == timers  # type: ignore[attr-defined]


async def test_nobody_is_reminded_of_a_conference_that_nobody_watches(log: Log) -> None:
    watch = log.watch(PeerDouble())
    log.fanout.unwatch(watch)
    assert watch.channel._timer.cancelled()


async def test_a_watch_that_ended_is_told_nothing_more(log: Log) -> None:
    peer = PeerDouble()
    watch = log.watch(peer)
    log.fanout.unwatch(watch)
    log.commit()
    assert peer.seqs() == []


async def test_a_watch_that_ended_before_its_start_is_told_nothing(log: Log) -> None:
    peer = PeerDouble()
    log.commit(3)
    watch = log.fanout.watch(KEY, VIEW, 3, 0, peer)
    log.fanout.unwatch(watch)
    watch.start()
    await settle()
    log.commit()
    assert peer.seqs() == []


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_frame_states_its_size_in_the_shortest_form(size: int) -> None:
    frame = text_frame(b"x" * size)
    header = {0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10}[size]
    assert (len(frame), frame[0]) == (header + size, 0x81)


async def test_each_name_of_a_conference_is_told_under_that_name(log: Log) -> None:
    by_id, by_number = PeerDouble(), PeerDouble()
    log.watch(by_id)
    watch = log.fanout.watch(KEY, VIEW._replace(prefix=b'"id":"7","epoch":"e",'), 0, 0, by_number)
    watch.start()
    log.commit()
    assert b'"id":"6"' in by_id.written
    assert b'"id":"7"' in by_number.written
    log.fanout.unwatch(watch)
    log.commit()
    assert (by_id.writes, by_number.writes) == (2, 1)
