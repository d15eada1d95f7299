"""What a moderator sees and finds on the page of a running hub, by hand and by keyboard, during and after."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import Desk
from tests.browser.line import Line
from tests.browser.moderator import end, row, sure, toast
from tests.network import ScriptedHub

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAUGHTY = "<img src=x onerror='throw 1'><script>throw 2</script>"
RIGHT_TO_LEFT = "\u202eשרה כהן"


async def names(page: Page) -> list[str]:
    found: list[str] = await page.locator("tr[data-key] .name").all_inner_texts()
    return found


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def log(page: Page) -> Locator:
    """The lines of the activity log, newest first."""
    return page.get_by_role("region", name="Activity").get_by_role("listitem")


async def mixed(desk: Desk) -> tuple[Page, str]:
    """A conference with somebody in every state."""
    page, id = await desk.conference("13800000003 Cyd", "13800000001 Ada", "13800000002 Bob")
    await desk.invite(id, "13800009001 Busy", "13800009004 Brief")
    await desk.hub.simulator("dial-in", number="13900000077", confid=id)
    await desk.hub.post("muteConf", id=id, uid="mia", appid="demo", users=[{"key": "1"}])
    for name, progress in (("Busy", "busy"), ("Brief", "left"), ("13900000077", "joined")):
        await expect(row(page, name)).to_have_attribute("data-progress", progress)
    await expect(row(page, "Cyd")).to_have_attribute("data-muted", "true")
    return page, id


# Finding -------------------------------------------------------------------------------------------------------------


async def test_filters_have_counts_and_show_those_they_count(desk: Desk) -> None:
    page, _ = await mixed(desk)
    filters = page.get_by_role("group", name="Show")
    expected = ["All 6", "Inside 4", "Muted 1", "Not reached 1", "Left 1", "Unknown callers 1"]
    for name in expected:
        await filters.get_by_role("button", name=name, exact=True).click()
        await expect(page.locator("tr[data-key]")).to_have_count(int(name.rpartition(" ")[2]))
    await expect(filters.get_by_role("button", pressed=True)).to_have_text(re.compile("Unknown callers"))
    await expect(row(page, "unknown caller")).to_be_visible()


async def test_people_are_searched_by_name_and_number_and_nobody_found_is_said(desk: Desk) -> None:
    page, _ = await desk.conference()
    search = page.get_by_label("Search name or number")
    await search.fill("138 0000 0002")
    await expect(page.locator("tr[data-key]")).to_have_count(1)
    await expect(row(page, "Bob")).to_be_visible()
    await search.fill("zz")
    await expect(page.get_by_text("Nobody fits what you look for.")).to_be_visible()
    await search.fill("")
    await expect(page.locator("tr[data-key]")).to_have_count(3)


async def test_sorting_is_stable_and_a_third_press_is_the_roster_again(desk: Desk) -> None:
    page, _ = await desk.conference("13800000003 Cyd", "13800000001 ada", "13800000002 Bob")
    head = page.get_by_role("columnheader", name="Name")
    for order, expected in (("ascending", ["ada", "Bob", "Cyd"]), ("descending", ["Cyd", "Bob", "ada"])):
        await button(page, "Name").click()
        await expect(head).to_have_attribute("aria-sort", order)
        assert await names(page) == expected
    await button(page, "Name").click()
    await expect(head).not_to_have_attribute("aria-sort", "descending")
    assert await names(page) == ["Cyd", "ada", "Bob"]


async def test_of_many_moderators_the_first_are_named_and_the_others_on_demand(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    users = [{"number": f"1380000002{n}", "name": f"Chair {n}", "role": "moderator"} for n in range(7)]
    await desk.hub.post("inviteConf", id=id, uid="mia", appid="demo", users=users)
    inside = page.get_by_role("definition").filter(has_text="Chair")
    await expect(inside).to_contain_text("and 3 more")
    names = inside.locator(".name").locator("visible=true")
    await expect(names).to_have_count(4)
    more = inside.get_by_role("button")
    await more.press("Enter")
    await expect(names).to_have_count(7)
    await expect(more).to_be_focused()
    await more.press("Enter")
    await expect(names).to_have_count(4)


# By keyboard ---------------------------------------------------------------------------------------------------------


async def test_everything_has_its_key(desk: Desk) -> None:
    page, _ = await desk.conference()
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search name or number")).to_be_focused()
    await page.keyboard.type("i")
    await expect(page.get_by_label("Search name or number")).to_have_value("i")
    await page.get_by_label("Search name or number").fill("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("i")
    await expect(page.get_by_label("One number and name a line")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Shift+M")
    await expect(page.get_by_role("dialog")).to_contain_text("Mute 3 people?")
    await sure(page, "Mute everybody")
    await expect(page.locator("tr[data-muted=true]")).to_have_count(3)
    await page.keyboard.press("z")
    await expect(page.locator("tr[data-muted=false]")).to_have_count(3)


CLOSE_AND_PRESS = """() => {
    document.querySelector("dialog").close();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "M", shiftKey: true, bubbles: true }));
}"""
"""At once: until the next frame the focus is still in what was closed."""


async def test_a_key_right_after_a_dialog_is_not_lost(desk: Desk) -> None:
    page, _ = await desk.conference()
    await page.keyboard.press("i")
    await expect(page.get_by_label("One number and name a line")).to_be_focused()
    await page.evaluate(CLOSE_AND_PRESS)
    await expect(page.get_by_role("dialog")).to_contain_text("Mute 3 people?")


async def test_arrows_move_in_the_list_and_keys_act_on_the_row_or_the_selection(desk: Desk) -> None:
    page, _ = await desk.conference()
    await row(page, "Ada").focus()
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Bob")).to_be_focused()
    await page.keyboard.press("m")
    await expect(row(page, "Bob")).to_have_attribute("data-muted", "true")
    await expect(row(page, "Bob")).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowUp")
    await expect(page.locator("tr[data-selected]")).to_have_count(2)
    await page.keyboard.press("u")
    await expect(row(page, "Bob")).to_have_attribute("data-muted", "false")
    await page.keyboard.press("k")
    await expect(page.locator("tr[data-progress=kicked]")).to_have_count(2)
    await page.keyboard.press("r")
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.locator("tr[data-selected]")).to_have_count(0)
    await page.keyboard.press("a")
    await expect(page.locator("tr[data-selected]")).to_have_count(3)


async def test_from_the_search_the_keys_lead_to_whom_it_has_found_and_back(desk: Desk) -> None:
    page, _ = await desk.conference()
    search = page.get_by_label("Search name or number")
    await page.keyboard.press("/")
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Ada")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Bob")).to_be_focused()
    for _ in ("Ada", "the search"):
        await page.keyboard.press("ArrowUp")
    await expect(search).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(search).to_be_focused()
    await page.keyboard.type("bo")
    await page.keyboard.press("Enter")
    await expect(row(page, "Bob")).to_be_focused()
    await page.keyboard.press("m")
    await expect(row(page, "Bob")).to_have_attribute("data-muted", "true")


async def test_escape_clears_the_search_first_and_then_the_selection(desk: Desk) -> None:
    page, _ = await desk.conference()
    search = page.get_by_label("Search name or number")
    await page.keyboard.press("a")
    await search.fill("bo")
    await expect(page.locator("tr[data-selected]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(search).to_have_value("")
    await expect(search).to_be_focused()
    await expect(page.locator("tr[data-selected]")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.locator("tr[data-selected]")).to_have_count(0)


async def test_a_key_that_does_nothing_says_what_it_wants(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    for key in ("m", "u", "k", "r"):
        await page.keyboard.press(key)
        await expect(toast(page)).to_contain_text("Select people first, or go to their row.")
        await toast(page).get_by_role("button", name="Dismiss").click()
    await page.keyboard.press("z")
    await expect(toast(page)).to_contain_text("There is nothing to undo.")


async def test_while_it_is_not_live_keys_and_buttons_say_why_they_do_nothing(desk: Desk) -> None:
    id = await desk.hub.create()
    await desk.invite(id, "13800000001 Ada")
    page = await desk.tabs.new_page()
    line = await Line.of(page)
    await page.goto(f"{desk.hub.url}/#{id}")
    await button(page, "Mute Ada").click()
    await expect(row(page, "Ada")).to_have_attribute("data-muted", "true")
    await line.cut()
    await expect(page.locator(".frozen")).to_be_visible()
    says = toast(page).filter(has_text="Not live: waits for the hub")
    await row(page, "Ada").focus()
    for key in ("m", "Shift+M", "i", "z"):
        await page.keyboard.press(key)
        await expect(says).to_be_visible()
        await says.get_by_role("button", name="Dismiss").click()
        await expect(says).to_have_count(0)
    for name in ("Unmute Ada", "Invite", "Call all", "End conference"):
        await button(page, name).dispatch_event("click")
        await expect(says).to_be_visible()
        await says.get_by_role("button", name="Dismiss").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await button(page, "Undo").click()
    await expect(says).to_be_visible()
    await expect(button(page, "Undo")).to_be_visible()


async def test_single_keys_can_be_switched_off(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await button(page, "Keyboard ?").click()
    await page.get_by_role("checkbox", name="Single keys are shortcuts").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("i")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_focus_stays_on_a_row_that_moves_and_goes_on_where_one_goes(desk: Desk) -> None:
    page, id = await desk.conference("13800000002 Bob", "13800000003 Cyd")
    await button(page, "State").click()
    await button(page, "Mute Cyd").focus()
    bob = (await desk.rows(id))["Bob"]["key"]
    await desk.hub.post("quitConf", id=id, uid="noa", appid="demo", users=[{"key": bob}])
    await expect(page.locator("tr[data-key]").first).to_contain_text("Cyd")
    await expect(button(page, "Mute Cyd")).to_be_focused()
    await row(page, "Bob").focus()
    await desk.hub.post("removeUser", id=id, uid="noa", appid="demo", users=[{"key": bob}])
    await expect(row(page, "Cyd")).to_be_focused()


# What happens --------------------------------------------------------------------------------------------------------


async def test_the_log_says_who_did_what_to_whom_and_how_it_came_out(desk: Desk) -> None:
    page, _ = await mixed(desk)
    await button(page, "Remove Bob").click()
    await expect(log(page).first).to_contain_text("moderator removed Bob")
    await expect(log(page).filter(has_text="Busy was not reached — busy")).to_have_count(1)
    await expect(log(page).filter(has_text="mia muted Cyd")).to_have_count(1)
    await expect(log(page).filter(has_text="Brief left — hung up")).to_have_count(1)
    await page.get_by_label("Whose").select_option("Busy")
    await expect(log(page)).to_have_count(2)
    await page.get_by_label("Whose").select_option("moderator (you)")
    await expect(log(page)).to_have_count(1)
    await page.reload()
    await expect(log(page).filter(has_text="mia muted Cyd")).to_have_count(1)
    await expect(row(page, "Bob").locator(".progress")).to_have_text("removed by moderator")


async def test_the_log_goes_back_to_the_beginning(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    for number in range(130):
        person = [{"id": f"p{number}", "name": f"Person {number}"}]
        await desk.hub.post("joinConf", id=id, uid="mia", appid="demo", users=person)
    await expect(log(page).first).to_contain_text("put Person 129 on the roster")
    await expect(log(page)).to_have_count(100)
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(log(page)).to_have_count(134)
    await page.reload()
    await expect(log(page)).to_have_count(100)
    await button(page, "Show earlier").click()
    await expect(log(page).last).to_contain_text("mia made the conference")
    await expect(button(page, "Show earlier")).to_be_hidden()


HEAR = """(names) => {
    const announcer = document.querySelector("#apart") ?? document.createElement("conf-announcer");
    announcer.id = "apart";
    document.body.append(announcer);
    for (const name of names) announcer.hear({ type: "participant.joined", participant: { name } });
}"""
"""At once, however busy the machine is, and apart from what else happens."""


async def test_a_live_region_says_what_happens_in_numbers_where_it_is_much(desk: Desk) -> None:
    page, id = await desk.conference("13800000001 Ada")
    await desk.invite(id, "13800000009 Zoe")
    await expect(page.locator("conf-announcer").get_by_role("status")).to_contain_text("joined.")
    said = page.locator("#apart").get_by_role("status")
    await page.evaluate(HEAR, ["Zoe"])
    await expect(said).to_have_text("Zoe joined.")
    await page.evaluate(HEAR, ["Bob", "Cyd", "Dan"])
    await expect(said).to_have_text("3 people joined.")


async def test_no_name_breaks_or_injects_anything(desk: Desk) -> None:
    page, id = await desk.conference(f"13800000001 {NAUGHTY}", f"13800000002 {RIGHT_TO_LEFT}", name="<b>Bold</b>")
    await desk.invite(id, f"13800000003 {'x' * 256}", "13800000004 Zoë 👩‍👩‍👧")
    await expect(page.locator("tr[data-progress=joined]")).to_have_count(4)
    await expect(page.get_by_role("heading", name="<b>Bold</b>")).to_be_visible()
    await expect(row(page, NAUGHTY).locator("img, script")).to_have_count(0)
    await button(page, f"Mute {NAUGHTY}").click()
    await expect(page.locator("conf-toasts")).to_contain_text(NAUGHTY)
    await expect(log(page).filter(has_text=f"moderator muted {NAUGHTY}")).to_have_count(1)
    for width in (360, 1400):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_two_tabs_see_the_same(desk: Desk) -> None:
    page, id = await desk.conference()
    another = await desk.open(id)
    await button(page, "Mute Ada").click()
    await expect(row(another, "Ada")).to_have_attribute("data-muted", "true")
    await another.get_by_role("button", name="Unmute Ada").click()
    await expect(row(page, "Ada")).to_have_attribute("data-muted", "false")


async def test_while_it_is_not_live_the_roster_is_frozen_and_controls_say_why(desk: Desk) -> None:
    id = await desk.hub.create()
    await desk.invite(id, "13800000001 Ada")
    page = await desk.tabs.new_page()
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        """Only the first one reaches the hub."""
        sockets.append(socket)
        if len(sockets) == 1:
            socket.connect_to_server()

    await page.route_web_socket(re.compile("/ws$"), connect)
    await page.goto(f"{desk.hub.url}/#{id}")
    await expect(row(page, "Ada")).to_have_attribute("data-progress", "joined")
    await sockets[0].close(code=4001, reason="restart")
    await expect(page.locator("#light")).to_have_text("catching up")
    await expect(page.locator(".frozen")).to_be_visible()
    await expect(page.get_by_text("Not live: what you see may be out of date.")).to_be_visible()
    await expect(button(page, "Mute Ada")).to_have_attribute("title", "Mute — Not live: waits for the hub")
    for name in ("Mute Ada", "Remove Ada", "Invite", "Call all", "End conference"):
        await expect(button(page, name)).to_have_attribute("aria-disabled", "true")
    await button(page, "Mute Ada").dispatch_event("click")
    await button(page, "Invite").dispatch_event("click")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(row(page, "Ada")).to_have_attribute("data-muted", "false")


# After ---------------------------------------------------------------------------------------------------------------


async def saved(page: Page, name: str, folder: Path) -> list[list[str]]:
    """The rows of what a button downloads."""
    async with page.expect_download() as waiting:
        await button(page, name).click()
    file = folder / "saved.csv"
    await (await waiting.value).save_as(file)
    text = file.read_bytes()
    assert text.startswith("\ufeff".encode())
    return list(csv.reader(text.decode("utf-8-sig").splitlines()))


async def test_an_ended_conference_shows_who_was_there_and_gives_it_away(desk: Desk, tmp_path: Path) -> None:
    page, id = await desk.conference("13800000001 Ada", "13800000002 =1+1", "+8613800000003 王芳")
    await desk.invite(id, "13800009001 Busy")
    await expect(row(page, "Busy")).to_have_attribute("data-progress", "busy")
    await button(page, "Remove Ada").click()
    await button(page, "Call again Ada").click()
    await expect(row(page, "Ada").locator(".progress")).to_have_text("joined · call 2")
    await end(page)
    await expect(page.locator("[data-fact=endedAt]")).to_contain_text("A moderator ended it.")
    await expect(page.locator("conf-announcer").get_by_role("status")).to_contain_text("The conference has ended.")
    await expect(page.get_by_text("3 of 4 people were inside")).to_be_visible()
    table = page.get_by_role("table", name="Attendance")
    await expect(table.locator(".progress")).to_have_text(
        ["removed by moderator", *["left (the conference ended)"] * 3, "busy"]
    )
    await expect(button(page, "End conference")).to_be_hidden()

    rows = await saved(page, "Download CSV", tmp_path)
    assert [each[0] for each in rows[1:]] == ["Ada", "Ada", "'=1+1", "王芳", "Busy"]
    assert rows[4][1] == "'+8613800000003"
    assert [each[5] for each in rows[1:3]] == ["removed by moderator", "left (the conference ended)"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", each[2]) for each in rows[1:5])
    lines = await saved(page, "Download the log", tmp_path)
    assert ["moderator", "removed", "Ada", "13800000001", ""] in [line[1:] for line in lines]

    await page.emulate_media(media="print")
    await expect(button(page, "Download CSV")).to_be_hidden()
    await expect(page.locator(".bar")).to_be_hidden()
    await expect(table).to_be_visible()
    await expect(log(page).last).to_be_visible()


async def test_attendance_is_there_after_a_reload_and_in_chinese(desk: Desk) -> None:
    page, _ = await desk.conference("13800000001 Ada")
    await end(page)
    await page.reload()
    await expect(row(page, "Ada").locator(".progress")).to_have_text("left (the conference ended)")
    await page.get_by_role("button", name="中文").click()
    await expect(row(page, "Ada").locator(".progress")).to_have_text("已离开（会议结束）")
    await expect(page.get_by_text("1 人中 1 人曾在会")).to_be_visible()


# What no hub of ours would say ---------------------------------------------------------------------------------------


def told(key: str, name: str) -> dict[str, object]:
    """A row of somebody inside, as a hub tells it."""
    return {
        **{"key": key, "callid": key, "id": "", "number": f"1380000000{key}", "name": name, "role": "moderator"},
        **{"state": 1, "progress": "joined", "muted": False, "pending": None, "overdue": False, "cause": None},
        **{"attempt": 1, "queuedAt": None, "dialedAt": None, "joinedAt": "2026-11-25T09:00:00Z", "leftAt": None},
        **{"endedAt": None, "duration": None, "unidentified": False},
    }


async def test_a_name_of_ten_kilobytes_is_only_a_long_name(desk: Desk) -> None:
    names = {"1": "x" * 10_000, "2": "שלום " * 2_000, "3": "👩‍👩‍👧" * 1_000}
    conference = {"id": "1", "vid": "1", "name": "y" * 10_000, "state": "active", "muted": "none", "uncertain": None}
    page = await desk.tabs.new_page()
    async with ScriptedHub().running() as hub:
        await page.goto(f"{hub.url}/#1")
        session = await hub.session()
        asked = await session.asked("watchConf")
        rows = [told(key, name) for key, name in names.items()]
        about = {"conference": conference, "participants": rows, "recovered": False, "reason": "never watched"}
        await session.answer(asked, id="1", epoch="e", seq=0, **about)
        for key in names:
            await expect(page.locator(f"tr[data-key='{key}'] .progress")).to_have_text("joined")
        for width in (360, 1400):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            heights = await page.locator("tr[data-key]").evaluate_all("rows => rows.map(row => row.offsetHeight)")
            assert max(heights) < 200
        await page.close()


@pytest.mark.parametrize(("cause", "is_doubted"), [("ring_timeout", True), ("hung_up", False)])
async def test_the_banner_speaks_of_the_button_of_doubt_only_where_there_is_one(
    desk: Desk, cause: str, is_doubted: bool
) -> None:
    uncertain = {"shown": 0, "counted": 1}
    conference = {"id": "1", "vid": "1", "name": "x", "state": "active", "muted": "none", "uncertain": uncertain}
    ada = told("1", "Ada") | {"progress": "no_answer", "joinedAt": None, "cause": cause}
    page = await desk.tabs.new_page()
    async with ScriptedHub().running() as hub:
        await page.goto(f"{hub.url}/#1")
        session = await hub.session()
        about = {"conference": conference, "participants": [ada], "recovered": False, "reason": "never watched"}
        await session.answer(await session.asked("watchConf"), id="1", epoch="e", seq=0, **about)
        said = "Uncertain: the roster shows 0 inside, the platform counts 1. Somebody is shown wrongly."
        hint = " If you know who, press “?” on their row."
        await expect(page.locator(".banners > .banner").first).to_have_text(said + hint if is_doubted else said)
        if is_doubted:
            await button(page, "Inside or not? Ada").click()
            await expect(page.get_by_role("dialog")).to_contain_text("Ada is shown as not inside.")
            await expect(button(page, "Is inside")).to_be_visible()
            await expect(button(page, "Is not inside")).to_have_count(0)
        await page.close()


async def test_where_nobody_fits_one_press_shows_everybody(desk: Desk) -> None:
    page, _ = await desk.conference()
    search = page.get_by_label("Search name or number")
    await button(page, "Left 0").click()
    await search.fill("zz")
    await expect(page.get_by_text("Nobody fits what you look for.")).to_be_visible()
    await button(page, "Show everybody").click()
    await expect(page.locator("tr[data-key]")).to_have_count(3)
    await expect(search).to_have_value("")
    await expect(search).to_be_focused()


async def test_the_end_leaves_no_toast_of_what_was_done_before(desk: Desk) -> None:
    page, id = await desk.conference()
    await button(page, "Remove Ada").click()
    await button(page, "Call again Ada").click()
    await expect(toast(page)).to_contain_text("Ada is called again.")
    await desk.hub.post("stopConf", id=id, uid="mia", appid="demo")
    await expect(page.get_by_role("table", name="Attendance")).to_be_visible()
    await expect(page.locator("conf-toasts .toast")).to_have_count(0)


async def test_a_command_that_did_not_take_or_may_not_have_leaves_a_mark(desk: Desk) -> None:
    page, _ = await desk.conference()
    await desk.hub.simulator("fault", name="answer_111111", only="ConfMute")
    await button(page, "Mute Bob").click()
    await expect(row(page, "Bob").locator(".microphone .mark")).to_have_text("! did not take")
    await expect(row(page, "Bob").locator(".microphone")).to_contain_text("on")
    await expect(log(page).filter(has_text="muting Bob did not take")).to_have_count(1)
    await desk.hub.simulator("mend")
    await desk.hub.simulator("fault", name="answer_500", only="ConfMute")
    await button(page, "Mute Bob").click()
    await expect(row(page, "Bob").locator(".microphone .mark")).to_have_text("! not known whether it took")
    await expect(log(page).filter(has_text="what was asked of Bob may have happened or not")).to_have_count(1)
    await expect(button(page, "Unmute Bob")).to_be_visible()
    await desk.hub.simulator("mend")
    await button(page, "Mute Bob").click()
    await expect(row(page, "Bob").locator(".mark")).to_have_count(0)
