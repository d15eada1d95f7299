"""Who the page lets in, and what it offers them, against a hub that asks for credentials."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.chromium import open_browser
from tests.browser.moderator import end, invite, sure
from tests.harness import PATIENCE_S, HubProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=PATIENCE_S * 1000)

NewTab = Callable[[], Awaitable[Page]]
INVITED = [{"number": "13800000001", "name": "Ada"}]


class Guarded:
    """A hub that asks for credentials, and one who has an admin's."""

    def __init__(self, hub: HubProcess) -> None:
        self.url = hub.url
        self.folder = hub.folder
        self.admin_key = self._kept("admin-key")
        self.http = hub.http()

    def sign_in_link(self) -> str:
        """Good once."""
        return self._kept("sign-in")

    def _kept(self, name: str) -> str:
        return (self.folder / f"confhub.{name}").read_text().strip()

    async def post(self, operation: str, key: str = "", **params: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key or self.admin_key}"}
        answer: dict[str, Any] = (await self.http.post(f"/{operation}", json=params, headers=headers)).json()
        assert answer["status"] == 1, answer
        return answer

    async def create(self, *, invites: bool = False) -> str:
        """The number of a new conference in the app demo, with Ada inside if she is invited."""
        id = str((await self.post("createConf", id="mia", appid="demo", name="Call"))["id"])
        if invites:
            await self.post("inviteConf", id=id, uid="mia", appid="demo", users=INVITED)
        return id

    async def link(self, id: str, uid: str, role: str, ttl: int = 3600, key: str = "") -> str:
        link: str = (await self.post("createToken", key, id=id, uid=uid, role=role, ttl=ttl))["link"]
        return link


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    hub = await HubProcess(tmp_path_factory.mktemp("guarded"), "--auth", "keys", "--speed", "10").start()
    guarded = Guarded(hub)
    yield guarded
    await guarded.http.aclose()
    await hub.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[tuple[BrowserContext, list[str]]]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def new_tab(browser: tuple[BrowserContext, list[str]]) -> AsyncIterator[NewTab]:
    """Each is somebody of its own to the hub."""
    tabs, wrongs = browser
    yield tabs.new_page
    for tab in tabs.pages:
        await tab.evaluate("location.origin === 'null' || localStorage.clear()")
        await tab.close()
    wrong, wrongs[:] = wrongs[:], []
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(new_tab: NewTab) -> Page:
    return await new_tab()


def sign_in_form(page: Page) -> Locator:
    return page.get_by_role("heading", name="Sign in")


def notice(page: Page) -> Locator:
    return page.locator("#notice")


async def show_key(page: Page, key: str, uid: str = "mia") -> None:
    await page.get_by_label("Key").fill(key)
    await page.get_by_label("You").fill(uid)
    await page.get_by_role("button", name="Sign in").click()


async def assert_no_secret_lies_about(page: Page, *secrets: str) -> None:
    """In this tab's own storage is the only place for one."""
    kept: str = await page.evaluate(
        "location.href + JSON.stringify(localStorage) + document.cookie + document.documentElement.outerHTML"
    )
    tokens = [token for token in [await token_of(page)] if token]
    assert [secret for secret in (*secrets, *tokens) if secret in kept] == []


async def token_of(page: Page) -> str | None:
    token: str | None = await page.evaluate("sessionStorage.getItem('confhub.token')")
    return token


# Coming in -----------------------------------------------------------------------------------------------------------


async def test_a_sign_in_link_works_once_and_does_not_stay_in_the_address(guarded: Guarded, new_tab: NewTab) -> None:
    link = guarded.sign_in_link()
    page = await new_tab()
    await page.goto(link)
    await expect(page.get_by_role("button", name="Create")).to_be_visible()
    await expect(page.get_by_text("admin", exact=True)).to_be_visible()
    assert page.url == f"{guarded.url}/"
    await assert_no_secret_lies_about(page, link.partition("=")[2])
    await page.goto(link)
    await expect(notice(page)).to_contain_text("no longer works: each signs in once")
    await expect(page.get_by_role("button", name="Create")).to_be_visible()
    await page.go_back()
    assert page.url == f"{guarded.url}/"

    another = await new_tab()
    await another.goto(link)
    await expect(notice(another)).to_contain_text("Ask whoever runs the hub for a new one.")
    await expect(sign_in_form(another)).to_be_visible()
    assert another.url == f"{guarded.url}/"
    assert await token_of(another) is None


