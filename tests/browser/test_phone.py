"""On a phone a thumb hits everything, little of the screen is in the way, and the light is always in sight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.moderator import end

pytestmark = pytest.mark.asyncio(loop_scope="module")

THUMB = 44
PEOPLE = [f"138000000{number} Person {number}" for number in range(10, 30)]
SMALL = """(thumb) => {
    const box = "input[type=checkbox], input[type=radio]";
    const targets = `button, select, textarea, a[href], input:not(${box}), label:has(${box})`;
    const isSmall = ({ width, height }) => Math.round(width) < thumb || Math.round(height) < thumb;
    const seen = [...document.querySelectorAll(targets)].filter((target) => target.checkVisibility());
    const named = (target) => `${target.outerHTML.slice(0, 80)} ${target.offsetWidth}x${target.offsetHeight}`;
    return seen.filter((target) => isSmall(target.getBoundingClientRect())).map(named);
}"""
"""What is to be pressed and is smaller than a thumb; a box is pressed by its label."""


async def live(desk: Desk, page: Page) -> None:
    id = await desk.hub.create("Quarterly operations review")
    await desk.invite(id, *PEOPLE)
    await page.goto(f"{desk.hub.url}/#{id}")
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(len(PEOPLE))


async def selected(desk: Desk, page: Page) -> None:
    await live(desk, page)
    for index in (0, 12):
        await page.locator("tr[data-key] input").nth(index).click()


async def inviting(desk: Desk, page: Page) -> None:
    await live(desk, page)
    await page.get_by_role("button", name="Invite", exact=True).click()


async def choosing(desk: Desk, page: Page) -> None:
    await live(desk, page)
    await page.get_by_role("button", name="Everyone", exact=True).click()


async def attendance(desk: Desk, page: Page) -> None:
    await live(desk, page)
    await end(page)
    await expect(page.get_by_role("table", name="Attendance")).to_be_visible()


async def lobby(desk: Desk, page: Page) -> None:
    await desk.hub.create("Morning briefing")
    await page.add_init_script("localStorage.setItem('confhub.id', 'mia')")
    await page.goto(desk.hub.url)
    await expect(page.get_by_role("link", name="Morning briefing").first).to_be_visible()


View = Callable[[Desk, Page], Awaitable[None]]
VIEWS: tuple[View, ...] = (live, selected, inviting, choosing, attendance, lobby)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
async def test_everything_can_be_hit_with_a_thumb(desk: Desk, view: View) -> None:
    page = await desk.tabs.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await view(desk, page)
    assert await page.evaluate(SMALL, THUMB) == []
    for width in (360, 390, 414):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_toolbar_leaves_the_screen_to_the_people(desk: Desk) -> None:
    page = await desk.tabs.new_page()
    for width in (360, 390, 414):
        await page.set_viewport_size({"width": width, "height": 740})
        await live(desk, page)
        height = await page.locator(".toolbar").evaluate("toolbar => toolbar.offsetHeight")
        assert height <= 740 / 4
        assert await page.locator(".bar").evaluate("bar => bar.offsetHeight") < 2 * THUMB


async def test_the_light_and_what_can_be_done_to_the_selection_are_in_sight_wherever_one_is(desk: Desk) -> None:
    page = await desk.tabs.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await selected(desk, page)
    for to in ("0", "document.body.scrollHeight"):
        await page.evaluate(f"scrollTo(0, {to})")
        await expect(page.locator("#light")).to_be_in_viewport(ratio=1)
        await expect(page.get_by_role("button", name="Mute 2")).to_be_in_viewport(ratio=1)
    last = await page.locator("tr[data-key]").last.evaluate("row => row.getBoundingClientRect().bottom")
    dock = await page.locator(".selection").evaluate("dock => dock.getBoundingClientRect().top")
    assert last <= dock


async def test_on_a_wide_screen_the_light_stays_above_the_toolbar(desk: Desk) -> None:
    page = await desk.tabs.new_page()
    await page.set_viewport_size({"width": 1280, "height": 600})
    await live(desk, page)
    await page.evaluate("scrollTo(0, 400)")
    await expect(page.locator("#light")).to_be_in_viewport(ratio=1)
    bar = await page.locator(".bar").evaluate("bar => bar.getBoundingClientRect().bottom")
    assert await page.locator(".toolbar").evaluate("toolbar => toolbar.getBoundingClientRect().top") >= bar - 1


async def test_in_the_lobby_the_conferences_stand_first(desk: Desk) -> None:
    page = await desk.tabs.new_page()
    await page.set_viewport_size({"width": 390, "height": 844})
    await lobby(desk, page)
    await expect(page.get_by_role("main").get_by_role("heading", level=2)).to_have_text(
        ["Your conferences", "New conference", "Open a conference"]
    )
    await expect(page.get_by_role("link", name="Morning briefing").first).to_be_in_viewport(ratio=1)


async def test_no_button_of_a_row_is_cut_off_at_any_width(desk: Desk) -> None:
    page = await desk.tabs.new_page()
    await live(desk, page)
    for width in (360, 760, 919, 920, 921, 1024, 1200, 1259, 1260, 1280, 1600):
        await page.set_viewport_size({"width": width, "height": 800})
        room = await page.locator(".roster-panel").evaluate("panel => panel.getBoundingClientRect().right")
        ends = await page.locator("td.actions button").evaluate_all(
            "buttons => buttons.map((button) => button.getBoundingClientRect().right)"
        )
        assert max(ends) <= room, width
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
