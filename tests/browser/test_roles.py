"""What the page offers to whom: links that are handed out, the password, reminders, the end."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.moderator import row, toast

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def by_link(desk: Desk, id: str, role: str) -> Page:
    link = (await desk.hub.post("createToken", id=id, uid=f"the {role}", role=role))["link"]
    page = await desk.tabs.new_page()
    await page.goto(link)
    await expect(page.locator("tr[data-progress=joined]").first).to_be_visible()
    return page


async def share(page: Page, role: str, whom: str) -> str:
    """The link that the page makes."""
    await page.get_by_role("button", name="Share a link").click()
    await page.get_by_role("radio", name=role).check()
    await page.get_by_label("For whom").fill(whom)
    await page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link", exact=True)
    await expect(link).to_have_value(re.compile("token="))
    made = await link.input_value()
    await page.get_by_role("button", name="Close").last.click()
    return made


@pytest.mark.parametrize("role", ["moderator", "listener"])
async def test_a_link_lets_one_person_in_as_what_it_says(desk: Desk, role: str) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    link = await share(page, role, "noa")
    guest = await desk.tabs.new_page()
    await guest.goto(link)
    await expect(guest.get_by_text(f"noa · {role}", exact=True)).to_be_visible()
    await expect(row(guest, "Ada")).to_have_attribute("data-progress", "joined")
    await expect(guest.get_by_role("button", name="Mute Ada")).to_have_count(1 if role == "moderator" else 0)
    assert link.partition("token=")[2] not in await page.content()


async def test_a_moderator_is_offered_what_moderators_may(desk: Desk) -> None:
    _, id = await desk.conference("13800000001 Ada")
    page = await by_link(desk, id, "moderator")
    for name in ("Invite", "Call all", "Everyone", "Mute Ada", "Remove Ada"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    await page.get_by_role("button", name="Everyone").click()
    await expect(page.get_by_role("button", name="Mute everybody", exact=True)).to_be_visible()
    for name in ("Send a reminder by SMS", "Share a link", "End conference", "Set a password"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


async def test_a_listener_sees_and_controls_nothing(desk: Desk) -> None:
    _, id = await desk.conference("13800000001 Ada")
    page = await by_link(desk, id, "listener")
    await expect(row(page, "Ada").locator(".number")).to_have_text("138****0001")
    for key in ("i", "Shift+M", "?", "m"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("main").locator("button, input, select, textarea, a")).to_have_count(0)
    await desk.hub.post("stopConf", id=id, uid="mia", appid="demo")
    await expect(page.get_by_role("table", name="Attendance")).to_contain_text("left (the conference ended)")
    await expect(page.get_by_role("main").locator("button, input, select, textarea, a")).to_have_count(0)


async def test_an_owner_sets_the_password_and_those_who_invite_see_it(desk: Desk) -> None:
    _, id = await desk.conference("13800000001 Ada")
    owner = await by_link(desk, id, "owner")
    await owner.get_by_role("button", name="Set a password").click()
    await owner.get_by_label("Password (empty: none)").fill("1357")
    await owner.get_by_role("button", name="Save").click()
    await expect(toast(owner)).to_contain_text("The password is changed.")
    await expect(owner.get_by_text("callers are not asked for it")).to_be_visible()
    assert "1357" not in await owner.content()

    moderator = await by_link(desk, id, "moderator")
    await moderator.get_by_role("button", name="Show", exact=True).click()
    await expect(moderator.get_by_text("1357", exact=True)).to_be_visible()
    await moderator.get_by_role("button", name="Hide").click()
    await expect(moderator.get_by_text("1357", exact=True)).to_have_count(0)

    await owner.get_by_role("button", name="Change").click()
    await expect(owner.get_by_label("Password (empty: none)")).to_have_value("1357")
    await owner.get_by_label("Password (empty: none)").fill("")
    await owner.get_by_role("button", name="Save").click()
    await expect(owner.get_by_role("button", name="Set a password")).to_be_visible()
    assert (await desk.hub.post("getConf", id=id))["pwd"] == ""


async def test_whoever_created_conferences_finds_them_with_their_states(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada", name="In the list")
    await desk.hub.post("stopConf", id=id, uid="mia", appid="demo")
    await page.evaluate("localStorage.setItem('confhub.id', 'mia')")
    await page.goto(desk.hub.url)
    await page.reload()
    entry = page.get_by_role("listitem").filter(has_text="In the list")
    await expect(entry).to_contain_text("ended")
    await entry.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="In the list")).to_be_visible()
    await expect(row(page, "Ada").locator(".progress")).to_contain_text("left")
