"""Conferences and calls as rows of the ledger, and how commands name them. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.simulator.codes import Refused
from hub.simulator.ledger import Ledger

Attributes = Mapping[str, str]


class Conference(NamedTuple):
    """`recording_since` in seconds since 1970."""

    confid: int
    attributes: Attributes
    is_over: bool
    is_playing: bool
    recording_since: float | None

    def word(self, attribute: str) -> str:
        """The callback word that CreateConf gave; empty means that nobody wants to know [5.1]."""
        return self.attributes.get(attribute, "")


class Call(NamedTuple):
    """`attributes` are those of the invitation."""

    callid: str
    confid: int
    number: str
    state: str
    result: str
    attributes: Attributes

    def fields(self, **more: str) -> dict[str, str]:
        """What every notice about it says [5.3]."""
        return {"confid": str(self.confid), "callid": self.callid, "number": self.number, **more}


def says(attributes: Attributes, name: str, default: bool = False) -> bool:
    """Booleans are the words true and false [3.1]."""
    return attributes.get(name, str(default)).lower() in ("true", "1")


def whole(text: str) -> int | None:
    """A whole number, not negative, of at most nine digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


async def find_conference(ledger: Ledger, confid: str) -> Conference | None:
    """No conference has the number 0."""
    row = await ledger.one(
        "SELECT confid, attributes, is_over, is_playing, recording_since FROM conferences WHERE confid = ?",
        whole(confid) or 0,
    )
    return Conference(row[0], json.loads(row[1]), bool(row[2]), bool(row[3]), row[4]) if row else None


async def running(ledger: Ledger, attributes: Attributes) -> Conference:
    """The conference that a command is about; refused unless it exists and is not over."""
    found = await find_conference(ledger, attributes.get("confid", ""))
    if found is None or found.is_over:
        raise Refused("110128")
    return found


async def find_call(ledger: Ledger, callid: str, *states: str) -> Call | None:
    """The call, if it is in one of these states (none: in any)."""
    row = await ledger.one(_CALLS + " WHERE callid = ?", callid)
    return read_call(row) if row and (not states or row[3] in states) else None


async def member(ledger: Ledger, attributes: Attributes) -> tuple[Conference, Call]:
    """The conference and the member inside it that a command is about."""
    conference = await running(ledger, attributes)
    call = await find_call(ledger, attributes.get("callid", ""), "inside")
    if call is None or call.confid != conference.confid:
        raise Refused("110127")
    return conference, call


async def members(ledger: Ledger, confid: int) -> list[Call]:
    rows = await ledger.rows(_CALLS + " WHERE confid = ? AND state = 'inside' ORDER BY rowid", confid)
    return [read_call(row) for row in rows]


def read_call(row: Any) -> Call:
    callid, confid, number, state, result, attributes = row
    return Call(callid, confid, number, state, result, json.loads(attributes))


_CALLS = "SELECT callid, confid, number, state, result, attributes FROM calls"
