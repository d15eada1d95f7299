"""Who is called and what they do: the scene's people first, then the built-in endings, then everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hub.simulator.chance import Chance
from hub.simulator.ledger import Ledger

RESULTS: Mapping[str, str] = {"no_answer": "1", "failed": "2", "busy": "3", "rejected": "4"}
"""`result` of an invitation. The first two follow CallResult [3.3]; for the others no source gives a value."""

RING_S = (2.0, 4.0)
"""How long somebody rings who is in no table: between these."""


class Fate(NamedTuple):
    """After so many seconds, `what` happens: answer, ring (nothing), or one of RESULTS."""

    after: float | None
    what: str
    hang_up_after: float | None = None


ENDINGS: Mapping[str, Fate] = {
    "9001": Fate(2.0, "busy"),
    "9002": Fate(30.0, "no_answer"),
    "9003": Fate(3.0, "rejected"),
    "9004": Fate(2.0, "answer", 5.0),
    "9005": Fate(2.0, "failed"),
    "9006": Fate(30.0, "answer"),
}
"""By a number's last four digits."""

ANYBODY = Fate(None, "answer")


class Numbers:
    """Inside a change of the ledger."""

    def __init__(self, ledger: Ledger, chance: Chance) -> None:
        self._ledger = ledger
        self._chance = chance

    async def ring(self, callid: str, number: str) -> None:
        """Put down when this call is answered or fails."""
        after, what, hang_up_after = await self._scenes(number) or ENDINGS.get(number[-4:], ANYBODY)
        wait = self._chance.dice("answer", number).uniform(*RING_S) if after is None else after
        if what in RESULTS:
            await self._ledger.later(wait, "fail", callid, RESULTS[what])
        elif what == "answer":
            await self._ledger.later(wait, "answer", callid, "" if hang_up_after is None else str(hang_up_after))

    async def replace(self, people: Mapping[str, Fate]) -> None:
        """The people of a new scene; those of the scene before are forgotten."""
        await self._ledger.write("DELETE FROM numbers")
        for number, fate in people.items():
            await self._ledger.write("INSERT INTO numbers VALUES (?, ?, ?, ?)", number, *fate)

    async def _scenes(self, number: str) -> Fate | None:
        """The whole number, or the longest ending."""
        row = await self._ledger.one(
            "SELECT after, what, hang_up_after FROM numbers WHERE substr(?, -length(number)) = number"
            " ORDER BY length(number) DESC LIMIT 1",
            number,
        )
        return Fate(*row) if row else None
