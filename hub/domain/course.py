"""The course of a conference: created, started when its time comes, ended by whoever is first to say so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hub.domain import messages as m
from hub.domain.legs import call_at_start
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, EventType, Outcome
from hub.domain.model import UNDER_WAY, Details, Kind, Pending, Progress, State

P = Progress

LATEST_START = timedelta(hours=1)
"""A start missed by more than this does not happen any more."""

IDLE = timedelta(minutes=10)
"""The provider deletes what nobody has joined for so long; what it was told to keep, the hub ends [3.2]."""

CHECKED_AGAIN = timedelta(minutes=1)
"""After a start that has not come about yet."""

LOST = "deleted_by_provider"


def create(draft: Draft, actor: str) -> None:
    draft.conference(EventType.CONFERENCE_CREATED, actor)
    if draft.details.starts_at is None:
        _started(draft, actor)


def _started(draft: Draft, actor: str) -> None:
    draft.conference(EventType.CONFERENCE_STARTED, actor, state=State.ACTIVE, pending=None, started_at=draft.at)


def set_password(draft: Draft, message: m.SetPassword) -> None:
    draft.conference(EventType.CONFERENCE_CHANGED, message.actor, draft.details.cause, pwd=message.pwd)


def next_check(details: Details, at: datetime) -> datetime | None:
    """When the clock matters next to a reserved conference, if it does."""
    if details.starts_at is None or details.state is State.ENDED:
        return None
    if details.state is State.SCHEDULED:
        return max(details.starts_at, at + CHECKED_AGAIN) if details.pending else details.starts_at
    deserted_at = (details.started_at or at) + IDLE
    return deserted_at if at < deserted_at else None


def start(draft: Draft) -> None:
    """Its time has come: first the provider must have it, which may have deleted it meanwhile."""
    details = draft.details
    if details.state is not State.SCHEDULED or details.pending or details.is_waiting(draft.at):
        return
    if _is_too_late(draft):
        _want_end(draft, HUB)
    else:
        draft.actions.append(m.Open(_want(draft, Kind.START, HUB)))


def recover(draft: Draft, *, is_copy: bool) -> None:
    """A start that a crash cut off may be too late by now; one that a copy has not seen may have called everybody."""
    details = draft.details
    if details.state is not State.SCHEDULED or details.is_waiting(draft.at):
        return
    if is_copy and details.autocall:
        draft.conference(EventType.CONFERENCE_CHANGED, HUB, "outcome_unknown", autocall=False)
    if details.pending and details.pending.kind is Kind.START and _is_too_late(draft):
        _want(draft, Kind.STOP, HUB)


def _is_too_late(draft: Draft) -> bool:
    starts_at = draft.details.starts_at
    return starts_at is not None and draft.at - starts_at > LATEST_START


def ready(draft: Draft, message: m.ConferenceReady) -> None:
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
        _leave(draft, HUB, LOST)
        draft.conference(EventType.CONFERENCE_CHANGED, HUB, LOST, **now)
    if _is_pending(draft, message.command):
        _start_or_give_up(draft)


def _start_or_give_up(draft: Draft) -> None:
    if _is_too_late(draft):
        _want_end(draft, HUB)
    else:
        _started(draft, HUB)
        call_at_start(draft)


def stop(draft: Draft, message: m.StopConference) -> None:
    if draft.details.state is State.ENDED:
        return
    pending = draft.details.pending
    is_asked = pending and pending.kind is Kind.STOP and pending.actor != HUB and not draft.details.cause
    number = pending.number if pending and is_asked else _want_end(draft, message.actor)
    draft.outcomes.append(Outcome(draft.details.id, command=number))


def review(draft: Draft) -> None:
    """End a reserved conference that nobody is in, and stop wanting that as soon as somebody may be."""
    details = draft.details
    if details.starts_at is None or details.state is not State.ACTIVE:
        return
    is_deserted = _is_deserted(draft)
    if is_deserted and details.pending is None:
        _want_end(draft, HUB)
    elif not is_deserted and details.pending and details.pending.actor == HUB:
        draft.conference(EventType.CONFERENCE_CHANGED, HUB, pending=None)


def _is_deserted(draft: Draft) -> bool:
    """The last one has left, or nobody has come."""
    started_at = draft.details.started_at or draft.at
    may_be = draft.at >= started_at + IDLE or any(row.left_at and row.left_at >= started_at for row in draft.rows())
    return may_be and not any(row.progress in UNDER_WAY | {P.JOINED} for row in draft.rows())


def _want_end(draft: Draft, actor: str) -> int:
    number = _want(draft, Kind.STOP, actor)
    draft.actions.append(m.Dismiss(number))
    return number


def _want(draft: Draft, kind: Kind, actor: str) -> int:
    pending = Pending(kind, draft.number(), actor)
    draft.conference(EventType.CONFERENCE_CHANGED, actor, pending=pending)
    return pending.number


def fail(draft: Draft, action: m.Open | m.Dismiss, cause: str, *, is_unknown: bool) -> None:
    """What the hub wants by itself is asked for again, and so is an end that may have happened.

    A start whose time came while an end was being asked for happens if there is none.
    """
    pending = draft.details.pending
    if pending is None or pending.number != action.number:
        return
    stays = is_unknown or pending.actor == HUB
    if draft.details.cause != cause or not stays:
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, cause, pending=pending if stays else None)
    if isinstance(action, m.Open) and _is_too_late(draft):
        _want_end(draft, HUB)
    elif stays:
        draft.actions.append(replace(action, again=True))
    else:
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
        _leave(draft, PROVIDER, LOST)
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, LOST, is_lost=True)


def end(draft: Draft, actor: str, cause: str) -> None:
    """One leave per row, then the end. Whoever asked for it is its actor, even if the provider's word came first."""
    if draft.details.state is State.ENDED:
        return
    pending = draft.details.pending
    if pending and pending.kind is Kind.STOP:
        actor, cause = pending.actor, _why(draft, pending)
    _leave(draft, actor, "conference_ended")
    for row in list(draft.rows()):
        if row.progress in UNDER_WAY:
            draft.move(row, P.CANCELLED, actor, "conference_ended")
    draft.conference(EventType.CONFERENCE_ENDED, actor, cause, state=State.ENDED, pending=None, ended_at=draft.at)


def _leave(draft: Draft, actor: str, cause: str) -> None:
    """Everybody who is inside: where they were is no more."""
    for row in list(draft.rows()):
        if row.progress is P.JOINED:
            draft.move(row, P.LEFT, actor, cause, left_at=draft.at, muted=False)


def _why(draft: Draft, pending: Pending) -> str:
    if pending.actor != HUB:
        return "stopped"
    if draft.details.state is State.SCHEDULED:
        return "start_missed"
    return "everybody_left" if any(row.left_at for row in draft.rows()) else "nobody_came"
