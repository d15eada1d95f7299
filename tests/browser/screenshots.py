"""`make screenshots`: the pictures of docs/img, from a hub with its simulator and conferences as they are in life."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser import stage
from tests.browser.chromium import FLAGS
from tests.browser.line import Line
from tests.faults.world import Meeting
from tests.harness import PATIENCE_S, ROOT, HubProcess, need_program

FOLDER = ROOT / "docs/img"
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
HURRIED = Path(__file__).with_name("hurried.py")
MORNING = 10


@dataclass(frozen=True)
class Picture:
    """`scene` makes the conference, `turn` brings the page to what is to be seen once it is live."""

    name: str
    scene: Callable[[HubProcess], Awaitable[Meeting]]
    look: dict[str, Any]
    turn: Callable[[Page, Line, Meeting], Awaitable[None]] | None = None
    language: str = "en"


async def catch_up(page: Page, line: Line, meeting: Meeting) -> None:
    line.hold(meeting.id)
    await expect(page.locator("#light")).to_have_attribute("data-state", "catching up")


async def in_chinese(hub: HubProcess) -> Meeting:
    return await stage.live(hub, "季度运营例会", is_chinese=True)


PICTURES = (
    Picture("live", stage.live, DESK),
    Picture("catching-up", stage.live, DESK, catch_up),
    Picture("crowd", stage.crowd, DESK),
    Picture("phone", stage.live, PHONE),
    Picture("dark", stage.live, DESK | {"color_scheme": "dark"}),
    Picture("chinese", in_chinese, DESK, language="zh"),
    Picture("attendance", stage.ended, DESK),
)


def zone() -> str:
    """Where it is between ten and eleven in the morning."""
    return f"Etc/GMT{(datetime.now(UTC).hour - MORNING + 12) % 24 - 12:+d}"


async def take(browser: Browser, hub: HubProcess, picture: Picture) -> None:
    meeting = await picture.scene(hub)
    os.kill(hub.pid, signal.SIGUSR1)
    context = await browser.new_context(locale="en-GB", timezone_id=zone(), reduced_motion="reduce", **picture.look)
    page = await context.new_page()
    line = await Line.of(page)
    await page.add_init_script(f"localStorage.setItem('confhub.language', '{picture.language}')")
    await page.goto(f"{hub.url}/#{meeting.id}")
    await expect(page.locator("#light")).to_have_attribute("data-state", "live")
    await expect(page.locator(".log li").first).to_be_visible()
    await expect(page.get_by_role("timer")).not_to_have_text("0:00")
    if picture.turn:
        await picture.turn(page, line, meeting)
    await page.screenshot(path=FOLDER / f"{picture.name}.png", animations="disabled")
    await context.close()


class HurriedHub(HubProcess):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "--speed", "10", "--ring-timeout", "900", "--reconcile", "900")
        self._arguments = [str(HURRIED) if each.endswith("loud.py") else each for each in self._arguments]


@contextlib.asynccontextmanager
async def a_hub() -> AsyncIterator[HubProcess]:
    with tempfile.TemporaryDirectory() as folder:
        hub = await HurriedHub(Path(folder)).start()
        yield hub
        await hub.kill()


async def take_all(wanted: set[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_S * 1000)
    chromium = need_program("chromium", "chromium-browser", "google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for picture in PICTURES:
            if not wanted or picture.name in wanted:
                async with a_hub() as hub:
                    await take(browser, hub, picture)
                print(FOLDER / f"{picture.name}.png")


if __name__ == "__main__":
    asyncio.run(take_all(set(sys.argv[1:])))
