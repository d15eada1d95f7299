"""How the page bears a large conference: 1,000 rows and 50 events a second, from a hub that only says lines.

Every row gets one event, in a random order; which it is stands in the row's name, so that the page may draw its rows as
it likes. The page runs in headless Chromium; what is looked at in it is in observer.js.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from playwright.async_api import CDPSession, Page

from hub.api.rows import conference_row, moment, participant_row
from hub.domain.model import Details, Participant, Progress, State
from tests.browser import stage
from tests.browser.chromium import open_browser
from tests.network import ScriptedHub, Session

ID, EPOCH = "60000001", "bench"
OBSERVER = Path(__file__).with_name("observer.js")
QUIET_S = 1.0
"""How long the page is left alone before the first event, and is watched after the last."""


@dataclass(frozen=True)
class Load:
    rows: int
    rate: int
    seconds: int

    @property
    def events(self) -> int:
        return self.rate * self.seconds


@dataclass(frozen=True)
class Seen:
    """What observer.js has seen, times in ms; `sent` and `painted` by the number of the event."""

    sent: dict[int, float]
    painted: dict[int, float]
    long_tasks: list[float]
    touches: list[dict[str, int]]

    @property
    def waits(self) -> list[float]:
        return [self.painted[event] - at for event, at in self.sent.items() if event in self.painted]


def roster(load: Load, now: datetime) -> list[Participant]:
    """Most are inside, as they are in a conference that has begun; the rest is being called."""
    people = enumerate(stage.people(load.rows))
    return [participant(str(i + 1), each, now - timedelta(seconds=3 * i), i % 10 > 0) for i, each in people]


def participant(key: str, person: stage.Person, at: datetime, is_inside: bool) -> Participant:
    row = Participant(
        key=key, id="", number=person.number, name=person.name, leg=1, attempt=1, queued_at=at, dialed_at=at
    )
    if not is_inside:
        return replace(row, progress=Progress.DIALING)
    return replace(row, progress=Progress.JOINED, callid=f"call-{key}", joined_at=at)


def next_of(row: Participant, seq: int, now: datetime) -> tuple[str, Participant]:
    """What happens to somebody, and to whom: the type of the event and the row after it."""
    named = replace(row, name=f"{row.name} (#{seq})")
    if row.progress is Progress.DIALING:
        return "participant.joined", replace(named, progress=Progress.JOINED, callid=f"call-{row.key}", joined_at=now)
    if seq % 3 == 0:
        return "participant.left", replace(named, progress=Progress.LEFT, left_at=now, ended_at=now)
    return "participant.muted", replace(named, muted=True)


# The hub --------------------------------------------------------------------------------------------------------------


async def begin(session: Session, rows: Sequence[Participant], now: datetime) -> None:
    details = Details(
        id=ID, number=ID, vid="1", app="demo", owner="mia", name="All hands", time="", pwd="", created_at=now
    )
    conference = conference_row(replace(details, state=State.ACTIVE, started_at=now))
    snapshot = {"conference": conference, "participants": [participant_row(row) for row in rows]}
    while (request := await session.request())["method"] != "watchConf":
        await answer(session, request)
    await session.answer(request, id=ID, epoch=EPOCH, seq=1, recovered=False, reason="never watched", **snapshot)


async def answer(session: Session, request: dict[str, Any]) -> None:
    """What is asked beside the roster."""
    match request["method"]:
        case "ping":
            await session.answer(request, at=moment(datetime.now(UTC)))
        case "getEvents":
            await session.answer(request, events=[], seq=1, more=False)
        case _:
            await session.refuse(request, -32601, "method_not_found")


async def answer_all(session: Session) -> None:
    while True:
        await answer(session, await session.request())


async def say_events(session: Session, rows: Sequence[Participant], load: Load) -> dict[int, float]:
    """One in each of equal times, whatever has become of those before; when each was sent."""
    order = random.Random(1).sample(rows, len(rows))
    sent = {}
    begun = time.monotonic()
    for number in range(load.events):
        await asyncio.sleep(max(0.0, begun + number / load.rate - time.monotonic()))
        seq, now = number + 2, datetime.now(UTC)
        type, after = next_of(order[number % len(order)], seq, now)
        about = {"id": ID, "epoch": EPOCH, "seq": seq, "type": type, "at": moment(now)}
        whose = {"actor": "user:mia", "origin": "token:1", "cause": None}
        sent[seq] = time.time() * 1000
        await session.notify("event", **about, **whose, participant=participant_row(after))
    return sent


# The page -------------------------------------------------------------------------------------------------------------


class Watched:
    """A page that has been given the roster."""

    def __init__(self, page: Page, devtools: CDPSession, session: Session) -> None:
        self.session = session
        self._page = page
        self._devtools = devtools

    async def observed(self, what: str) -> Any:
        return await self._page.evaluate(f"observed.{what}")

    async def figures(self) -> dict[str, float]:
        """Chromium's own, after its rubbish has been collected."""
        await self._devtools.send("HeapProfiler.collectGarbage")
        metrics = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        return {each["name"]: each["value"] for each in metrics}

    async def seen(self, sent: dict[int, float]) -> Seen:
        painted = {int(event): at for event, at in (await self.observed("painted")).items()}
        return Seen(sent, painted, await self.observed("longTasks"), await self.observed("touches"))