async def test_a_key_signs_in_and_whoever_signs_out_is_out(page: Page, guarded: Guarded) -> None:
    await page.goto(guarded.url)
    await show_key(page, f" {guarded.admin_key} ")
    await expect(page.locator("#light")).to_have_text("live")
    await page.get_by_label("Name").fill("By key")
    await expect(page.get_by_label("You")).not_to_be_editable()
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("button", name="End conference")).to_be_visible()
    await expect(page.get_by_role("link", name="All conferences")).to_be_visible()

    await page.reload()
    await expect(page.get_by_text("mia · admin")).to_be_visible()
    await assert_no_secret_lies_about(page, guarded.admin_key)
    await page.get_by_role("button", name="Sign out").click()
    await expect(notice(page)).to_have_text("You have signed out.")
    await expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert await page.evaluate("sessionStorage.length") == 0
    await page.reload()
    await expect(sign_in_form(page)).to_be_visible()
    await expect(page.get_by_label("You")).to_have_value("mia")


async def test_what_stands_against_a_key_is_said_in_both_languages(page: Page, guarded: Guarded) -> None:
    said = page.get_by_role("alert")
    await page.goto(guarded.url)
    await show_key(page, "ck_wrong")
    await expect(said).to_have_text("There is no such key here, or it has been withdrawn.")
    await expect(page.get_by_label("Key")).to_be_focused()
    await page.get_by_role("button", name="中文").click()
    await page.get_by_role("button", name="登录").click()
    await expect(said).to_contain_text("没有这个密钥")
    await page.get_by_role("button", name="English").click()

    error = {"code": 1429, "name": "too_many", "message": "wait 2100 ms", "data": {"retry_after_ms": 2100}}
    body = json.dumps({"status": 0, "error": error})

    async def refuse(route: Route) -> None:
        await route.fulfill(status=429, content_type="application/json", body=body)

    await page.route("**/signIn", refuse)
    await show_key(page, "ck_wrong")
    await expect(said).to_have_text("Too many attempts have failed. Try again in 3 s.")
    await page.get_by_role("button", name="中文").click()
    await page.get_by_role("button", name="登录").click()
    await expect(said).to_contain_text("请在 3 秒后重试")
    await page.get_by_role("button", name="English").click()

    await page.unroute("**/signIn")
    await page.route("**/signIn", lambda route: route.abort())
    await show_key(page, "ck_wrong")
    await expect(said).to_have_text("Not connected to the hub.")
    await page.goto(f"{guarded.url}/#?sign-in=cl_not_asked_for")
    await expect(notice(page)).to_contain_text("The hub did not answer")


async def test_an_apps_key_is_for_no_other_app(page: Page, guarded: Guarded) -> None:
    key = (await guarded.post("createKey", app="acme"))["key"]
    await page.goto(guarded.url)
    await show_key(page, key)
    await expect(page.locator("#light")).to_have_text("live")
    await expect(page.get_by_label("App")).to_have_value("acme")
    await expect(page.get_by_label("App")).not_to_be_editable()
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("button", name="End conference")).to_be_visible()
    await page.goto(f"{guarded.url}/#{await guarded.create()}")
    await expect(page.get_by_text("There is no such conference.")).to_be_visible()


async def test_a_link_that_was_cut_short_is_no_way_in(page: Page, guarded: Guarded) -> None:
    id = await guarded.create()
    link = await guarded.link(id, "noa", "moderator")
    for broken in (link[:-150], f"{guarded.url}/#{id}?token=", link.replace(f"#{id}", "#")):
        await page.goto(broken)
        await expect(page).not_to_have_url(re.compile("token"))
        await expect(notice(page)).to_contain_text("This link is not complete.")
        await expect(sign_in_form(page)).to_be_visible()
        assert await token_of(page) is None


