"""The reducer: a conference as of event `seq`, and what an event makes of it. The twin of static/js/conference.js.

Rows come in full, so an unknown type of event is applied by what it carries. No I/O, and nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Event = Mapping[str, Any]
Row = Mapping[str, Any]


class GapError(Exception):
    """An event that does not continue the state: something in between is missing."""


@dataclass(frozen=True, slots=True)
class State:
    """The conference's own row, and its participants by key in the order of the roster."""

    seq: int
    conference: Row | None
    participants: Mapping[str, Row]


nothing = State(0, None, MappingProxyType({}))


def from_snapshot(snapshot: Mapping[str, Any]) -> State:
    """A snapshot replaces whatever was known."""
    participants = {row["key"]: row for row in snapshot["participants"]}
    return State(snapshot["seq"], snapshot["conference"], MappingProxyType(participants))


def apply(state: State, event: Event) -> State:
    """One already known changes nothing. Raises GapError."""
    if event["seq"] <= state.seq:
        return state
    if event["seq"] != state.seq + 1:
        raise GapError(f"event {event['seq']} does not follow {state.seq}")
    participants = dict(state.participants)
    if row := event.get("participant"):
        participants[row["key"]] = row
        if event["type"] == "participant.removed":
            del participants[row["key"]]
    return State(event["seq"], event.get("conference", state.conference), MappingProxyType(participants))