@contextlib.asynccontextmanager
async def watched(rows: Sequence[Participant]) -> AsyncIterator[tuple[Watched, float]]:
    """And how long it took from the snapshot until its last row was in the page, in ms."""
    scripted = ScriptedHub()
    scripted.answers_pings = False
    async with scripted.running() as hub, open_browser(viewport={"width": 1280, "height": 800}) as (browser, _):
        page = await browser.new_page()
        await page.add_init_script(path=OBSERVER)
        devtools = await browser.new_cdp_session(page)
        await devtools.send("Performance.enable")
        await page.goto(f"{hub.url}/#{ID}")
        session = await hub.session()
        begun = time.monotonic()
        await begin(session, rows, datetime.now(UTC) - timedelta(minutes=23))
        answering = asyncio.create_task(answer_all(session), name="what is asked beside the roster")
        await page.get_by_text(rows[0].name).first.wait_for()
        took = (time.monotonic() - begun) * 1000
        yield Watched(page, devtools, session), took
        answering.cancel()


# What is printed ------------------------------------------------------------------------------------------------------


def spread(values: Sequence[float]) -> str:
    if not values:
        return "none"
    ordered = sorted(values)
    named = {f"p{part}": ordered[len(ordered) * part // 100] for part in (50, 95, 99)} | {"most": ordered[-1]}
    return " · ".join(f"{name} {value:.1f}" for name, value in named.items()) + " ms"


def busy(load: Load, before: dict[str, float], after: dict[str, float]) -> str:
    """Of the time; the parts do not sum up to all of it, because painting and the like are not told apart."""
    names = {
        "all": "TaskDuration",
        "script": "ScriptDuration",
        "style": "RecalcStyleDuration",
        "layout": "LayoutDuration",
    }
    parts = {name: (after[of] - before[of]) / (load.seconds + QUIET_S) for name, of in names.items()}
    return " · ".join(f"{name} {part:.0%}" for name, part in parts.items())


def report(load: Load, seen: Seen, before: dict[str, float], after: dict[str, float]) -> list[str]:
    shown = [each for each in seen.touches if each["events"]]
    beside = sum(each["rows"] for each in seen.touches if not each["events"])
    most = max((each["rows"] for each in shown), default=0)
    per_event = sum(each["rows"] for each in shown) / max(1, sum(each["events"] for each in shown))
    heap = [figures["JSHeapUsedSize"] / 2**20 for figures in (before, after)]
    return [
        f"long tasks                 {len(seen.long_tasks)}: {spread(seen.long_tasks)}",
        f"event to paint             {spread(seen.waits)}",
        f"events whose row was seen  {len(seen.waits)} of {load.events}",
        f"rows touched per event     {per_event:.2f}, most in one task {most}",
        f"rows touched beside them   {beside / load.seconds:.0f} a second",
        f"main thread busy           {busy(load, before, after)}",
        f"heap                       {heap[0]:.1f} MB before, {heap[1]:.1f} MB after",
        f"nodes                      {before['Nodes']:.0f} before, {after['Nodes']:.0f} after",
    ]


async def measure(load: Load) -> None:
    rows = roster(load, datetime.now(UTC))
    async with watched(rows) as (page, took):
        await asyncio.sleep(QUIET_S)
        print(f"{load.rows} rows, {load.rate} events a second for {load.seconds} s")
        print(f"snapshot to first row      {took:.0f} ms, long tasks: {spread(await page.observed('longTasks'))}")
        print(f"rows in the page           {await page.observed('count()')}")
        before = await page.figures()
        await page.observed("forget()")
        sent = await say_events(page.session, rows, load)
        await asyncio.sleep(QUIET_S)
        print(*report(load, await page.seen(sent), before, await page.figures()), sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=50, help="events a second")
    parser.add_argument("--seconds", type=int, default=20)
    asyncio.run(measure(Load(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
