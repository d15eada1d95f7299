"""The course of a conference: created, started when its time comes, ended by whoever is first to say so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, RECONCILER, EventType, Outcome, Target
from hub.domain.model import UNDER_WAY, Details, Kind, Pending, Progress, Source, State, uncertainty
from hub.domain.roster import call_at_start
from hub.domain.wants import is_pending

P = Progress

LATEST_START = timedelta(hours=1)
"""A start missed by more than this does not happen any more."""

CHECKED_AGAIN = timedelta(minutes=1)
"""After a start that has not come about yet."""

LOST = "deleted_by_provider"

IDLE = m.Later(m.Wait.IDLE, m.CheckIdle())
"""The provider deletes what nobody has joined for a while; what it was told to keep, the hub ends [3.2]."""


def create(draft: Draft, by: Source) -> None:
    draft.conference(EventType.CONFERENCE_CREATED, by)
    if draft.details.starts_at is None:
        _started(draft, by)


def _started(draft: Draft, by: Source) -> None:
    draft.conference(EventType.CONFERENCE_STARTED, by, state=State.ACTIVE, pending=None, started_at=draft.at)
    if draft.details.starts_at:
        draft.actions.append(IDLE)


def set_password(draft: Draft, message: m.SetPassword) -> None:
    draft.amend(message.by, pwd=message.pwd)


def next_check(details: Details, at: datetime) -> datetime | None:
    """When the wall's clock matters next to a reserved conference, if it does."""
    if details.starts_at is None or details.state is not State.SCHEDULED:
        return None
    return max(details.starts_at, at + CHECKED_AGAIN) if details.pending else details.starts_at


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
    """The provider's numbers are taken over in any case; the conference starts only if that is still what is wanted.

    One that was found, but of which the word has come since that it is gone, has to be made.
    """
    if draft.details.state is not State.SCHEDULED:
        return
    if draft.details.is_lost and not message.is_new:
        if is_pending(draft.details, message.command):
            draft.actions.append(m.Open(message.command))
        return
    now = {"number": message.number, "vid": message.vid, "is_lost": False}
    if any(getattr(draft.details, name) != value for name, value in now.items()):
        _leave(draft, HUB, LOST)
        draft.conference(EventType.CONFERENCE_CHANGED, HUB, LOST, **now)
    if is_pending(draft.details, message.command):
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
    is_asked = pending and pending.kind is Kind.STOP and pending.by != HUB and not draft.details.cause
    number = pending.number if pending and is_asked else _want_end(draft, message.by)
    draft.outcomes.append(Outcome(Target(), command=number))


def review(draft: Draft) -> None:
    """End a reserved conference that everybody has left, and stop wanting an end as soon as somebody may be in."""
    details = draft.details
    if details.starts_at is None or details.state is not State.ACTIVE:
        return
    if not _is_empty(draft):
        if details.pending and details.pending.by == HUB:
            draft.conference(EventType.CONFERENCE_CHANGED, HUB, pending=None)
    elif details.pending is None and _has_been_used(draft):
        _want_end(draft, HUB)


def _has_been_used(draft: Draft) -> bool:
    """Somebody has left since it started."""
    started_at = draft.details.started_at or draft.at
    return any(row.left_at and row.left_at >= started_at for row in draft.rows())


def check_idle(draft: Draft) -> None:
    """Also where nobody has come; it is looked at again as long as it goes on."""
    if draft.details.state is not State.ACTIVE:
        return
    draft.actions.append(IDLE)
    if draft.details.pending is None and _is_empty(draft):
        _want_end(draft, HUB)


def _is_empty(draft: Draft) -> bool:
    return not any(row.progress in UNDER_WAY | {P.JOINED} for row in draft.rows())


def _want_end(draft: Draft, by: Source) -> int:
    number = _want(draft, Kind.STOP, by)
    draft.actions.append(m.Dismiss(number))
    return number


def _want(draft: Draft, kind: Kind, by: Source) -> int:
    pending = Pending(kind, draft.number(), *by)
    draft.conference(EventType.CONFERENCE_CHANGED, by, pending=pending)
    draft.actions.append(m.Later(m.Wait.SETTLE, m.CheckCommand(pending.number)))
    return pending.number


def fail(draft: Draft, action: m.Open | m.Dismiss, cause: str, *, is_unknown: bool) -> None:
    """What the hub wants by itself is asked for again, and so is an end that may have happened.

    A start whose time came while an end was being asked for happens if there is none.
    """
    pending = draft.details.pending
    if pending is None or pending.number != action.number:
        return
    stays = is_unknown or pending.by == HUB
    if draft.details.cause != cause or not stays:
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, cause, pending=pending if stays else None)
    if isinstance(action, m.Open) and _is_too_late(draft):
        _want_end(draft, HUB)
    elif stays:
        draft.actions.append(replace(action, again=True))
    else:
        start(draft)


def stopped(draft: Draft, message: m.ConferenceStopped) -> None:
    """The provider has deleted it. Before its start that is not the end: it is asked for again when it starts."""
    details = draft.details
    if details.number != message.number or details.state is State.ENDED:
        return
    wants_end = details.pending and details.pending.kind is Kind.STOP
    if details.state is State.ACTIVE or wants_end:
        by, cause = (RECONCILER, "reconcile") if message.is_found else (PROVIDER, "ended_by_provider")
        end(draft, by, cause)
    elif not details.is_lost:
        _leave(draft, PROVIDER, LOST)
        draft.conference(EventType.CONFERENCE_CHANGED, PROVIDER, LOST, is_lost=True)


def end(draft: Draft, by: Source, cause: str) -> None:
    """One leave per row, then the end. Whoever asked for it is its actor, even if the provider's word came first."""
    if draft.details.state is State.ENDED:
        return
    pending = draft.details.pending
    if pending and pending.kind is Kind.STOP:
        by, cause = pending.by, _why(draft, pending)
    of_rows = cause if by is RECONCILER else "conference_ended"
    _leave(draft, by, of_rows)
    for row in list(draft.rows()):
        if row.progress in UNDER_WAY:
            draft.move(row, P.CANCELLED, by, of_rows)
    over = {"state": State.ENDED, "pending": None, "uncertain": None, "ended_at": draft.at}
    draft.conference(EventType.CONFERENCE_ENDED, by, cause, **over)
    draft.actions.append(m.Over())


def _leave(draft: Draft, by: Source, cause: str) -> None:
    """Everybody who is inside: where they were is no more."""
    for row in list(draft.rows()):
        if row.progress is P.JOINED:
            draft.move(row, P.LEFT, by, cause, left_at=draft.at, muted=False)


def _why(draft: Draft, pending: Pending) -> str:
    if pending.by != HUB:
        return "stopped"
    if draft.details.state is State.SCHEDULED:
        return "start_missed"
    return "everybody_left" if any(row.left_at for row in draft.rows()) else "nobody_came"


def check_command(draft: Draft, number: int) -> None:
    """It should be so by now: where it is not, that is shown."""
    pending = draft.details.pending
    if pending and pending.number == number and not pending.overdue:
        draft.amend(HUB, pending=replace(pending, overdue=True))


def compare(draft: Draft, message: m.Counted) -> None:
    """What the provider counts against the roster: where they differ, that is shown until they agree again."""
    if draft.details.state is not State.ACTIVE:
        return
    uncertain = uncertainty(draft.details, draft.rows(), message.count)
    if uncertain != draft.details.uncertain:
        draft.amend(RECONCILER, "reconcile", uncertain=uncertain)