# What is offered -----------------------------------------------------------------------------------------------------


async def test_a_moderator_by_link_has_one_conference_and_does_not_end_it(page: Page, guarded: Guarded) -> None:
    id = await guarded.create()
    link = await guarded.link(id, "noa", "moderator")
    await page.goto(link)
    await invite(page, "13800000001 Ada")
    await page.get_by_role("button", name="Mute Ada", exact=True).click()
    await page.get_by_role("button", name="Unmute Ada").click()
    await expect(page.get_by_role("button", name="Mute Ada", exact=True)).to_have_attribute("aria-disabled", "false")
    await page.get_by_role("button", name="Remove Ada").click()
    await expect(page.get_by_role("dialog")).to_contain_text("The conference ends with the last one who leaves")
    await sure(page, "Remove")
    await expect(page.locator("tr[data-key='1'] .progress")).to_have_text("removed by noa")
    await expect(page.get_by_text("noa · moderator", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="End conference")).to_have_count(0)
    await expect(page.get_by_role("link", name="All conferences")).to_have_count(0)
    assert page.url == f"{guarded.url}/#{id}"
    await assert_no_secret_lies_about(page, link.partition("=")[2])

    await page.reload()
    await expect(page.get_by_role("row").filter(has_text="Ada")).to_be_visible()
    await page.goto(f"{guarded.url}/#{await guarded.create()}")
    await page.get_by_role("link", name="confhub").click()
    await expect(page.get_by_role("row").filter(has_text="Ada")).to_be_visible()
    await expect(page).to_have_url(f"{guarded.url}/#{id}")


async def test_a_listener_is_offered_no_control_and_an_owner_every_one(page: Page, guarded: Guarded) -> None:
    id = await guarded.create(invites=True)
    await page.goto(await guarded.link(id, "leo", "listener"))
    ada = page.locator("tr[data-key='1']")
    await expect(ada).to_have_attribute("data-progress", "joined")
    await expect(ada.locator(".number")).to_have_text("138****0001")
    await expect(page.get_by_role("columnheader")).to_have_text(["Name", "Phone", "State", "Microphone", "Time"])
    controls = page.get_by_role("main").locator("[data-act], [data-everybody], .primary, .danger, [type=checkbox], a")
    await expect(controls).to_have_count(0)
    assert "13800000001" not in await page.content()

    await page.goto(await guarded.link(id, "mia", "owner"))
    await expect(ada.locator(".number")).to_have_text("13800000001")
    await end(page)
    await expect(page.locator(".head .pill")).to_have_text("ended")


async def test_whoever_is_watching_is_named_once(page: Page, guarded: Guarded, new_tab: NewTab) -> None:
    id = await guarded.create()
    link = await guarded.link(id, "noa", "moderator")
    watching = page.get_by_role("list", name="Watching").get_by_role("listitem")
    await page.goto(link)
    await expect(watching).to_have_text(["noa (you) · moderator"])
    listeners, another = await new_tab(), await new_tab()
    await listeners.goto(await guarded.link(id, "leo", "listener"))
    await another.goto(link)
    await expect(watching).to_have_text(["noa (you) · moderator", "leo · listener"])
    await another.get_by_role("button", name="中文").click()
    names = another.get_by_role("list", name="正在查看").get_by_role("listitem")
    await expect(names).to_have_text(["noa（您） · 主持人", "leo · 旁听者"])


