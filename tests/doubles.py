"""Stand-ins for what a test does not want to have for real."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hub.domain.model import Kind, Progress
from hub.providers.base import CreatedConference, Notice, Presence, Standing, SubAccount
from hub.providers.yuntongxun_callbacks import read
from tests.harness import PATIENCE_S


class ProviderDouble:
    """Remembers what it was asked, in order. Answers wait for `may_answer`; `fails` raises instead."""

    reminded_at_once = 3

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.fails: dict[str, Exception] = {}
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_running = True
        self.gone: set[str] = set()
        self.members: int | None = None
        self.results: dict[str, Progress] = {}
        self.says: Notice | None = None
        self._conferences = 60000000

    async def _ask(self, what: str, *about: Any) -> None:
        self.asked.append((what, *about))
        await self.may_answer.wait()
        if what in self.fails:
            raise self.fails[what]

    async def create_conference(self, *, reserved: bool) -> CreatedConference:
        await self._ask("reserve" if reserved else "create")
        self._conferences += 1
        return CreatedConference(str(self._conferences), "9")

    async def dismiss(self, conference: str) -> None:
        await self._ask("dismiss")

    async def dial(self, conference: str, leg: int, number: str) -> str | None:
        await self._ask("dial", leg)
        return f"call-{leg}"

    async def control(self, conference: str, kind: Kind, callid: str, number: int) -> None:
        await self._ask(kind.value, callid)

    async def standing(self, conference: str) -> Standing:
        """Not remembered: the hub may ask for it whenever it likes."""
        if "standing" in self.fails:
            raise self.fails["standing"]
        is_there = self.is_running and conference not in self.gone
        return Standing(Presence.ACTIVE if is_there else Presence.GONE, self.members)

    async def call_result(self, callid: str) -> Progress | None:
        return self.results.get(callid)

    async def remind(self, numbers: Sequence[str]) -> str:
        await self._ask("remind", *numbers)
        return "sms"

    async def sub_account(self, app: str, user: str) -> SubAccount:
        await self._ask("account", app, user)
        return SubAccount(f"sid-{app}-{user}", "token", f"8000{len(self.asked)}", "password")

    def read_callback(self, word: str, query: bytes, content_type: str, body: bytes) -> Notice | None:
        """What the test has it say, or else what the bytes do."""
        return self.says or read(word, query, content_type, body)

    def health(self) -> dict[str, str | None]:
        return {}

    async def close(self) -> None:
        pass


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Let the loop turn until it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not await is_so():  # noqa: ASYNC110 - there is no event for what a test may ask
            await asyncio.sleep(0)
