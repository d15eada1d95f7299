"""The list of conferences: what it says of each, and that it goes on saying what is so."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.line import Line
from tests.browser.moderator import end, row

pytestmark = pytest.mark.asyncio(loop_scope="module")

_people = itertools.count()


class Host:
    """Somebody who creates conferences, and whom no other test knows."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.id = f"host {next(_people)}"

    async def create(self, name: str, *invited: str, time: str = "") -> str:
        created = await self.desk.hub.post("createConf", id=self.id, appid="demo", name=name, time=time)
        if invited:
            await self.desk.invite(created["id"], *invited)
        return str(created["id"])

    async def look(self) -> tuple[Page, Line]:
        page = await self.desk.tabs.new_page()
        await page.clock.install()
        await page.add_init_script(f"localStorage.setItem('confhub.id', '{self.id}')")
        line = await Line.of(page)
        await page.goto(self.desk.hub.url)
        return page, line


def conferences(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("listitem")


def conference(page: Page, name: str) -> Locator:
    return conferences(page).filter(has_text=name)


async def test_each_is_listed_with_its_state_and_how_many_are_inside(desk: Desk) -> None:
    host = Host(desk)
    over = await host.create("Over", "13800000001 Ada")
    await desk.hub.post("stopConf", id=over, uid="mia", appid="demo")
    await host.create("Later", time="2035-01-02T10:00:00Z")
    running = await host.create("Running", "13800000001 Ada", "13800000002 Bob", "13800009001 Busy")
    await host.create("New")
    page = await desk.open(running)
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(2)
    await expect(row(page, "Busy")).to_have_attribute("data-progress", "busy")

    page, _ = await host.look()
    await expect(conferences(page).locator(".name")).to_have_text(["New", "Running", "Later", "Over"])
    await expect(conferences(page).locator(".pill")).to_have_text(["active", "active", "scheduled", "ended"])
    facts = conferences(page).locator(".hint")
    await expect(facts.nth(0)).to_contain_text("0 of 0 inside")
    await expect(facts.nth(1)).to_contain_text("2 of 3 inside")
    await expect(facts.nth(2)).to_contain_text("Jan 2, 2035")
    for quiet in (2, 3):
        await expect(facts.nth(quiet)).not_to_contain_text("inside")


async def test_it_follows_what_happens_while_somebody_looks_at_it(desk: Desk) -> None:
    host = Host(desk)
    id = await host.create("Growing")
    page, _ = await host.look()
    await expect(conference(page, "Growing")).to_contain_text("0 of 0 inside")
    await conference(page, "Growing").get_by_role("link").focus()
    await desk.invite(id, "13800000001 Ada")
    another = await desk.open(id)
    await expect(row(another, "Ada")).to_have_attribute("data-progress", "joined")
    await host.create("Another")
    await page.clock.run_for(10_000)
    await expect(conference(page, "Growing")).to_contain_text("1 of 1 inside")
    await expect(conferences(page).locator(".name")).to_have_text(["Another", "Growing"])
    await expect(conference(page, "Growing").get_by_role("link")).to_be_focused()
    await desk.hub.post("stopConf", id=id, uid="mia", appid="demo")
    await page.clock.run_for(10_000)
    await expect(conference(page, "Growing").locator(".pill")).to_have_text("ended")


async def test_whoever_comes_back_to_it_sees_what_has_become_of_them(desk: Desk) -> None:
    host = Host(desk)
    await host.create("In and out", "13800000001 Ada")
    page, _ = await host.look()
    await conference(page, "In and out").get_by_role("link").click()
    await expect(row(page, "Ada")).to_have_attribute("data-progress", "joined")
    await page.get_by_role("link", name="All conferences").click()
    await expect(conference(page, "In and out")).to_contain_text("1 of 1 inside")
    await page.go_back()
    await end(page)
    await page.get_by_role("link", name="All conferences").click()
    await expect(conference(page, "In and out").locator(".pill")).to_have_text("ended")


async def test_while_the_hub_is_away_it_stays_and_says_of_when_it_is(desk: Desk) -> None:
    host = Host(desk)
    await host.create("Kept")
    page, line = await host.look()
    await expect(conference(page, "Kept")).to_be_visible()
    await line.cut()
    await expect(page.get_by_text(re.compile(r"^As of .+\. Not connected to the hub\.$"))).to_be_visible()
    await expect(conference(page, "Kept")).to_contain_text("active")
    line.mend()
    await page.clock.run_for(15_000)
    await expect(page.get_by_text("As of")).to_be_hidden()
