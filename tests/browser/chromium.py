"""A real browser."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright

from tests.harness import need_program

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.asynccontextmanager
async def open_browser(**how: Any) -> AsyncIterator[tuple[BrowserContext, list[str]]]:
    """And what goes wrong on its pages: errors that nobody catches, and whatever the hub does not let them do.

    `how` is what the context is to be like.
    """
    chromium = need_program("chromium", "chromium-browser", "google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = await browser.new_context(**{"locale": "en-US"} | how)
        wrongs: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                wrongs.append(message.text)

        context.on("weberror", lambda error: wrongs.append(str(error.error)))
        context.on("console", hear)
        yield context, wrongs
        await browser.close()


@contextlib.asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """A page that fails the test if anything goes wrong on it."""
    async with open_browser() as (browser, wrongs):
        yield await browser.new_page()
    assert wrongs == []
