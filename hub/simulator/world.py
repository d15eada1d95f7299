"""The world that the platform plays, put together, and the order in which things happen in it.

Numbers in brackets, here and in the modules beside this one, are sections of the provider notes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from hub.simulator.accounts import Accounts
from hub.simulator.calls import Calls
from hub.simulator.chance import Chance
from hub.simulator.conferences import Conferences
from hub.simulator.faults import Faults
from hub.simulator.ledger import Ledger, open_ledger
from hub.simulator.media import Media
from hub.simulator.members import Members
from hub.simulator.messages import Messages
from hub.simulator.notices import Notices
from hub.simulator.numbers import Numbers
from hub.simulator.operator import Operator
from hub.simulator.scenes import Scenes


class World:
    """Made by `open_world`."""

    def __init__(self, ledger: Ledger, chance: Chance) -> None:
        self.ledger = ledger
        self.sid, self.token, self.app_id = ledger.account
        self.faults = Faults(ledger, chance)
        self.notices = Notices(ledger, self.faults)
        self.media = Media(ledger, self.notices)
        self.conferences = Conferences(ledger, self.notices, self.media, self.faults)
        numbers = Numbers(ledger, chance)
        self.calls = Calls(ledger, self.notices, self.conferences, numbers, chance)
        self.members = Members(ledger, self.media, self.calls)
        self.accounts = Accounts(ledger, chance)
        self.messages = Messages(ledger, chance)
        self.operator = Operator(ledger, self.conferences, self.calls, self.faults)
        self.scenes = Scenes(ledger, numbers, self.operator)

    async def run(self) -> None:
        """Let things happen when they are due, until cancelled."""
        happenings = self._happenings()
        while True:
            id, what, target, detail = await self.ledger.next_due()
            async with self.ledger.change():
                await self.ledger.has_happened(id)
                await happenings[what](target, detail)

    def _happenings(self) -> Mapping[str, Callable[[str, str], Awaitable[None]]]:
        """By what the agenda calls them: each with its target and a detail."""
        return {
            "answer": self.calls.answer,
            "fail": self.calls.fail,
            "hang up": self.calls.hang_up,
            "idle": self.conferences.idle,
            "time over": self.conferences.end,
            "alarm": self.conferences.alarm,
            "play over": self.media.play_is_over,
            "record over": self.media.record_is_over,
            "step": self.scenes.step,
        }


async def open_world(path: Path, speed: float, seed: int | None = None) -> World:
    """The world in this file; a seed makes its dice repeatable. Raises sqlite3.Error."""
    ledger = await open_ledger(path, speed)
    world = World(ledger, Chance(seed, ledger.start))
    await world.faults.load()
    return world
