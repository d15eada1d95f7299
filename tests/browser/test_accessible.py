"""No view of the page breaks a rule of axe-core, in either theme and either language."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser import stage
from tests.browser.chromium import open_browser
from tests.browser.line import Line
from tests.faults.world import Meeting
from tests.harness import PATIENCE_S, ROOT, HubProcess, need

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=PATIENCE_S * 1000)

AXE = ROOT / ".ci/node_modules/axe-core/axe.min.js"
OPTIONS = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
"""All rules that are on by themselves, and that of WCAG 2.2."""

THEMES = ("light", "dark")
LANGUAGES = ("en", "zh")


class Stage:
    """Hubs with a conference in every state."""

    def __init__(self, hub: HubProcess, guarded: HubProcess) -> None:
        self.hub = hub
        self.guarded = guarded
        self.meetings: dict[str, Meeting] = {}

    async def prepare(self) -> None:
        """The doubtful one first: it takes a fault that strikes all of them."""
        for make in (stage.uncertain, stage.live, stage.ended, stage.crowd):
            self.meetings[make.__name__] = await make(self.hub)
        self.meetings["empty"] = Meeting(self.hub, await self.hub.create("Nobody yet"))
        self.meetings["reserved"] = await Meeting.open(self.hub, "13800001234", time="2035-01-02T10:00")

    def address(self, name: str) -> str:
        return f"{self.hub.url}/#{self.meetings[name].id}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    need(AXE.is_file(), "axe-core is not installed: make tools")
    speed = ("--speed", "10", "--ring-timeout", "900")
    hub = await HubProcess(tmp_path_factory.mktemp("open"), *speed, "--reconcile", "1").start()
    guarded = await HubProcess(tmp_path_factory.mktemp("guarded"), *speed, "--auth", "keys").start()
    told = Stage(hub, guarded)
    await told.prepare()
    yield told
    await hub.kill()
    await guarded.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[BrowserContext]:
    """Whose pages let the rules in, which the hub's own policy would not."""
    async with open_browser(bypass_csp=True, reduced_motion="reduce") as (browser, _):
        yield browser


async def violations(page: Page) -> list[str]:
    await page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = (await page.evaluate("options => axe.run(document, options)", OPTIONS))["violations"]
    return [f"{each['id']}: {each['help']}: {node['html']}" for each in found for node in each["nodes"]]


# The views ------------------------------------------------------------------------------------------------------------


async def opened(page: Page, told: Stage, name: str) -> None:
    await page.goto(told.address(name))
    await expect(page.locator("#light")).to_have_attribute("data-state", "live")


async def sign_in(page: Page, told: Stage) -> None:
    await page.goto(told.guarded.url)
    await expect(page.locator("input[type=password]")).to_be_visible()


async def refused(page: Page, told: Stage) -> None:
    await sign_in(page, told)
    await page.locator("input[type=password]").fill("ck_wrong")
    await page.locator("input[type=password]").press("Enter")
    await expect(page.get_by_role("alert")).not_to_be_empty()


async def lobby(page: Page, told: Stage) -> None:
    await page.add_init_script("localStorage.setItem('confhub.id', 'mia')")
    await page.goto(told.hub.url)
    await expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()


async def empty(page: Page, told: Stage) -> None:
    await opened(page, told, "empty")


async def live(page: Page, told: Stage) -> None:
    await opened(page, told, "live")
    await expect(page.get_by_role("table").get_by_text(stage.RIGHT_TO_LEFT)).to_be_visible()
    await expect(page.locator(".log li").first).to_be_visible()


async def crowd(page: Page, told: Stage) -> None:
    await opened(page, told, "crowd")
    await expect(page.locator("tr[data-key]")).to_have_count(200)


async def uncertain(page: Page, told: Stage) -> None:
    await opened(page, told, "uncertain")


async def reserved(page: Page, told: Stage) -> None:
    await opened(page, told, "reserved")


async def ended(page: Page, told: Stage) -> None:
    await opened(page, told, "ended")
    await expect(page.get_by_role("table").get_by_text(stage.RIGHT_TO_LEFT)).to_be_visible()


