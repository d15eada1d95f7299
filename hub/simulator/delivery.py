"""Callbacks of the platform: each conference's notices in their order, several conferences at once.

Whether the real platform tries again is unknown [5.9]; this one does, so that a restart of the application is survived.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from urllib.parse import urlencode, urljoin
from xml.etree import ElementTree

import httpx

from hub.simulator.notices import Notice, Notices

logger = logging.getLogger(__name__)

TRIES = 20
TIMEOUT_S = 5.0
PAUSE_S = 0.25, 0.75
"""Not the same each time: an application that is restarted every half second would never be met."""
AT_ONCE = 32


class Delivery:
    """`base` is the notification address of the app in the platform's console; words are relative to it.

    `woken` is set whenever there may be something to deliver.
    """

    def __init__(self, notices: Notices, base: str, woken: asyncio.Event) -> None:
        self._notices = notices
        self._base = base.rstrip("/") + "/"
        self._wake = woken
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as http:
            try:
                while True:
                    await self._start_waiting(http)
                    await self._wake.wait()
            finally:
                for task in self._tasks:
                    task.cancel()

    async def _start_waiting(self, http: httpx.AsyncClient) -> None:
        self._wake.clear()
        for notice in await self._notices.waiting():
            if notice.lane not in self._busy:
                self._busy.add(notice.lane)
                task = asyncio.create_task(self._deliver(http, notice), name=f"notice {notice.id}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, http: httpx.AsyncClient, notice: Notice) -> None:
        try:
            await asyncio.sleep(max(0.0, notice.due - time.time()))
            taken = await self._post(http, notice)
            if not taken:
                await asyncio.sleep(random.uniform(*PAUSE_S))
            if taken is not None:
                await self._notices.settle(notice, taken=taken, tries=TRIES)
        finally:
            self._busy.discard(notice.lane)
            self._wake.set()

    async def _post(self, http: httpx.AsyncClient, notice: Notice) -> bool | None:
        """Was it taken? None where nobody was there to take it, which does not count as a try."""
        try:
            response = await http.send(written(self._base, notice))
        except httpx.ConnectError:
            return None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            logger.debug("notice %s was not taken: %s", notice.word, type(error).__name__)
            return False
        return response.is_success


def written(base: str, notice: Notice) -> httpx.Request:
    """In the query with an empty body, unless a fault says otherwise: which one is real is not known [5.2]."""
    url = address(base, notice.word)
    if notice.form == "query":
        return httpx.Request("POST", url + ("&" if "?" in url else "?") + urlencode(notice.fields))
    if notice.form == "form":
        return httpx.Request("POST", url, data=dict(notice.fields))
    return httpx.Request("POST", url, content=_xml(notice.fields), headers={"Content-Type": "application/xml"})


def address(base: str, word: str) -> str:
    """A word that begins with a slash replaces the base's path: how the platform joins them is not known [5.1]."""
    is_whole = word.startswith(("/", "http://", "https://"))
    return urljoin(base, word) if is_whole else base + word


def _xml(fields: Mapping[str, str]) -> bytes:
    root = ElementTree.Element("Request")
    for name, value in fields.items():
        ElementTree.SubElement(root, name).text = value
    written: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return written
