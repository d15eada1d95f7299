"""Legs, which are calls: dialled, joined, failed, left.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, RECONCILER, EventType
from hub.domain.model import (
    UNDER_WAY,
    Kind,
    Participant,
    Pending,
    Progress,
    Role,
    Source,
    State,
    dialled,
    inside,
)
from hub.domain.wants import ask, want

P = Progress

SETTLED = "settled"
"""Why somebody is inside or not, where a moderator has said so."""


def new_row(draft: Draft, person: m.Person) -> Participant:
    """Whoever the conference belongs to moderates it."""
    role = Role.MODERATOR if person.id == draft.details.owner else Role.PARTICIPANT
    return Participant(key=str(draft.number()), id=person.id, number=person.number, name=person.name, role=role)


def queue(draft: Draft, row: Participant, by: Source) -> None:
    """Before the start of a reserved conference nobody is called: they wait for it in the queue."""
    row = draft.move(row, P.QUEUED, by, **new_leg(draft, row) | {"queued_at": draft.at})
    if draft.details.state is State.ACTIVE:
        draft.actions.append(m.Dial(row.leg))


_TIMES = ("queued_at", "dialed_at", "joined_at", "left_at", "ended_at")


def new_leg(draft: Draft, row: Participant) -> dict[str, Any]:
    """Nothing of the last call stays on the row when the next begins."""
    of_the_last = {"callid": None, "muted": False, "settled": 0, "is_presumed": False, **dict.fromkeys(_TIMES)}
    return {**of_the_last, "leg": draft.number(), "attempt": row.attempt + 1}


def begin_dial(draft: Draft, message: m.BeginDial) -> None:
    row = draft.row_of_leg(message.leg)
    if row and row.leg == message.leg and row.progress is P.QUEUED and not row.pending:
        pending = Pending(Kind.INVITE, message.leg, *HUB)
        draft.change(row, EventType.PARTICIPANT_CHANGED, HUB, pending=pending, dialed_at=draft.at)
        draft.actions.append(m.Later(m.Wait.SETTLE, m.CheckCommand(message.leg, row.key)))
        draft.actions.append(m.Later(m.Wait.RING, m.CheckLeg(message.leg)))


def lose_open_dials(draft: Draft, *, is_copy: bool) -> None:
    """In a copy, the time since it was made is unknown: whoever should have been called by now may have been."""
    for row in list(draft.rows()):
        may_be_asked = is_copy and not draft.details.is_waiting(draft.at)
        if row.progress is P.QUEUED and (may_be_asked or row.pending):
            _asked(draft, row, P.UNKNOWN, HUB, "outcome_unknown")


def _asked(draft: Draft, row: Participant, progress: Progress, by: Source, cause: str | None = None, **to: Any) -> None:
    """From here on it is the provider's turn to speak; that nobody wants the call any more is not forgotten."""
    draft.move(row, progress, by, cause, pending=row.pending if row.is_being_taken_back else None, **to)
    draft.actions.append(m.Later(m.Wait.RING, m.CheckLeg(row.leg)))


def accept_dial(draft: Draft, message: m.DialAccepted) -> None:
    row = draft.row_of_leg(message.leg)
    if row is None or row.leg != message.leg or draft.details.state is State.ENDED:
        return
    if row.progress in (P.QUEUED, P.UNKNOWN):
        _asked(draft, row, P.DIALING, PROVIDER, callid=message.callid)
    elif message.callid:
        _learn(draft, row, message.callid)


def _learn(draft: Draft, row: Participant, callid: str) -> None:
    """Only now the provider's number of the call is known, and what is wanted of it can be asked."""
    if row.callid is None:
        row = draft.change(row, EventType.PARTICIPANT_CHANGED, PROVIDER, callid=callid)
        if row.progress is P.JOINED:
            ask(draft, row)


def fail_dial(draft: Draft, message: m.DialFailed) -> None:
    row = draft.row_of_leg(message.leg)
    if message.progress is not P.UNKNOWN:
        fail_leg(draft, row, message.leg, message.progress, HUB, message.cause)
    elif row and row.leg == message.leg and row.progress is P.QUEUED:
        _asked(draft, row, P.UNKNOWN, HUB, message.cause)


def check_leg(draft: Draft, leg: int) -> None:
    """Nobody has said what became of it: the provider is asked before the hub concludes that it is over."""
    row = draft.row_of_leg(leg)
    if row and row.leg == leg and _is_asked(row):
        draft.actions.append(m.Inquire(leg, row.callid))