async def unknown(page: Page, told: Stage) -> None:
    await page.goto(f"{told.hub.url}/#404")
    await expect(page.get_by_role("alert")).not_to_be_empty()


async def phone(page: Page, told: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await live(page, told)


async def listener(page: Page, told: Stage) -> None:
    key = told.guarded.admin_key
    id = (await told.guarded.post("createConf", credential=key, id="mia", appid="demo", name="Call"))["id"]
    users = [{"number": "13800001234", "name": "Ada"}]
    await told.guarded.post("joinConf", credential=key, id=id, uid="mia", appid="demo", users=users)
    link = await told.guarded.post("createToken", credential=key, id=id, uid="leo", role="listener")
    await page.goto(link["link"])
    await expect(page.get_by_role("table").get_by_text("Ada")).to_be_visible()
    await expect(page.locator(".log li").first).to_be_visible()


async def offline(page: Page, told: Stage) -> None:
    line = await Line.of(page)
    await live(page, told)
    await line.cut()
    await expect(page.locator("#light")).to_have_attribute("data-state", "offline")


async def catching_up(page: Page, told: Stage) -> None:
    line = await Line.of(page)
    await live(page, told)
    line.hold(told.meetings["live"].id)
    await expect(page.locator("#light")).to_have_attribute("data-state", "catching up")


# What opens above a view ---------------------------------------------------------------------------------------------


async def dialog(page: Page, told: Stage, key: str) -> None:
    await live(page, told)
    await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_be_visible()


async def invitation(page: Page, told: Stage) -> None:
    """With something in it that is not clear."""
    await dialog(page, told, "i")
    await page.get_by_role("dialog").locator("textarea").fill("13800001234 Ada\nRoom 5 13800000008")
    await page.get_by_role("dialog").locator(".primary").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).not_to_be_empty()


async def keys(page: Page, told: Stage) -> None:
    await dialog(page, told, "?")


async def confirmation(page: Page, told: Stage) -> None:
    await dialog(page, told, "Shift+M")


async def settling(page: Page, told: Stage) -> None:
    await uncertain(page, told)
    await page.locator("[data-act=settle]").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def ending(page: Page, told: Stage) -> None:
    await live(page, told)
    await page.locator("#end").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def sharing(page: Page, told: Stage) -> None:
    """Of a link that has been made."""
    await live(page, told)
    await page.locator(".toolbar .acts > button").last.click()
    await page.get_by_role("dialog").get_by_role("textbox").first.fill("ada")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").locator(".link")).to_contain_text("token=")


async def password(page: Page, told: Stage) -> None:
    await live(page, told)
    await page.locator(".facts button:visible").last.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def everyone(page: Page, told: Stage) -> None:
    await live(page, told)
    await page.locator(".menu > button").click()
    await expect(page.locator(".menu-list")).to_be_visible()


async def selection(page: Page, told: Stage) -> None:
    """With the toast of what has just been done to it."""
    await uncertain(page, told)
    await expect(page.locator("tr[data-key]").first).to_be_visible()
    await page.keyboard.press("a")
    await page.keyboard.press("u")
    await expect(page.locator("tr[data-muted=true]")).to_have_count(0)
    await page.keyboard.press("m")
    await expect(page.locator(".toast .undo")).to_be_visible()


View = Callable[[Page, Stage], Awaitable[None]]
VIEWS: tuple[View, ...] = (
    *(sign_in, refused, lobby, empty, live, phone, crowd, uncertain, reserved, ended, unknown, listener, offline),
    *(catching_up, invitation, keys, confirmation, settling, ending, sharing, password, everyone, selection),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
async def test_a_view_breaks_no_rule(browser: BrowserContext, told: Stage, view: View, language: str) -> None:
    page = await browser.new_page()
    await page.add_init_script(f"localStorage.setItem('confhub.language', '{language}')")
    await view(page, told)
    await expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert await violations(page) == [], theme
    await page.close()