async def test_nothing_hangs_over_the_edge(page: Page, guarded: Guarded) -> None:
    async def wider() -> list[int]:
        return [width for width in (320, 380, 700, 1000) if await width_at(width) > width]

    async def width_at(width: int) -> int:
        await page.set_viewport_size({"width": width, "height": 800})
        needed: int = await page.evaluate("document.documentElement.scrollWidth")
        return needed

    await page.goto(await guarded.link(await guarded.create(), "n" * 128, "moderator", ttl=50))
    await expect(notice(page)).to_be_visible()
    await expect(page.get_by_role("list", name="Watching")).to_be_visible()
    assert await wider() == []
    await page.get_by_role("button", name="Sign out").click()
    await show_key(page, "ck_wrong")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await wider() == []


# Being let in no more ------------------------------------------------------------------------------------------------


async def test_a_key_taken_back_sends_away_all_who_came_by_it(guarded: Guarded, new_tab: NewTab) -> None:
    made = await guarded.post("createKey", app="demo")
    id = await guarded.create(invites=True)
    link = await guarded.link(id, "leo", "listener", key=made["key"])
    by_key = await new_tab()
    await by_key.goto(f"{guarded.url}/#{id}")
    await show_key(by_key, made["key"])
    by_link = await new_tab()
    await by_link.goto(link)
    for page in (by_key, by_link):
        await expect(page.locator("tr[data-key='1']")).to_have_attribute("data-progress", "joined")

    await guarded.post("revokeKey", id=made["id"])
    await expect(notice(by_key)).to_contain_text("Your sign-in has been withdrawn.")
    await expect(notice(by_link)).to_have_text("Your link has been withdrawn. Ask whoever sent it for a new one.")
    for page in (by_key, by_link):
        await expect(sign_in_form(page)).to_be_visible()
        assert await token_of(page) is None
        assert "Ada" not in await page.content()

    await by_link.goto(link)
    await expect(notice(by_link)).to_have_text("Your link no longer works. Ask whoever sent it for a new one.")
    await by_key.bring_to_front()
    await show_key(by_key, guarded.admin_key)
    await expect(by_key.get_by_role("row").filter(has_text="Ada")).to_be_visible()
    await expect(notice(by_key)).to_be_hidden()


async def test_a_link_says_when_it_expires_and_that_it_has(page: Page, guarded: Guarded) -> None:
    id = await guarded.create()
    await page.goto(await guarded.link(id, "leo", "listener", ttl=50))
    await expect(notice(page)).to_contain_text("You will be signed out at ")
    await page.goto(await guarded.link(id, "leo", "listener", ttl=1))
    await expect(notice(page)).to_have_text("Your link has expired. Ask whoever sent it for a new one.")
    await expect(sign_in_form(page)).to_be_visible()
    assert await token_of(page) is None


# Pure parts ----------------------------------------------------------------------------------------------------------


def token(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims, ensure_ascii=False).encode()).decode().rstrip("=")
    return f"head.{payload}.signature"


async def test_what_tokens_and_addresses_say_is_read_as_it_stands(page: Page, guarded: Guarded) -> None:
    good = {"sub": "李雷?>", "role": "moderator", "app": "demo", "exp": 1_700_000_000}
    nothing = ["", "ck_abc", "a.b.c", "a.!.c", token(), token(**good | {"role": "god"})]
    said = {"uid": good["sub"], "role": "moderator", "appid": "demo", "expiresAt": datetime.fromtimestamp(1.7e9, UTC)}
    await page.goto(f"{guarded.url}/healthz")
    read = "all => import('/js/credential.js').then(its => all.map(its.claims))"
    assert await page.evaluate(read, [*nothing, token(**good)]) == [*[None] * len(nothing), said]

    addresses = {
        "": ("", None, None),
        "#": ("", None, None),
        "#60000001": ("60000001", None, None),
        "#100%25": ("100%", None, None),
        "#%": ("%", None, None),
        "#5?token=a.b-_c": ("5", "a.b-_c", None),
        "#?sign-in=cl_x": ("", None, "cl_x"),
        "#5?other=1": ("5", None, None),
    }
    read = "all => import('/js/address.js').then(its => all.map(its.read))"
    named = await page.evaluate(read, list(addresses))
    assert [(each["id"], each["token"], each["ticket"]) for each in named] == list(addresses.values())