def conclude(draft: Draft, message: m.LegInquired) -> None:
    """A leg ends even where the provider is silent. If somebody answers it after all, that is a leg of its own."""
    row = draft.row_of_leg(message.leg)
    if row is None or row.leg != message.leg or not _is_asked(row):
        return
    if message.result is P.JOINED and message.count is not None and message.count > inside(draft.rows()).least:
        enter(draft, row, row.callid, RECONCILER, "reconcile")
    else:
        by = HUB if message.result in (None, P.JOINED) else RECONCILER
        progress, cause = _conclusion(row, message.result)
        draft.move(row, progress, by, cause, is_presumed=True)
        draft.actions.append(m.Doubt())


def _conclusion(row: Participant, result: Progress | None) -> tuple[Progress, str]:
    if row.is_being_taken_back:
        return P.CANCELLED, "cancelled"
    if result not in (None, P.JOINED):
        return result, "reconcile"
    return (P.NO_ANSWER, "ring_timeout") if row.progress is P.DIALING else (P.FAILED, "outcome_unknown")


def fail_leg(
    draft: Draft, row: Participant | None, leg: int | None, progress: Progress, by: Source, cause: str
) -> None:
    if row and row.leg == leg and row.progress in UNDER_WAY and row.progress is not progress:
        draft.move(row, progress, by, cause)


class Found(NamedTuple):
    """What a fact speaks of. `is_named`: by our number of the leg or the provider's of the call, not by who calls.

    A leg without a row: the row is off the roster.
    """

    row: Participant | None = None
    leg: int | None = None
    is_named: bool = False


def find_leg(draft: Draft, leg: int | None, callid: str | None, number: str, user: str = "") -> Found:
    for known in (leg, draft.leg_of_call(callid)):
        if draft.knows_leg(known):
            return Found(draft.row_of_leg(known), known, is_named=True)
    candidates = [row for row in draft.rows() if _is_caller(row, number, user) and _may_be(row, callid)]
    first = min(candidates, key=lambda row: (not user or row.id != user, _likelihood(row)), default=None)
    return Found(first, first.leg) if first else Found()


def _may_be(row: Participant, callid: str | None) -> bool:
    """Could a call that we have never heard of be this row's? Not while the row has another one."""
    is_open = row.progress is not P.JOINED or row.cause == SETTLED
    return not has_call(row) or not callid or (row.callid is None and is_open)


def _likelihood(row: Participant) -> int:
    return 0 if row.progress in UNDER_WAY else 1 if row.progress is P.JOINED else 2


def join(draft: Draft, message: m.LegJoined) -> None:
    if draft.details.state is State.ENDED:
        return
    found = find_leg(draft, message.leg, message.callid, message.number, message.user)
    row, is_late = found.row, found.is_named and draft.is_presumed(found.leg)
    if row and _is_expected(found, row):
        _answered(draft, row, message.callid)
    elif row and _is_of_row(draft, found, row, message.callid):
        _learn(draft, row, message.callid or "")
    elif _is_new_call(draft, found, message):
        is_unwanted = is_late and row is not None and row.leg == found.leg and row.progress is P.CANCELLED
        row = _dialled_in(draft, row if row and not has_call(row) else _caller(draft, message), message.callid, is_late)
        if is_unwanted:
            want(draft, row, Kind.KICK, HUB)
        else:
            _mute_newcomer(draft, row)


def _is_expected(found: Found, row: Participant) -> bool:
    """The row's call is on its way. While it is taken back, only a join that names it counts, not one that fits it."""
    return row.leg == found.leg and row.progress in UNDER_WAY and (found.is_named or not row.is_being_taken_back)


def _is_of_row(draft: Draft, found: Found, row: Participant, callid: str | None) -> bool:
    """They are inside already, by a call that nobody has named until now."""
    is_inside = row.progress is P.JOINED and row.leg == found.leg and row.callid is None
    return is_inside and callid is not None and not draft.is_heard_of(callid)


def _is_new_call(draft: Draft, found: Found, message: m.LegJoined) -> bool:
    """Somebody has called by themselves, or answered a call that the hub had given up: nobody has heard of this call.

    They may do so while we call them, and be taken for our call: then it is ours that is the new one.
    """
    row = found.row
    if draft.is_heard_of(message.callid):
        return False
    if found.leg is None:
        return True
    if found.is_named and draft.is_presumed(found.leg):
        return message.callid is not None or (row is not None and not has_call(row))
    if not found.is_named:
        return row is not None and row.progress is not P.JOINED
    return found.leg == message.leg and message.callid is not None and draft.has_other_call(found.leg, message.callid)


