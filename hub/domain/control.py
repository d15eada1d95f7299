"""Commands to the provider - mute, unmute, kick - from being wanted to being so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from dataclasses import replace

from hub.domain import messages as m
from hub.domain.legs import leave
from hub.domain.lifecycle import Draft
from hub.domain.messages import PROVIDER, EventType, Outcome
from hub.domain.model import Kind, Participant, Pending, Progress
from hub.errors import UnknownTarget

P = Progress


def control(draft: Draft, message: m.ControlLegs) -> None:
    for callid in message.callids:
        row = draft.row_of_call(callid)
        if row is None or not _is_controllable(row, message.kind):
            draft.outcomes.append(Outcome(callid, UnknownTarget(f"no call {callid} that could be asked for this")))
        elif row.progress is P.JOINED:
            draft.outcomes.append(Outcome(callid, command=_ask(draft, row, callid, message)))
        else:
            draft.outcomes.append(Outcome(callid))


def _is_controllable(row: Participant, kind: Kind) -> bool:
    """Whoever is inside and not on their way out; and kicking somebody who has gone is nothing to do."""
    if kind is Kind.KICK:
        return row.progress in (P.JOINED, P.LEFT, P.KICKED)
    return row.progress is P.JOINED and not (row.pending and row.pending.kind is Kind.KICK)


def _ask(draft: Draft, row: Participant, callid: str, message: m.ControlLegs) -> int:
    """The number of the command, which is the one in flight if it is for the same thing."""
    if row.pending and row.pending.kind is message.kind and row.cause is None:
        return row.pending.number
    pending = Pending(message.kind, draft.number(), message.actor)
    draft.change(replace(row, cause=None), EventType.PARTICIPANT_CHANGED, message.actor, pending=pending)
    draft.actions.append(m.Control(message.kind, pending.number, callid, message.actor))
    return pending.number


def accept(draft: Draft, action: m.Control) -> None:
    row = draft.row_of_call(action.callid)
    if row and row.progress is P.JOINED and row.settled < action.number:
        _take(draft, row, action.kind, action.number, action.actor)


def fail(draft: Draft, action: m.Control, cause: str, *, is_unknown: bool) -> None:
    """A kick that may have been carried out stays wanted: the word that it was will still come."""
    row = draft.row_of_call(action.callid)
    if row is None or not _is_pending(row, action.number):
        return
    if action.kind is Kind.KICK and (is_unknown or action.again):
        draft.change(row, EventType.PARTICIPANT_CHANGED, PROVIDER, cause)
    else:
        _fail(draft, row, action.number, cause)


def report_mute(draft: Draft, message: m.MuteReported) -> None:
    """The provider's own word on a mute: it may come before the answer, instead of it, or take it back."""
    row = _reported_row(draft, message)
    if row is None or row.progress is not P.JOINED:
        return
    number = message.number or (row.pending.number if row.pending else row.settled)
    if message.succeeded:
        actor = row.pending.actor if row.pending and row.pending.number == number else PROVIDER
        _take(draft, row, message.kind, number, actor)
    elif _is_pending(row, number):
        _fail(draft, row, number, "reported_failed")
    elif row.muted is (message.kind is Kind.MUTE):
        _set_muted(draft, row, not row.muted, PROVIDER, number, "reported_failed")


def _reported_row(draft: Draft, message: m.MuteReported) -> Participant | None:
    """The row whose newest command, in flight or settled, the report is about; an older one says nothing new."""
    if message.number is None:
        row = draft.row_of_call(message.callid)
        return row if row and (row.pending is None or row.pending.kind is message.kind) else None
    of_command = (row for row in draft.rows() if row.settled == message.number or _is_pending(row, message.number))
    return next((row for row in of_command if message.callid in (None, row.callid)), None)


def _is_pending(row: Participant, number: int) -> bool:
    return row.pending is not None and row.pending.number == number


def _take(draft: Draft, row: Participant, kind: Kind, number: int, actor: str) -> None:
    """A command has come true."""
    if kind is Kind.KICK:
        leave(draft, row)
    else:
        _set_muted(draft, row, kind is Kind.MUTE, actor, number, None)


def _fail(draft: Draft, row: Participant, number: int, cause: str) -> None:
    draft.change(row, EventType.PARTICIPANT_CHANGED, PROVIDER, cause, pending=None, settled=number)


def _set_muted(draft: Draft, row: Participant, muted: bool, actor: str, number: int, cause: str | None) -> None:
    """`number` has come true; a younger command stays in flight."""
    type = EventType.PARTICIPANT_MUTED if muted else EventType.PARTICIPANT_UNMUTED
    changed = EventType.PARTICIPANT_CHANGED if row.muted is muted else type
    pending = None if _is_pending(row, number) else row.pending
    draft.change(replace(row, cause=None), changed, actor, cause, muted=muted, pending=pending, settled=number)
