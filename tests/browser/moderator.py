"""What a moderator does on the page, and where it is seen."""

from __future__ import annotations

from playwright.async_api import Locator, Page


async def invite(page: Page, people: str) -> None:
    """Paste them, and have them called; the dialog stays open if anybody cannot be."""
    await page.get_by_role("button", name="Invite", exact=True).click()
    await page.get_by_label("One number and name a line").fill(people)
    await page.get_by_role("dialog").get_by_role("button", name="Call", exact=True).click()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


async def sure(page: Page, act: str) -> None:
    """Say yes to what is asked."""
    await page.get_by_role("dialog").get_by_role("button", name=act, exact=True).click()


async def everybody(page: Page, act: str) -> None:
    """Choose what is done to everybody; whatever is asked about it is still to be answered."""
    await page.get_by_role("button", name="Everyone", exact=True).click()
    await page.get_by_role("button", name=act, exact=True).click()


def toast(page: Page) -> Locator:
    """The newest."""
    return page.locator("conf-toasts .toast").last


async def keep_toasts(page: Page) -> None:
    """For as long as the test takes, however slow the machine is."""
    await page.evaluate("""() => {
        const later = window.setTimeout;
        window.setTimeout = (run, ms) => later(run, ms === 10_000 ? 1_000_000 : ms);
    }""")


async def end(page: Page) -> None:
    await page.get_by_role("button", name="End conference").click()
    await sure(page, "End conference")
