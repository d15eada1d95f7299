"""A hub, and a browser at it, for all tests of a file: each has a conference and a tab of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.chromium import open_browser
from tests.harness import PATIENCE_S, HubProcess

expect.set_options(timeout=PATIENCE_S * 1000)

PEOPLE = ("13800000001 Ada", "13800000002 Bob", "13800000003 Cyd")


class Desk:
    """Where a moderator sits."""

    def __init__(self, hub: HubProcess, tabs: BrowserContext) -> None:
        self.hub = hub
        self.tabs = tabs

    async def invite(self, id: str, *people: str) -> None:
        """Each `number name`."""
        users = [dict(zip(("number", "name"), each.split(" ", 1), strict=True)) for each in people]
        assert (await self.hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users))["status"] == 1

    async def open(self, id: str) -> Page:
        page = await self.tabs.new_page()
        await page.goto(f"{self.hub.url}/#{id}")
        return page

    async def conference(self, *people: str, name: str = "Call") -> tuple[Page, str]:
        """The page of a new conference with these people inside, and its number."""
        id = await self.hub.create(name)
        await self.invite(id, *people or PEOPLE)
        page = await self.open(id)
        await expect(page.locator("tr[data-progress=joined]")).to_have_count(len(people or PEOPLE))
        return page, id

    async def rows(self, id: str) -> dict[str, dict[str, Any]]:
        """By name."""
        return {row["name"]: row for row in (await self.hub.post("getConfUsers", id=id))["users"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Desk, list[str]]]:
    folder = tmp_path_factory.mktemp("desk")
    hub = await HubProcess(folder, "--speed", "10", "--reconcile", "1").start()
    async with open_browser() as (tabs, wrongs):
        yield Desk(hub, tabs), wrongs
    await hub.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(shared_desk: tuple[Desk, list[str]]) -> AsyncIterator[Desk]:
    """Fails the test if anything goes wrong on a page of it."""
    desk, wrongs = shared_desk
    yield desk
    for tab in desk.tabs.pages:
        await tab.evaluate("location.origin === 'null' || localStorage.clear()")
        await tab.close()
    wrong, wrongs[:] = wrongs[:], []
    assert wrong == []
