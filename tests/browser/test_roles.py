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
    link = page.get_by_role("dialog").locator(".link")
    await expect(link).to_contain_text("token=")
    made = await link.inner_text()
    await page.get_by_role("button", name="Close").last.click()
    return made


@pytest.mark.parametrize("role", ["owner", "moderator", "listener"])
async def test_a_link_lets_one_person_in_as_what_it_says(desk: Desk, role: str) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    link = await share(page, role, "noa")
    guest = await desk.tabs.new_page()
    await guest.goto(link)
    await expect(guest.get_by_text(f"noa · {role}", exact=True)).to_be_visible()
    await expect(row(guest, "Ada")).to_have_attribute("data-progress", "joined")
    await expect(guest.get_by_role("button", name="Mute Ada")).to_have_count(0 if role == "listener" else 1)
    await expect(guest.get_by_role("button", name="End conference")).to_have_count(1 if role == "owner" else 0)
    assert link.partition("token=")[2] not in await page.content()


async def test_a_link_gives_the_least_unless_more_is_chosen_and_says_what_it_gives(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await desk.tabs.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Share a link").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name="listener")).to_be_checked()
    await expect(dialog.get_by_text("changes nothing")).to_be_visible()
    await dialog.get_by_role("radio", name="owner").check()
    await expect(dialog.get_by_text("sets the password and ends the conference")).to_be_visible()
    await dialog.get_by_role("radio", name="moderator").check()
    await dialog.get_by_label("For whom").fill("noa")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text(re.compile("^Lets noa in as moderator until .*:.*"))).to_be_visible()
    await expect(dialog.get_by_role("button", name="Copy")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("Copied.")).to_be_visible()
    link = await dialog.locator(".link").inner_text()
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await desk.tabs.clear_permissions()

    await dialog.get_by_role("radio", name="owner").check()
    await expect(dialog.locator(".link")).to_be_hidden()


async def test_a_link_that_cannot_be_copied_is_selected_as_a_whole(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await page.set_viewport_size({"width": 360, "height": 700})
    await page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    await page.get_by_role("button", name="Share a link").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("For whom").fill("noa")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Copy").click()
    await expect(dialog.get_by_text("copy it by hand")).to_be_visible()
    link = dialog.locator(".link")
    assert await page.evaluate("String(getSelection()).trim()") == await link.inner_text()
    assert await link.evaluate("link => link.scrollWidth <= link.clientWidth")


async def test_a_moderator_is_offered_what_moderators_may(desk: Desk) -> None:
    _, id = await desk.conference("13800000001 Ada")
    page = await by_link(desk, id, "moderator")
    for name in ("Invite", "Call all", "Everyone", "Mute Ada", "Remove Ada"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    await page.get_by_role("button", name="Everyone").click()
    await expect(page.get_by_role("button", name="Mute everybody", exact=True)).to_be_visible()
    for name in ("Send a reminder by SMS", "Share a link", "End conference", "Set a password"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


async def controls_of(page: Page) -> list[str]:
    """What there is to press, to choose or to fill in."""
    offered = page.get_by_role("main").locator("button, input, select, textarea, a").filter(visible=True)
    found: list[str] = await offered.evaluate_all("all => all.map(each => each.ariaLabel ?? each.textContent)")
    return [re.sub(r"\d+", "", each) for each in found]


VIEWS = ["Search name or number", "All", "Inside", "Muted", "Not reached", "Left"]
SORTS = ["Name", "State", "Time"]


async def test_a_listener_finds_and_reads_and_controls_nothing(desk: Desk) -> None:
    moderator, id = await desk.conference("13800000001 Ada", "13800000002 Bob")
    page = await by_link(desk, id, "listener")
    await moderator.get_by_role("button", name="Mute Ada", exact=True).click()
    await expect(page.get_by_role("button", name="Muted 1", exact=True)).to_be_visible()
    await expect(page.get_by_role("region", name="Activity")).to_contain_text("mia made the conference")
    await expect(page.get_by_role("button", name="Show earlier")).to_be_hidden()
    assert await controls_of(page) == [*VIEWS, *SORTS, "Whose", "Keyboard?"]
    for key in ("i", "Shift+M", "m", "k", "a", "z", "Escape"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog").get_by_role("definition")).to_have_count(4)
    await page.keyboard.press("Escape")

    await page.keyboard.press("/")
    await page.keyboard.type("0002")
    await expect(page.locator("tr[data-key] .number")).to_have_text(["138****0002"])
    await row(page, "Bob").focus()
    await page.keyboard.press("Space")
    await expect(page.locator("tr[data-selected]")).to_have_count(0)
    await desk.hub.post("stopConf", id=id, uid="mia", appid="demo")
    await expect(page.get_by_role("table", name="Attendance")).to_contain_text("left (the conference ended)")
    assert await controls_of(page) == ["Whose"]


NUMBERS = ("13800000001", "+86 138 0000 0002", "13900000077", "13700000055", "13700000066")
"""Of two who are called, of one who dials in, and of a moderator and of a conference that have numbers for names."""


async def test_no_number_reaches_a_listener_whole(desk: Desk) -> None:
    """Neither on the page, before and after the end, nor in anything that the hub has told it."""
    called, other, caller, uid, name = NUMBERS
    id = (await desk.hub.post("createConf", id=uid, appid="demo", name=f"Call of {name}"))["id"]
    by = {"id": id, "uid": uid, "appid": "demo"}
    page = await desk.tabs.new_page()
    frames: list[str] = []
    page.on("websocket", lambda its: its.on("framereceived", lambda frame: frames.append(str(frame))))
    await page.goto((await desk.hub.post("createToken", id=id, uid="leo", role="listener"))["link"])
    users = [{"number": called, "name": f"Ada {called}"}, {"number": other}, {"number": "13800009001", "name": "Busy"}]
    await desk.hub.post("inviteConf", **by, users=users)
    await desk.hub.simulator("dial-in", number=caller, confid=id)
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(3)
    ada = row(page, "Ada 138****0001")
    await desk.hub.post("muteConf", **by, users=[{"key": "1"}])
    await desk.hub.post("quitConf", **by, users=[{"key": "1"}])
    await expect(ada.locator(".progress")).to_have_text("removed by 137****0055")
    log = page.get_by_role("region", name="Activity")
    await expect(log).to_contain_text("137****0055 muted Ada 138****0001")
    seen = [await page.content()]
    await desk.hub.post("stopConf", **by)
    await expect(page.get_by_role("table", name="Attendance")).to_contain_text("left (the conference ended)")
    await page.reload()
    await expect(log).to_contain_text("137****0055 muted Ada 138****0001")
    seen += [await page.content(), *frames]
    digits = [re.sub(r"\D", "", each)[-11:] for each in NUMBERS]
    assert len(frames) > 10
    assert [each for each in digits if any(each in re.sub(r"[\s+-]", "", text) for text in seen)] == []


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
