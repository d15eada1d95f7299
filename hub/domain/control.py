"""Commands to the provider - mute, unmute, kick - from being wanted to being so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.legs import leave
from hub.domain.lifecycle import Draft
from hub.domain.messages import PROVIDER, EventType, Outcome, Target
from hub.domain.model import Kind, MuteMode, Participant, Progress, Source
from hub.domain.wants import is_pending, rows_of, want
from hub.errors import HubError, UnknownTarget

P = Progress


def control(draft: Draft, message: m.ControlLegs) -> None:
    """Of everybody, those of whom it is not so yet."""
    for target, row in rows_of(draft, message.targets):
        if not isinstance(message.targets, m.Everybody) or (row and _needs(row, message.kind)):
            draft.outcomes.append(_control(draft, target, row, message))


def _needs(row: Participant, kind: Kind) -> bool:
    """They are inside, and this is neither so already nor overtaken by a kick."""
    is_so = kind is not Kind.KICK and row.pending is None and row.muted is (kind is Kind.MUTE)
    return row.progress is P.JOINED and _is_controllable(row, kind) and not is_so


def _control(draft: Draft, target: Target, row: Participant | None, message: m.ControlLegs) -> Outcome:
    if row is None or not _is_controllable(row, message.kind):
        return Outcome(target, _unknown(target))
    return Outcome(target, command=want(draft, row, message.kind, message.by) if row.progress is P.JOINED else None)


def _unknown(target: Target) -> HubError:
    what = f"call {target.callid}" if target.callid else f"call of row {target.key}"
    return UnknownTarget(f"no {what} that could be asked for this")


def _is_controllable(row: Participant, kind: Kind) -> bool:
    """Whoever is inside by a call that the provider has named, and not on their way out; and kicking somebody who has
    gone is nothing to do."""
    if row.progress is not P.JOINED:
        return kind is Kind.KICK and row.progress in (P.LEFT, P.KICKED)
    return row.callid is not None and not (row.pending and row.pending.kind is Kind.KICK and kind is not Kind.KICK)


def set_mute_mode(draft: Draft, message: m.SetMuteMode) -> None:
    if draft.details.muted is not message.mode:
        draft.amend(message.by, muted=message.mode)
    if message.mode is not MuteMode.NONE:
        control(draft, m.ControlLegs(Kind.MUTE, m.Everybody(m.Whom(message.mode.value)), message.by))


def accept(draft: Draft, action: m.Control) -> None:
    row = draft.row_of_call(action.callid)
    if row and row.progress is P.JOINED and row.settled < action.number:
        _take(draft, row, action.kind, action.number, action.by)


def fail(draft: Draft, action: m.Control, cause: str, *, is_unknown: bool) -> None:
    """A kick that may have been carried out stays wanted: the word that it was will still come."""
    row = draft.row_of_call(action.callid)
    if row is None or not is_pending(row, action.number):
        return
    draft.actions.append(m.Doubt())
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
        by = row.pending.by if row.pending and row.pending.number == number else PROVIDER
        _take(draft, row, message.kind, number, by)
    elif is_pending(row, number):
        _fail(draft, row, number, "reported_failed")
    elif row.muted is (message.kind is Kind.MUTE):
        _set_muted(draft, row, not row.muted, PROVIDER, number, "reported_failed")


def _reported_row(draft: Draft, message: m.MuteReported) -> Participant | None:
    """The row whose newest command, in flight or settled, the report is about; an older one says nothing new."""
    if message.number is None:
        row = draft.row_of_call(message.callid)
        return row if row and (row.pending is None or row.pending.kind is message.kind) else None
    of_command = (row for row in draft.rows() if row.settled == message.number or is_pending(row, message.number))
    return next((row for row in of_command if message.callid in (None, row.callid)), None)


def _take(draft: Draft, row: Participant, kind: Kind, number: int, by: Source) -> None:
    """A command has come true."""
    if kind is Kind.KICK:
        leave(draft, row)
    else:
        _set_muted(draft, row, kind is Kind.MUTE, by, number, None)


def _fail(draft: Draft, row: Participant, number: int, cause: str) -> None:
    draft.change(row, EventType.PARTICIPANT_CHANGED, PROVIDER, cause, pending=None, settled=number)


def _set_muted(draft: Draft, row: Participant, muted: bool, by: Source, number: int, cause: str | None) -> None:
    """`number` has come true; a younger command stays in flight."""
    type = EventType.PARTICIPANT_MUTED if muted else EventType.PARTICIPANT_UNMUTED
    changed = EventType.PARTICIPANT_CHANGED if row.muted is muted else type
    pending = None if is_pending(row, number) else row.pending
    draft.change(replace(row, cause=None), changed, by, cause, muted=muted, pending=pending, settled=number)
