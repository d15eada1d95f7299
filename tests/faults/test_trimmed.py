"""A log whose beginning is no longer kept: whoever comes back too late is told so, and begins anew."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import aclosing, closing
from typing import Any

from hub.client import Connection
from tests.conftest import Start
from tests.faults.world import BY, until
from tests.harness import PATIENCE_S, HubProcess, apply


async def begun_long_ago(start: Start) -> tuple[HubProcess, str, dict[str, Any]]:
    """A hub that keeps logs for a week; a conference with seven events, of which five are gone; a watch of before."""
    hub = await start("--log-days", "7")
    id = await hub.create()
    async with hub.moderator().connected() as moderator:
        before = await moderator.watch(id)
    for number in range(5):
        await hub.post("joinConf", id=id, **BY, users=[{"id": f"user-{number}"}])
    await hub.kill()
    age(hub, 5)
    hub = await start("--log-days", "7")
    await until(lambda: has(hub, 2))
    return hub, id, before


def age(hub: HubProcess, last: int) -> None:
    """The events up to that number happened long ago."""
    with closing(sqlite3.connect(hub.folder / "confhub.db")) as database:
        old = "CAST(json_set(CAST(body AS TEXT), '$.at', '2020-01-01T00:00:00.000Z') AS BLOB)"
        database.execute(f"UPDATE events SET body = {old} WHERE seq <= ?", [last])  # noqa: S608 - of the test
        database.commit()


async def has(hub: HubProcess, events: int) -> bool:
    with closing(sqlite3.connect(hub.folder / "confhub.db")) as database:
        return bool(database.execute("SELECT count(*) FROM events").fetchone()[0] == events)


async def test_who_missed_what_is_gone_gets_a_snapshot(start: Start) -> None:
    hub, id, before = await begun_long_ago(start)
    async with hub.moderator().connected() as moderator:
        for seq in (0, before["seq"], 4):
            snapshot = await moderator.watch(id, epoch=before["epoch"], seq=seq)
            assert (snapshot["recovered"], snapshot["reason"], snapshot["seq"]) == (False, "trimmed", 7)
        assert [row["id"] for row in snapshot["participants"]] == [f"user-{number}" for number in range(5)]
        await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
        assert [event["seq"] for event in await moderator.wait_for(1)] == [8]
    rows = {row["key"]: row for row in snapshot["participants"]}
    assert list(apply(rows, moderator.events).values()) == (await hub.post("getConfUsers", id=id))["users"]


async def test_who_missed_only_what_is_still_there_gets_that(start: Start) -> None:
    hub, id, before = await begun_long_ago(start)
    async with hub.moderator().connected() as moderator:
        assert (await moderator.watch(id, epoch=before["epoch"], seq=5))["recovered"] is True
        assert [event["seq"] for event in await moderator.wait_for(2)] == [6, 7]
        assert (await moderator.watch(id, epoch=before["epoch"], seq=7))["recovered"] is True


async def test_a_page_of_the_log_says_what_is_gone(start: Start) -> None:
    hub, id, _ = await begun_long_ago(start)

    async def page(after: int) -> tuple[Any, ...]:
        said = await hub.post("getEvents", id=id, after=after)
        return said.get("trimmed"), [event["seq"] for event in said["events"]], said["seq"], said["more"]

    assert await page(0) == (5, [6, 7], 7, False)
    assert await page(4) == (5, [6, 7], 7, False)
    assert await page(5) == (None, [6, 7], 7, False)
    assert await page(7) == (None, [], 7, False)
    await hub.kill()
    age(hub, 7)
    hub = await start("--log-days", "7")
    await until(lambda: has(hub, 0))
    assert await page(0) == (7, [], 7, False)
    assert await page(7) == (None, [], 7, False)
    await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
    assert await page(0) == (7, [8], 8, False)


async def test_a_client_that_was_away_for_too_long_begins_anew_by_itself(start: Start) -> None:
    hub, id, before = await begun_long_ago(start)
    async with Connection(hub.url) as connection, asyncio.timeout(PATIENCE_S):
        watch = connection.watch(id)
        watch._epoch = before["epoch"]
        async with aclosing(aiter(watch)) as updates:
            first = await anext(updates)
            assert (first.reason, first.state.seq, len(first.state.participants)) == ("trimmed", 7, 5)
            await hub.post("joinConf", id=id, **BY, users=[{"id": "ada"}])
            second = await anext(updates)
            assert (second.reason, second.state.seq, len(second.state.participants)) == (None, 8, 6)
