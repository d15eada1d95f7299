"""A machine that was shut, a page that the browser froze: on waking nothing old is called live, and nothing is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.moderator import row
from tests.network import Proxy

pytestmark = pytest.mark.asyncio(loop_scope="module")

Sleep = Callable[[Page], Awaitable[None]]

KEEP_LIGHTS = """() => {
    const light = document.getElementById("light");
    window.lights = [];
    new MutationObserver(() => lights.push(light.dataset.state)).observe(light, { attributes: true });
}"""


async def opened(desk: Desk, proxy: Proxy) -> tuple[Page, str]:
    """A page whose network is the test's, with Ada inside; what its light has said since is kept."""
    id = await desk.hub.create()
    await desk.invite(id, "13800000001 Ada")
    page = await desk.tabs.new_page()
    await page.clock.install()
    await page.goto(f"{proxy.url}/#{id}")
    await expect(row(page, "Ada")).to_have_attribute("data-progress", "joined")
    await expect(page.locator("#light")).to_have_text("live")
    await page.evaluate(KEEP_LIGHTS)
    return page, id


async def shut(page: Page) -> None:
    await page.clock.fast_forward("01:00:00")


async def freeze(page: Page) -> None:
    """As Chromium tells a page that it was frozen: it freezes none that can be seen, whatever it is asked for."""
    for event in ("freeze", "resume"):
        await page.evaluate("(event) => document.dispatchEvent(new Event(event))", event)


@pytest.mark.parametrize("sleep", [shut, freeze])
async def test_on_waking_what_was_missed_comes_before_it_is_called_live(desk: Desk, sleep: Sleep) -> None:
    async with Proxy(desk.hub.url).running() as proxy:
        page, id = await opened(desk, proxy)
        proxy.stall()
        await desk.invite(id, "13800000002 Bob")
        await sleep(page)
        await expect(page.locator("#light")).not_to_have_text("live")
        await expect(page.locator(".frozen")).to_be_visible()
        proxy.flow()
        await expect(page.locator("#light")).to_have_text("live")
        await expect(row(page, "Bob")).to_have_attribute("data-progress", "joined")
        await page.close()


async def test_a_connection_that_died_meanwhile_is_soon_replaced(desk: Desk) -> None:
    async with Proxy(desk.hub.url).running() as proxy:
        page, id = await opened(desk, proxy)
        proxy.stall()
        await desk.invite(id, "13800000002 Bob")
        await shut(page)
        await expect(page.locator("#light")).to_have_attribute("data-state", "offline")
        await expect(page.get_by_role("button", name="Mute Ada")).to_have_attribute("aria-disabled", "true")
        proxy.flow()
        await expect(row(page, "Bob")).to_have_attribute("data-progress", "joined")
        await expect(page.locator("#light")).to_have_text("live")
        assert await page.evaluate("lights") == ["catching up", "offline", "catching up", "live"]
        await page.close()
