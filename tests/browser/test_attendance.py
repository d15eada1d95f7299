"""Who was there when it is over, on the page, on paper and in files; and why the platform refused."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.chromium import open_browser
from tests.harness import PATIENCE_S
from tests.network import ScriptedHub, Session

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=PATIENCE_S * 1000)

BEGUN, MIDNIGHT, ENDED = "2025-03-05T15:50:00Z", "2025-03-05T16:00:05Z", "2025-03-05T16:20:30Z"
"""In Shanghai from ten to midnight to twenty past."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tabs() -> AsyncIterator[BrowserContext]:
    async with open_browser(timezone_id="Asia/Shanghai") as (tabs, wrongs):
        yield tabs
    assert wrongs == []


@pytest_asyncio.fixture(loop_scope="module")
async def hub() -> AsyncIterator[ScriptedHub]:
    async with ScriptedHub().running() as hub:
        yield hub


def person(key: str, name: str, progress: str, **more: Any) -> dict[str, Any]:
    times = dict.fromkeys(("queuedAt", "dialedAt", "joinedAt", "leftAt", "endedAt", "duration", "pending", "cause"))
    own = {"key": key, "id": "", "number": f"1380000000{key}", "name": name, "role": "participant", "state": 0}
    return (
        own
        | times
        | {"progress": progress, "muted": False, "overdue": False, "attempt": 1, "unidentified": False}
        | more
    )


def conference(**more: Any) -> dict[str, Any]:
    own = {"id": "60000001", "vid": "960000001", "name": "Night shift", "state": "active", "muted": "none"}
    times = {"ctime": BEGUN, "startedAt": BEGUN, "endedAt": None, "startsAt": None}
    return own | times | {"hasPwd": True, "pending": None, "cause": None, "uncertain": None} | more


ADA = person("1", "Ada", "left", joinedAt=BEGUN, leftAt=MIDNIGHT, endedAt=MIDNIGHT, duration=605.0, cause="hung_up")
BOB = person("2", "Bob", "left", joinedAt=MIDNIGHT, leftAt=ENDED, endedAt=ENDED, duration=1225.0, cause="hung_up")
OVER = conference(state="ended", endedAt=ENDED, cause="stopped")


async def shown(
    tabs: BrowserContext, hub: ScriptedHub, about: dict[str, Any], *rows: dict[str, Any]
) -> tuple[Page, Session]:
    """The page of a conference with these rows, and who speaks for its hub."""
    page = await tabs.new_page()
    await page.goto(f"{hub.url}/#60000001")
    session = await hub.session()
    asked = await session.asked("watchConf")
    what = {"conference": about, "participants": list(rows), "recovered": False, "reason": "never watched"}
    await session.answer(asked, id="60000001", epoch="e", seq=2, **what)
    events = [
        event(
            1,
            "participant.joined",
            BEGUN,
            "provider",
            rows[0] | {"progress": "joined", "leftAt": None, "duration": None},
        ),
        event(2, "participant.kicked", MIDNIGHT, "user:mia", rows[-1]),
    ]
    await session.answer(await session.asked("getEvents"), events=events, seq=2, more=False)
    return page, session


def event(seq: int, type: str, at: str, actor: str, row: dict[str, Any]) -> dict[str, Any]:
    about = {"id": "60000001", "epoch": "e", "seq": seq, "type": type, "at": at, "origin": "hub", "cause": None}
    return about | {"actor": actor, "participant": row}


async def texts(page: Page, css: str) -> list[str]:
    return [" ".join(text.split()) for text in await page.locator(css).all_inner_texts()]


async def saved(page: Page, name: str, folder: Path) -> list[list[str]]:
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name=name, exact=True).click()
    await (await waiting.value).save_as(folder / "saved.csv")
    return list(csv.reader((folder / "saved.csv").read_text("utf-8-sig").splitlines()))


async def test_the_head_says_when_it_was_and_times_of_another_day_say_which(
    tabs: BrowserContext, hub: ScriptedHub
) -> None:
    page, _ = await shown(tabs, hub, OVER, ADA, BOB)
    assert await texts(page, ".facts:visible > div") == [
        "Number 60000001",
        "Started Mar 5, 2025, 11:50 PM",
        "Ended Mar 6, 2025, 12:20 AM A moderator ended it.",
        "Lasted 30:30",
        "Times in UTC+08:00",
    ]
    assert await texts(page, "table td.at") == [
        "Mar 5 11:50:00 PM",
        "Mar 6 12:00:05 AM",
        "Mar 6 12:00:05 AM",
        "Mar 6 12:20:30 AM",
    ]
    await expect(page.locator(".log .date:visible")).to_have_text(["Mar 6", "Mar 5"])
    await page.close()


async def test_of_one_day_only_the_head_has_the_date(tabs: BrowserContext, hub: ScriptedHub) -> None:
    noon, later = "2025-03-05T04:00:00Z", "2025-03-05T05:00:00Z"
    row = ADA | {"joinedAt": noon, "leftAt": later, "endedAt": later, "duration": 3600.0}
    page, _ = await shown(tabs, hub, OVER | {"startedAt": noon, "endedAt": later}, row)
    await expect(page.locator("[data-fact=endedAt]")).to_have_text("Ended1:00 PMA moderator ended it.")
    await expect(page.locator("table td.at")).to_have_text(["12:00:00 PM", "1:00:00 PM"])
    await page.close()


