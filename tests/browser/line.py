"""The line between a page and its hub, in the hands of a test."""

from __future__ import annotations

import json
import re
from typing import Self

from playwright.async_api import Page, WebSocketRoute

RESTART = 4001
NEWER = {"jsonrpc": "2.0", "method": "position"}


class Line:
    """All WebSockets of a page: what is really said, until they are cut or held up."""

    def __init__(self) -> None:
        self._is_cut = False
        self._is_held = False
        self._ends: list[WebSocketRoute] = []

    @classmethod
    async def of(cls, page: Page) -> Self:
        line = cls()
        await page.route_web_socket(re.compile("/ws$"), line._opened)
        return line

    async def _opened(self, end: WebSocketRoute) -> None:
        if self._is_cut:
            await end.close(code=RESTART)
            return
        self._ends.append(end)
        hub = end.connect_to_server()
        end.on_message(lambda message: None if self._is_held else hub.send(message))

    async def cut(self) -> None:
        """It breaks, and does so again each time that it is mended."""
        self._is_cut = True
        for end in self._ends:
            await end.close(code=RESTART)

    def mend(self) -> None:
        """It holds the next time that the page tries."""
        self._is_cut = False

    def hold(self, id: str) -> None:
        """The page learns that it has missed something, and nothing that it asks for arrives."""
        self._is_held = True
        for end in self._ends:
            end.send(json.dumps(NEWER | {"params": {"id": id, "epoch": "another", "seq": 1}}))
