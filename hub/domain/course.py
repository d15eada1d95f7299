"""The course of a conference: created, started when its time comes, ended by whoever is first to say so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from datetime import timedelta

from hub.domain import messages as m
from hub.domain.legs import call_at_start
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, EventType, Outcome
from hub.domain.model import UNDER_WAY, Kind, Pending, Progress, State

P = Progress

LATEST_START = timedelta(hours=1)
"""A start missed by more than this does not happen any more."""

LOST = "deleted_by_provider"


def create(draft: Draft, actor: str) -> None:
    draft.conference(EventType.CONFERENCE_CREATED, actor)
    starts_at = draft.details.starts_at
    if starts_at is None or starts_at <= draft.at:
        _started(draft, actor)


def _started(draft: Draft, actor: str) -> None:
    draft.conference(EventType.CONFERENCE_STARTED, actor, state=State.ACTIVE, pending=None, started_at=draft.at)


def set_password(draft: Draft, message: m.SetPassword) -> None:
    draft.conference(EventType.CONFERENCE_CHANGED, message.actor, pwd=message.pwd)


def start(draft: Draft) -> None:
    """Its time has come: first the provider must have it, which may have deleted it meanwhile."""
    if draft.details.state is not State.SCHEDULED or draft.details.pending:
        return
    if _is_too_late(draft):
        _want_end(draft, HUB)
    else:
        draft.actions.append(m.Open(_want(draft, Kind.START, HUB)))


def _is_too_late(draft: Draft) -> bool:
    starts_at = draft.details.starts_at
    return starts_at is not None and draft.at - starts_at > LATEST_START


def opened(draft: Draft, message: m.ConferenceOpened) -> None:
    """The numbers are so whatever has been wanted since; the start happens unless an end is.

    One that was found, but of which the word has come since that it is gone, has to be made.
    """
    if draft.details.state is not State.SCHEDULED:
        return
    if draft.details.is_lost and not message.is_new:
        if _is_pending(draft, message.command):
            draft.actions.append(m.Open(message.command))
        return
    now = {"number": message.number, "vid": message.vid, "is_lost": False}
    if any(getattr(draft.details, name) != value for name, value in now.items()):
        draft.conference(EventType.CONFERENCE_CHANGED, HUB, LOST, **now)
    if _is_pending(draft, message.command):
        _started(draft, HUB)
        call_at_start(draft)


def stop(draft: Draft, message: m.StopConference) -> None:
    if draft.details.state is State.ENDED:
        return
    pending = draft.details.pending
    is_asked = pending and pending.kind is Kind.STOP and not draft.details.cause
    number = pending.number if pending and is_asked else _want_end(draft, message.actor)
    draft.outcomes.append(Outcome(draft.details.id, command=number))


def close_if_deserted(draft: Draft) -> None:
    """The provider ends a conference when the last one leaves, but not one that it was told to keep till its start."""
    details = draft.details
    if details.starts_at is None or details.state is not State.ACTIVE or details.pending:
        return
    started_at = details.started_at or draft.at
    has_anybody_left = any(row.left_at and row.left_at >= started_at for row in draft.rows())
    if has_anybody_left and not any(row.progress in UNDER_WAY | {P.JOINED} for row in draft.rows()):
        _want_end(draft, HUB)


def _want_end(draft: Draft, actor: str) -> int:
    number = _want(draft, Kind.STOP, actor)
    draft.actions.append(m.Dismiss(number))
    return number


def _want(draft: Draft, kind: Kind, actor: str) -> int:
    pending = Pending(kind, draft.number(), actor)
    draft.conference(EventType.CONFERENCE_CHANGED, actor, pending=pending)
    return pending.number


def fail(draft: Draft, action: m.Open | m.Dismiss, cause: str, *, is_unknown: bool) -> None:
    """What the hub wants by itself stays wanted, and so does an end that may have happened.

    A start whose time came while an end was being asked for happens if there is none.
    """
    if not _is_pending(draft, action.number):
        return
    if isinstance(action, m.Open) and _is_too_late(draft):
        _want_end(draft, HUB)
        return
    pending = draft.details.pending
    stays = is_unknown or (pending is not None and pending.actor == HUB)
    if draft.details.cause != cause or not stays:
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, cause, pending=pending if stays else None)
    if isinstance(action, m.Open):
        draft.actions.append(m.Open(action.number, again=True))
    elif draft.details.starts_at is not None and draft.details.starts_at <= draft.at:
        start(draft)


def _is_pending(draft: Draft, number: int) -> bool:
    pending = draft.details.pending
    return pending is not None and pending.number == number


def stopped(draft: Draft, number: str) -> None:
    """The provider has deleted it. Before its start that is not the end: it is asked for again when it starts."""
    details = draft.details
    if details.number != number or details.state is State.ENDED:
        return
    wants_end = details.pending and details.pending.kind is Kind.STOP
    if details.state is State.ACTIVE or wants_end:
        end(draft, PROVIDER, "ended_by_provider")
    elif not details.is_lost:
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, LOST, is_lost=True)


def end(draft: Draft, actor: str, cause: str) -> None:
    """One leave per row, then the end. Whoever asked for it is its actor, even if the provider's word came first."""
    if draft.details.state is State.ENDED:
        return
    pending = draft.details.pending
    if pending and pending.kind is Kind.STOP:
        actor, cause = pending.actor, _why(draft, pending)
    for row in list(draft.rows()):
        if row.progress is P.JOINED:
            draft.move(row, P.LEFT, actor, "conference_ended", left_at=draft.at, muted=False)
        elif row.progress in UNDER_WAY:
            draft.move(row, P.CANCELLED, actor, "conference_ended")
    draft.conference(EventType.CONFERENCE_ENDED, actor, cause, state=State.ENDED, pending=None, ended_at=draft.at)


def _why(draft: Draft, pending: Pending) -> str:
    if pending.actor != HUB:
        return "stopped"
    return "start_missed" if draft.details.state is State.SCHEDULED else "everybody_left"