async def test_a_spreadsheet_reads_the_times_as_they_are_meant(
    tabs: BrowserContext, hub: ScriptedHub, tmp_path: Path
) -> None:
    page, _ = await shown(tabs, hub, OVER, ADA, BOB)
    await expect(page.get_by_text("2 of 2 people were inside")).to_be_visible()
    assert await saved(page, "Download CSV", tmp_path) == [
        ["Name", "Phone", "Joined (UTC+08:00)", "Left (UTC+08:00)", "Duration", "Outcome"],
        ["Ada", "13800000001", "2025-03-05 23:50:00", "2025-03-06 00:00:05", "0:10:05", "left (hung up)"],
        ["Bob", "13800000002", "2025-03-06 00:00:05", "2025-03-06 00:20:30", "0:20:25", "left (hung up)"],
    ]
    assert await saved(page, "Download the log", tmp_path) == [
        ["Time (UTC+08:00)", "By", "What", "Whom", "Phone", "Result"],
        ["2025-03-05 23:50:00", "platform", "joined", "Ada", "13800000001", ""],
        ["2025-03-06 00:00:05", "mia", "removed", "Bob", "13800000002", ""],
    ]
    await page.close()


async def test_paper_has_the_head_and_the_tables_and_nothing_to_press(tabs: BrowserContext, hub: ScriptedHub) -> None:
    page, _ = await shown(tabs, hub, OVER, ADA, BOB)
    await page.emulate_media(media="print")
    await expect(page.locator("button:visible, input:visible, select:visible, .light:visible")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Night shift")).to_be_visible()
    await expect(page.locator("[data-fact=started]")).to_be_visible()
    display = "(css) => getComputedStyle(document.querySelector(css)).display"
    assert await page.evaluate(display, "table thead") == "table-header-group"
    assert await page.evaluate(display, "table tbody tr") == "table-row"
    breaks = "getComputedStyle(document.querySelector('table tbody tr')).breakInside"
    assert await page.evaluate(breaks) == "avoid"
    await page.close()


async def test_paper_of_one_that_goes_on_does_not_speak_of_its_password(tabs: BrowserContext, hub: ScriptedHub) -> None:
    page, _ = await shown(tabs, hub, conference(), ADA, BOB)
    await expect(page.locator("[data-fact=password]")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(
        page.locator("[data-fact=password], .toolbar, td.choose, td.actions").locator("visible=true")
    ).to_have_count(0)
    await expect(page.get_by_role("row").filter(has_text="Ada")).to_be_visible()
    await page.close()


async def test_paper_of_one_that_began_today_says_the_day(tabs: BrowserContext, hub: ScriptedHub) -> None:
    page, _ = await shown(tabs, hub, conference(startedAt=datetime.now(UTC).isoformat()), ADA, BOB)
    await page.emulate_media(media="print")
    await expect(page.locator("[data-fact=started]")).to_have_text(re.compile(r"^Started\w+ \d+, \d{4}, "))
    await page.close()


async def test_paper_names_all_moderators(tabs: BrowserContext, hub: ScriptedHub) -> None:
    rows = [person(str(n), f"Chair {n}", "joined", role="moderator", state=1, joinedAt=BEGUN) for n in range(6)]
    page, _ = await shown(tabs, hub, conference(), *rows)
    names = page.locator("[data-fact=moderatorsInside] .name").locator("visible=true")
    await expect(names).to_have_count(4)
    await page.emulate_media(media="print")
    await expect(names).to_have_count(6)
    await expect(page.locator(".head button").locator("visible=true")).to_have_count(0)
    await page.close()


# Why the platform refuses --------------------------------------------------------------------------------------------

KNOWN = "provider_refused: 【账号】主账户余额不足 (111142)"
UNKNOWN = "provider_refused: 【会议】天气不好 (119999)"


async def test_what_the_platform_means_is_said_in_the_pages_language(tabs: BrowserContext, hub: ScriptedHub) -> None:
    rows = [person("1", "Ada", "failed", cause=KNOWN), person("2", "Bob", "failed", cause=UNKNOWN)]
    page, _ = await shown(tabs, hub, conference(), *rows)
    states = page.locator("td.state .progress")
    money = "the account there has no money left; tell whoever runs the hub"
    refused = "failed: the platform refused:"
    await expect(states).to_have_text([f"{refused} {money} (111142)", f"{refused} 【会议】天气不好 (119999)"])
    await page.get_by_role("button", name="中文").click()
    await expect(states.first).to_have_text("呼叫失败：平台拒绝：平台账户余额不足，请联系服务管理员（111142）")
    await page.evaluate("localStorage.clear()")
    await page.close()


async def test_what_it_refuses_at_once_is_said_in_the_same_words(tabs: BrowserContext, hub: ScriptedHub) -> None:
    page, session = await shown(
        tabs, hub, conference(), person("1", "Ada", "joined", state=1, joinedAt=BEGUN, callid="1")
    )
    await page.get_by_role("button", name="Mute Ada").click()
    why = {"statusCode": "110028", "statusMsg": "禁言失败"}
    while (asked := await session.request())["method"] != "muteConf":
        pass
    await session.refuse(asked, 1005, "provider_refused", **why)
    said = "The telephone platform refused: this microphone could not be changed (110028)"
    await expect(page.locator("tr[data-key] [role=alert]")).to_have_text(said)
    await page.close()