def _answered(draft: Draft, row: Participant, callid: str | None) -> None:
    """Whose call this is has been told only now, if it was taken for somebody else's: who may have left by it."""
    other = draft.row_of_call(callid)
    was_inside = other is not None and other.progress is P.JOINED
    if draft.is_heard_of(callid) and draft.leg_of_call(callid) != row.leg and not was_inside:
        leave(draft, row, callid)
        return
    if other and was_inside and other.key != row.key:
        draft.move(other, P.LEFT, PROVIDER, "identified", left_at=draft.at, muted=False)
    enter(draft, row, callid or row.callid, PROVIDER)


def enter(draft: Draft, row: Participant, callid: str | None, by: Source, cause: str | None = None) -> None:
    """Whoever's call was to be taken back is hung up on."""
    cancelled = row.pending if row.is_being_taken_back else None
    row = draft.move(row, P.JOINED, by, cause, callid=callid, joined_at=draft.at)
    if cancelled:
        want(draft, row, Kind.KICK, cancelled.by)
    else:
        _mute_newcomer(draft, row)


def _mute_newcomer(draft: Draft, row: Participant) -> None:
    if draft.details.mutes(row.role):
        want(draft, row, Kind.MUTE, HUB)


def _caller(draft: Draft, message: m.LegJoined | m.LegQuit) -> Participant:
    """A row for somebody whom nobody has listed: a user of the app, by their VoIP account, or a stranger."""
    is_user = message.user and all(row.id != message.user for row in draft.rows())
    person = m.Person(message.user if is_user else "", message.number, "")
    return replace(new_row(draft, person), unidentified=not person.id)


def _dialled_in(draft: Draft, row: Participant, callid: str | None, is_late: bool = False) -> Participant:
    changes = new_leg(draft, row) | {"callid": callid, "joined_at": draft.at}
    return draft.move(row, P.JOINED, PROVIDER, "answered_late" if is_late else None, **changes)


def quit(draft: Draft, message: m.LegQuit) -> None:
    row = draft.row_of_call(message.callid)
    if not draft.is_heard_of(message.callid):
        row = _calling(draft, message) or _came_and_went(draft, message)
    if row and has_call(row):
        leave(draft, row, message.callid)


def _calling(draft: Draft, message: m.LegQuit) -> Participant | None:
    """A quit of a call that we do not know: the caller's row whose call has no callid yet, if it is one.

    A quit that names no call at all is of somebody inside: what is only being dialled was not the one to end.
    """
    if draft.leg_of_call(message.callid) is not None:
        return None
    rows = [row for row in draft.rows() if _is_on_the_line(row) and _is_caller(row, message.number, message.user)]
    fitting = [row for row in rows if (row.callid is None if message.callid else row.progress is P.JOINED)]
    return fitting[0] if len(fitting) == 1 else None


def _came_and_went(draft: Draft, message: m.LegQuit) -> Participant | None:
    """Somebody called by themselves, or answered a call that the hub had given up, and the word that they left came
    first: their join, when it comes, is known."""
    is_late = draft.leg_of_call(message.callid) is not None
    if not message.callid or draft.details.state is State.ENDED or not (is_late or dialled(message.number)):
        return None
    row = find_leg(draft, None, message.callid, message.number, message.user).row
    return _dialled_in(draft, row if row and not has_call(row) else _caller(draft, message), message.callid, is_late)


def _is_caller(row: Participant, number: str, user: str) -> bool:
    """By the user whose VoIP account it is, or by the number; those without a digit are nobody's."""
    return (row.id == user != "") or dialled(row.number) == dialled(number) != ""


def has_call(row: Participant) -> bool:
    return row.progress is P.JOINED or row.progress in UNDER_WAY


def _is_asked(row: Participant) -> bool:
    """The provider has been asked for the call, or is being asked."""
    return row.progress in (P.DIALING, P.UNKNOWN) or row.is_being_asked


def _is_on_the_line(row: Participant) -> bool:
    return row.progress is P.JOINED or _is_asked(row)


def leave(draft: Draft, row: Participant, callid: str | None = None) -> None:
    over: dict[str, Any] = {"left_at": draft.at, "muted": False, "callid": row.callid or callid}
    if row.pending and row.pending.kind is Kind.KICK:
        draft.move(row, P.KICKED, row.pending.by, "kicked", **over)
    else:
        draft.move(row, P.LEFT, PROVIDER, "hung_up", **over)
