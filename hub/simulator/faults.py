"""What goes wrong on purpose: faults by name, switched on and off while the world runs.

A fault is asked at one kind of place, with what is there: the kind of a notice (`join`, `stop`, …) or the name of a
command. They are in the ledger, so a crash does not mend them; only the set of names is kept in memory beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.simulator.chance import Chance
from hub.simulator.ledger import Ledger


class Fault(NamedTuple):
    """What it does, in a sentence, and how many seconds it waits unless told otherwise."""

    does: str
    seconds: float = 0.0


FAULTS: Mapping[str, Fault] = {
    "callback_dropped": Fault("the notice is never sent"),
    "callback_duplicated": Fault("the notice is sent twice"),
    "callback_delayed": Fault("the notice waits, and all that follow in its conference wait behind it", 5.0),
    "callback_reordered": Fault("the notice waits while later ones overtake it", 1.0),
    "callback_as_form": Fault("the parameters are in the body, as a form"),
    "callback_as_xml": Fault("the parameters are in the body, as XML"),
    "callback_without_callid": Fault("the notice says no callid"),
    "callback_with_jointime": Fault("the time of a quit is called jointime"),
    "callback_without_time": Fault("the notice says no time"),
    "callback_result_on_join": Fault("the join notice has a result as well"),
    "answer_slow": Fault("the command is done, the answer comes late", 3.0),
    "answer_lost": Fault("the command is done, no answer comes until the client goes away"),
    "answer_cut": Fault("the command is done, the answer ends in the middle"),
    "answer_500": Fault("nothing is done, HTTP 500"),
    "answer_garbage": Fault("the command is done, the answer cannot be read"),
    "answer_111111": Fault("nothing is done, status 111111: too many requests at once"),
    "answer_in_other_form": Fault("the command is done, the answer is XML instead of JSON or the other way round"),
    "conference_deleted": Fault("the platform deletes the conference just before the command is looked at"),
    "dismiss_without_confid": Fault("the answer of DismissConf has no confid"),
    "dismiss_with_quits": Fault("DismissConf with autohangup sends the members' quits all the same"),
    "gone_as_state": Fault("QueryConfState of a conference that is gone answers state 2 and count 0"),
}


class Faults:
    """Everything but `load` happens inside a change of the ledger."""

    def __init__(self, ledger: Ledger, chance: Chance) -> None:
        self._ledger = ledger
        self._chance = chance
        self._on: set[str] = set()

    @property
    def are_on(self) -> bool:
        return bool(self._on)

    async def load(self) -> None:
        self._on = {name for (name,) in await self._ledger.read("SELECT name FROM faults")}

    async def switch_on(self, name: str, only: str, probability: float, nth: int | None, seconds: float) -> None:
        """From now on, counted from nought even if it was on already."""
        await self._ledger.write(
            "REPLACE INTO faults (name, only, probability, nth, seconds) VALUES (?, ?, ?, ?, ?)",
            *(name, only, probability, nth, seconds),
        )
        self._on.add(name)

    async def mend(self, name: str) -> None:
        """An empty name mends them all."""
        await self._ledger.write("DELETE FROM faults WHERE name = ? OR ? = ''", name, name)
        self._on -= {name} if name else set(self._on)

    async def strikes(self, name: str, what: str) -> float | None:
        """Does it strike `what` now? The seconds it waits, or None. Every question is an occasion that is counted."""
        if name not in self._on:
            return None
        waits = [await self._throw(row) for row in await self._matching(name, what)]
        return next((seconds for seconds in waits if seconds is not None), None)

    async def _matching(self, name: str, what: str) -> list[Any]:
        return await self._ledger.rows(
            "UPDATE faults SET seen = seen + 1 WHERE name = ? AND (only = '' OR lower(only) = lower(?))"
            " RETURNING name, only, probability, nth, seconds, seen",
            *(name, what),
        )

    async def _throw(self, row: Any) -> float | None:
        name, only, probability, nth, seconds, seen = row
        strikes = seen == nth if nth else self._chance.dice(name, only).random() < probability
        if not strikes:
            return None
        await self._ledger.write("UPDATE faults SET struck = struck + 1 WHERE name = ? AND only = ?", name, only)
        return float(seconds)
