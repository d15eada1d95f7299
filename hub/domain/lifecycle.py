"""How a conference moves: the table of states, events being drafted, and evolve().

Owns the numbers (seq, row keys, legs, commands): all are given here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from hub.domain.messages import Action, Decision, Event, EventType, Outcome
from hub.domain.model import Conference, Details, Participant, Progress, Source

P = Progress

_CALL_ENDS = frozenset({P.BUSY, P.NO_ANSWER, P.REJECTED, P.FAILED, P.CANCELLED})
_OVER = frozenset({P.QUEUED, P.JOINED, P.REMOVED})

NEXT: Mapping[Progress, frozenset[Progress]] = {
    P.ADDED: _OVER,
    P.QUEUED: _CALL_ENDS | {P.DIALING, P.JOINED, P.LEFT, P.UNKNOWN},
    P.DIALING: _CALL_ENDS | {P.JOINED, P.LEFT},
    P.UNKNOWN: _CALL_ENDS | {P.DIALING, P.JOINED, P.LEFT},
    P.JOINED: frozenset({P.LEFT, P.KICKED}),
    P.LEFT: _OVER,
    P.KICKED: _OVER,
    P.BUSY: _OVER,
    P.NO_ANSWER: _OVER,
    P.REJECTED: _OVER,
    P.FAILED: _OVER,
    P.CANCELLED: _OVER,
    P.REMOVED: frozenset(),
}
"""Where a row may go from where it is. From a final state it only leaves with a new leg, or off the roster."""

FINAL = _CALL_ENDS | {P.LEFT, P.KICKED}
"""A leg ends in exactly one of these."""

EVENT: Mapping[Progress, EventType] = {
    P.ADDED: EventType.PARTICIPANT_ADDED,
    P.QUEUED: EventType.PARTICIPANT_QUEUED,
    P.DIALING: EventType.PARTICIPANT_DIALING,
    P.JOINED: EventType.PARTICIPANT_JOINED,
    P.LEFT: EventType.PARTICIPANT_LEFT,
    P.KICKED: EventType.PARTICIPANT_KICKED,
    P.REMOVED: EventType.PARTICIPANT_REMOVED,
    **dict.fromkeys(_CALL_ENDS | {P.UNKNOWN}, EventType.PARTICIPANT_FAILED),
}


class IllegalTransition(Exception):
    """The table has no such step; nothing has changed."""


class Draft:
    """The events of one decision while they are being made, and the conference as they leave it."""

    def __init__(self, conference: Conference, at: datetime) -> None:
        self.at = at
        self.details = conference.details
        self._before = conference
        self._rows: dict[str, Participant] = {}
        self._events: list[Event] = []
        self._counter = conference.counter
        self.actions: list[Action] = []
        self.outcomes: list[Outcome] = []

    def number(self) -> int:
        """A fresh number for a row, a leg or a command."""
        self._counter += 1
        return self._counter

    def row(self, key: str) -> Participant:
        return self._rows.get(key) or self._before.participants[key]

    def find(self, key: str) -> Participant | None:
        row = self._rows.get(key) or self._before.participants.get(key)
        return row if row and row.progress is not P.REMOVED else None

    def rows(self) -> Iterator[Participant]:
        rows = {**self._before.participants, **self._rows}
        yield from (row for row in rows.values() if row.progress is not P.REMOVED)

    def knows_leg(self, leg: int | None) -> bool:
        """There has been such a leg, though its row may be gone."""
        return leg in self._before.legs

    def is_presumed(self, leg: int | None) -> bool:
        """Nobody told the hub how this leg ended."""
        return leg in self._before.presumed

    def row_of_leg(self, leg: int | None) -> Participant | None:
        """The row whose current or former leg this is, if it is still there."""
        key = self._before.legs.get(leg) if leg is not None else None
        return self.find(key) if key is not None else None

    def leg_of_call(self, callid: str | None) -> int | None:
        return self._before.calls.get(callid) if callid else None

    def has_other_call(self, leg: int | None, callid: str) -> bool:
        """A call of another name was taken for this leg's."""
        return any(taken == leg and name != callid for name, taken in self._before.calls.items())

    def is_heard_of(self, callid: str | None) -> bool:
        """The provider has named this call, and its leg goes on or was told to be over: a join of it is nothing new."""
        leg = self.leg_of_call(callid)
        return leg is not None and not self.is_presumed(leg)

    def row_of_call(self, callid: str | None) -> Participant | None:
        """The row whose current leg is this call."""
        row = self.row_of_leg(self.leg_of_call(callid))
        return row if row and row.callid == callid else None

    def add(self, row: Participant, by: Source) -> None:
        self._say(EventType.PARTICIPANT_ADDED, by, None, row)

    def move(
        self, row: Participant, progress: Progress, by: Source, cause: str | None = None, **changes: Any
    ) -> Participant:
        """Take a row to another state of the table. A command in flight does not survive that unless it is restated."""
        if progress not in NEXT[row.progress]:
            raise IllegalTransition(f"{row.progress} -> {progress}")
        changes.setdefault("pending", None)
        if progress in FINAL:
            changes.setdefault("ended_at", self.at)
        return self._say(EVENT[progress], by, cause, replace(row, progress=progress, cause=cause, **changes))

    def change(
        self, row: Participant, type: EventType, by: Source, cause: str | None = None, **changes: Any
    ) -> Participant:
        """Change a row that stays in its state; nothing is said when nothing changes."""
        after = replace(row, cause=cause or row.cause, **changes)
        return after if after == row else self._say(type, by, cause, after)

    def conference(self, type: EventType, by: Source, cause: str | None = None, **changes: Any) -> None:
        """Take the conference on in its course, or say why that does not come about."""
        self._amend(type, by, cause, {"cause": cause, **changes})

    def amend(self, by: Source, cause: str | None = None, **changes: Any) -> None:
        """Change what has nothing to do with its course: the cause that it shows stays."""
        self._amend(EventType.CONFERENCE_CHANGED, by, cause, changes)

    def _amend(self, type: EventType, by: Source, cause: str | None, changes: Mapping[str, Any]) -> None:
        self.details = replace(self.details, **changes)
        self._events.append(Event(self._next_seq(), type, self.at, by, cause, conference=self.details))

    def decision(self) -> Decision:
        return Decision(tuple(self._events), tuple(self.actions), tuple(self.outcomes))

    def _say(self, type: EventType, by: Source, cause: str | None, row: Participant) -> Participant:
        self._rows[row.key] = row
        self._events.append(Event(self._next_seq(), type, self.at, by, cause, participant=row))
        return row

    def _next_seq(self) -> int:
        return self._before.seq + len(self._events) + 1


def evolve(conference: Conference, events: Iterable[Event]) -> Conference:
    """The conference after these events, which must continue its numbers."""
    seq, counter, details = conference.seq, conference.counter, conference.details
    rows, legs, calls = dict(conference.participants), conference.legs, conference.calls
    presumed = conference.presumed
    for event in events:
        if event.seq != seq + 1:
            raise ValueError(f"event {event.seq} does not follow {seq}")
        seq = event.seq
        details = event.conference or details
        counter = max(counter, _last_number(event.participant, event.conference))
        if row := event.participant:
            rows[row.key] = row
            if row.progress is P.REMOVED:
                del rows[row.key]
            if row.leg and row.leg not in legs:
                legs = legs.insert(row.leg, row.key)
            if row.callid and calls.get(row.callid) != row.leg:
                calls = calls.insert(row.callid, row.leg)
            if row.is_presumed:
                presumed |= {row.leg}
    return Conference(conference.key, details, seq, counter, rows, legs, calls, presumed)


def _last_number(row: Participant | None, details: Details | None) -> int:
    pending = (row and row.pending) or (details and details.pending) or None
    command = pending.number if pending else 0
    return max(command, int(row.key), row.leg) if row else command
