"""The page in a real browser, against a running hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import open_browser, open_page
from tests.browser.moderator import end, invite, row, sure
from tests.conftest import Start
from tests.harness import PATIENCE_S, HubProcess
from tests.network import ScriptedHub

expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as page:
        yield page


async def loaded_once(page: Page) -> None:
    """A mark that a reload would wipe out."""
    await page.evaluate("window.loadedOnce = true")


async def test_a_moderator_runs_a_conference_without_a_reload(page: Page, hub: HubProcess) -> None:
    await page.goto(hub.url)
    await loaded_once(page)
    await page.get_by_label("Name").fill("Planning")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", name="Planning")).to_be_visible()

    await invite(page, "13800000001 Ada\n13800000002 Bob\n13800009001 Cyd")
    ada, bob, cyd = (row(page, name) for name in ("Ada", "Bob", "Cyd"))
    await expect(ada).to_have_attribute("data-progress", "joined")
    await expect(bob).to_have_attribute("data-progress", "joined")
    await expect(cyd.locator(".progress")).to_have_text("busy")

    await page.get_by_role("button", name="Mute Ada", exact=True).click()
    await expect(ada.locator(".microphone")).to_have_text("muted")
    await page.get_by_role("button", name="Remove Bob").click()
    await expect(bob.locator(".progress")).to_have_text("removed by moderator")
    await page.get_by_role("button", name="Unmute Ada").click()
    await expect(ada.locator(".microphone")).to_have_text("on")

    await end(page)
    await expect(page.locator(".head .pill")).to_have_text("ended")
    await expect(ada.locator(".progress")).to_have_text("left (the conference ended)")
    assert await page.evaluate("window.loadedOnce")


async def test_what_others_do_appears_by_itself(page: Page, hub: HubProcess) -> None:
    id = await hub.create("Shared")
    await page.goto(f"{hub.url}/#{id}")
    await loaded_once(page)
    await expect(page.get_by_role("heading", name="Nobody on the roster yet")).to_be_visible()
    await hub.post(
        "inviteConf", id=id, uid="noa", appid="demo", users=[{"number": "13800000001", "name": "<b>Ada</b>"}]
    )
    ada = page.locator("tr[data-key='1']")
    await expect(ada).to_have_attribute("data-progress", "joined")
    await expect(ada).to_contain_text("<b>Ada</b>")
    callid = (await hub.post("getConfUsers", id=id))["users"][0]["callid"]
    await hub.post("muteConf", id=id, uid="noa", appid="demo", users=[{"callid": callid}])
    await expect(ada.locator(".microphone")).to_have_text("muted")
    await hub.post("quitConf", id=id, uid="noa", appid="demo", users=[{"callid": callid}])
    await expect(ada.locator(".progress")).to_have_text("removed by noa")
    assert await page.evaluate("window.loadedOnce")


async def test_the_page_says_when_it_is_not_live_and_catches_up(page: Page, start: Start) -> None:
    hub = await start("--speed", "10")
    id = await hub.create("Cut")
    await page.goto(f"{hub.url}/#{id}")
    light = page.locator("#light")
    await expect(light).to_have_text("live")
    port = hub.url.rpartition(":")[2]
    await hub.kill()
    await expect(light).to_contain_text("offline since")
    await expect(page.get_by_text("Not live:")).to_be_visible()
    await expect(page.get_by_role("button", name="End conference")).to_have_attribute("aria-disabled", "true")

    hub = await start("--speed", "10", "--port", port)
    await hub.post("inviteConf", id=id, uid="noa", appid="demo", users=[{"number": "13800000001", "name": "Ada"}])
    await expect(light).to_have_text("live")
    await expect(page.locator("tr[data-key='1']")).to_have_attribute("data-progress", "joined")


async def test_the_page_says_why_the_hub_wants_it_no_more(page: Page) -> None:
    async with ScriptedHub().running() as hub:
        await page.goto(f"{hub.url}/#1")
        session = await hub.session()
        await session.begin(1)
        await expect(page.locator("#light")).to_have_text("live")
        await session.close(4503, "revoked")
        await expect(page.locator("#light")).to_contain_text(
            "The hub has ended this connection (closed with 4503 revoked)"
        )
        await expect(page.get_by_text("Not live:")).to_be_visible()


async def test_a_hub_that_has_come_to_ask_for_credentials_is_asked_to_be_let_in(page: Page) -> None:
    async with ScriptedHub().running() as hub:
        await page.goto(f"{hub.url}/#1")
        session = await hub.session()
        await session.begin(1)
        await session.close(4501, "unauthenticated")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_hub_that_asks_for_nothing_shows_no_signing_in(page: Page, hub: HubProcess) -> None:
    id = await hub.create()
    await page.goto(hub.url)
    await expect(page.get_by_label("You")).to_be_editable()
    await page.goto(f"{hub.url}/#{id}")
    await expect(page.get_by_role("button", name="End conference")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    await expect(page.get_by_role("list", name="Watching")).to_have_count(0)
    await page.goto((await hub.post("createToken", id=id, uid="leo", role="listener"))["link"])
    await expect(page.get_by_text("leo · listener", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="End conference")).to_be_visible()


async def test_the_page_speaks_chinese(page: Page, hub: HubProcess) -> None:
    await page.goto(hub.url)
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("button", name="创建")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="创建")).to_be_visible()


@pytest.mark.parametrize(("locale", "shown"), [("en-GB", "2 Jan 2035, 15:04"), ("en-US", "Jan 2, 2035, 3:04")])
async def test_times_are_written_as_where_the_moderator_is_at_home(hub: HubProcess, locale: str, shown: str) -> None:
    time = "2035-01-02T15:04:00Z"
    created = await hub.post("createConf", id="mia", appid="demo", name="Later", time=time)
    async with open_browser(locale=locale, timezone_id="UTC") as (browser, _):
        page = await browser.new_page()
        await page.goto(f"{hub.url}/#{created['id']}")
        await expect(page.get_by_role("status").filter(has_text="Reserved")).to_contain_text(shown)


async def test_the_focus_stays_where_the_moderator_works(page: Page, hub: HubProcess) -> None:
    await page.goto(f"{hub.url}/#{await hub.create()}")
    await expect(page.get_by_role("button", name="Invite", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("One number and name a line")).to_be_focused()
    await page.keyboard.press("Escape")
    await invite(page, "13800000001 Ada\n13800000002 Bob")
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(2)
    await page.get_by_role("button", name="Mute Ada", exact=True).press("Enter")
    await expect(page.get_by_role("button", name="Unmute Ada")).to_be_focused()
    await page.get_by_role("button", name="Remove Ada").press("Enter")
    await expect(page.locator("tr[data-key='1']")).to_be_focused()


async def test_an_event_between_press_and_release_swallows_no_click(page: Page, hub: HubProcess) -> None:
    id = await hub.create()
    await page.goto(f"{hub.url}/#{id}")
    button = page.get_by_role("button", name="End conference")
    await expect(button).to_have_attribute("aria-disabled", "false")
    await button.hover()
    await page.mouse.down()
    await hub.post("joinConf", id=id, uid="noa", appid="demo", users=[{"id": "ada", "name": "Ada"}])
    await expect(row(page, "Ada")).to_be_visible()
    await page.mouse.up()
    await sure(page, "End conference")
    await expect(page.locator(".head .pill")).to_have_text("ended")


async def test_a_line_that_is_not_clear_calls_nobody_and_stays(page: Page, hub: HubProcess) -> None:
    id = await hub.create()
    await page.goto(f"{hub.url}/#{id}")
    await invite(page, "Room 5 13800000008\n13800000001 Ada")
    await expect(page.get_by_role("listitem").first).to_contain_text("Room 5 13800000008")
    await expect(page.get_by_label("One number and name a line")).to_have_value("Room 5 13800000008")
    assert [row["name"] for row in (await hub.post("getConfUsers", id=id))["users"]] == ["Ada"]


async def test_another_language_loses_nothing(page: Page, start: Start) -> None:
    hub = await start("--speed", "10")
    await page.goto(f"{hub.url}/#{await hub.create()}")
    await invite(page, "13800000001 Ada")
    ada = page.locator("tr[data-key='1']")
    await expect(ada).to_have_attribute("data-progress", "joined")
    await page.get_by_role("button", name="Invite", exact=True).click()
    await page.get_by_label("One number and name a line").fill("13800000002 Bob")
    await page.keyboard.press("Escape")
    await page.get_by_label("Search name or number").fill("a")
    await page.get_by_role("checkbox", name="Select Ada").check()
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(page.locator("textarea")).to_have_value("13800000002 Bob")
    await page.keyboard.press("Escape")
    await hub.kill()
    await expect(page.locator("#light")).to_contain_text("offline since")
    await page.get_by_role("button", name="中文").click()
    await expect(ada).to_contain_text("已加入")
    await expect(page.get_by_label("搜索姓名或号码")).to_have_value("a")
    await expect(page.get_by_role("checkbox", name="选择 Ada")).to_be_checked()


async def test_a_conference_that_does_not_exist_is_said(page: Page, hub: HubProcess) -> None:
    await page.goto(f"{hub.url}/#100%25")
    await expect(page.get_by_text("There is no such conference.")).to_be_visible()
    await expect(page.get_by_role("button", name="Invite")).to_be_hidden()
    await page.get_by_role("link", name="All conferences").click()
    await expect(page.get_by_role("button", name="Create")).to_be_visible()


async def test_a_new_database_is_not_an_endless_reconnect(page: Page, start: Start, tmp_path: Path) -> None:
    hub = await start()
    await page.goto(f"{hub.url}/#{await hub.create()}")
    await expect(page.locator("#light")).to_have_text("live")
    await hub.kill()
    port = ("--port", hub.url.rpartition(":")[2])
    another = await start(*port, "--database", "another.db")
    await expect(page.get_by_text("There is no such conference.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Nobody on the roster yet")).to_have_count(0)
    await expect(page.locator("#light")).to_have_text("live")
    await another.kill()
    await start(*port)
    await expect(page.get_by_role("heading", name="Nobody on the roster yet")).to_be_visible()
    await expect(page.get_by_text("There is no such conference.")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 380, 700, 1000])
async def test_nothing_hangs_over_the_edge(page: Page, hub: HubProcess, width: int) -> None:
    id = await hub.create("w" * 100)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(f"{hub.url}/#{id}")
    await invite(page, f"13800000001 {'x' * 200}\n13800009001 Bob")
    await expect(page.locator("tr[data-key='1']")).to_have_attribute("data-progress", "joined")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_simulated_calls_are_called_so(page: Page, hub: HubProcess) -> None:
    await page.goto(hub.url)
    await expect(page.get_by_text("simulated calls")).to_be_visible()


async def test_a_conference_is_reserved_on_the_page(page: Page, hub: HubProcess) -> None:
    await page.goto(hub.url)
    await page.get_by_label("Name").fill("Next year")
    await page.get_by_label("Start").fill("2035-01-02T10:00")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("status").filter(has_text="Reserved")).to_contain_text("Jan 2, 2035")
    await invite(page, "13800000001 Ada")
    ada = row(page, "Ada")
    await expect(ada.locator(".progress")).to_have_text("waits for the start")
    await page.goto(hub.url)
    await page.get_by_label("Start").fill("2020-01-02T10:00")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("alert")).to_have_text("This time has passed.")


async def test_the_page_sees_a_reserved_conference_start(page: Page, hub: HubProcess) -> None:
    time = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    created = await hub.post("createConf", id="mia", appid="demo", name="Soon", time=time, pwd="1234")
    await page.goto(f"{hub.url}/#{created['id']}")
    await loaded_once(page)
    await invite(page, "13800000001 Ada")
    await expect(page.get_by_text("callers are not asked for it")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Reserved")).to_be_visible()
    await expect(row(page, "Ada")).to_have_attribute("data-progress", "joined")
    await expect(page.get_by_role("status").filter(has_text="Reserved")).to_be_hidden()
    assert await page.evaluate("window.loadedOnce")


async def test_a_hasty_or_careless_moderator_makes_one_conference(page: Page, hub: HubProcess) -> None:
    await page.goto(f"{hub.url}/#%")
    await expect(page.get_by_role("heading", name="%")).to_be_visible()
    await page.goto(hub.url)
    await page.get_by_label("You").fill("   ")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_label("You").fill("mia")
    await page.get_by_role("button", name="Create").dblclick()
    await expect(page.get_by_role("button", name="End conference")).to_be_visible()
    assert len((await hub.post("getUserConfs", id="mia", appid="demo"))["confs"]) == 1
