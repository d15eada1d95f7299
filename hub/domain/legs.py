"""Rows and their legs: put on the roster, dialled, joined, failed, left.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, EventType, Outcome
from hub.domain.model import UNDER_WAY, Kind, Participant, Pending, Progress, State, dialled, digits, identity
from hub.errors import HubError, InvalidNumber, OutcomeUnknown, RosterFull

P = Progress

_NEVER_INSIDE = frozenset({P.ADDED, P.BUSY, P.NO_ANSWER, P.REJECTED, P.FAILED, P.CANCELLED})


def put_on_roster(draft: Draft, message: m.AddParticipants | m.InviteParticipants, *, dial: bool) -> None:
    """Put people on the roster, and call those who have a number and no call under way."""
    known = {row.identity: row.key for row in draft.rows()}
    for position, person in enumerate(message.people):
        key = known.get(identity(person.id, person.number))
        if error := _refusal(person, is_new=key is None, room=message.limit - len(known)):
            draft.outcomes.append(Outcome(position, error))
            continue
        row = draft.row(key) if key else _new_row(draft, person)
        if dial and row.progress is P.UNKNOWN:
            draft.outcomes.append(Outcome(position, OutcomeUnknown("it is not known what became of the last call")))
            continue
        row = replace(row, number=person.number or row.number, name=person.name or row.name, unidentified=False)
        _put(draft, row, message.actor, is_new=key is None, dial=dial)
        known[row.identity] = row.key
        draft.outcomes.append(Outcome(position))


def _refusal(person: m.Person, *, is_new: bool, room: int) -> HubError | None:
    if person.number and not digits(person.number):
        return InvalidNumber(f"{person.number!r} has no digit in it")
    if is_new and room <= 0:
        return RosterFull("the roster is full")
    return None


def _new_row(draft: Draft, person: m.Person) -> Participant:
    return Participant(key=str(draft.number()), id=person.id, number=person.number, name=person.name)


def _put(draft: Draft, row: Participant, actor: str, *, is_new: bool, dial: bool) -> None:
    if dial and row.number and row.progress not in UNDER_WAY and row.progress is not P.JOINED:
        _queue(draft, row, actor)
    elif is_new:
        draft.add(row, actor)
    else:
        told: dict[str, Any] = {"number": row.number, "name": row.name, "unidentified": row.unidentified}
        draft.change(draft.row(row.key), EventType.PARTICIPANT_CHANGED, actor, **told)


def _queue(draft: Draft, row: Participant, actor: str) -> None:
    """Before the start of a reserved conference nobody is called: they wait for it in the queue."""
    draft.move(row, P.QUEUED, actor, **_new_leg(draft, row))
    if draft.details.state is State.ACTIVE:
        draft.actions.append(m.Dial(draft.row(row.key).leg))


def call_everybody(draft: Draft, actor: str) -> None:
    """Nobody twice, and nobody who left or was removed."""
    for row in list(draft.rows()):
        if row.number and row.progress in _NEVER_INSIDE:
            _queue(draft, row, actor)


def call_at_start(draft: Draft) -> None:
    """Those who were invited before the start."""
    waiting = [row for row in draft.rows() if row.progress is P.QUEUED]
    draft.actions += [m.Dial(row.leg) for row in waiting]
    if draft.details.autocall:
        call_everybody(draft, HUB)


def _new_leg(draft: Draft, row: Participant) -> dict[str, Any]:
    """Nothing of the last call stays on the row when the next begins."""
    return {
        "leg": draft.number(),
        "attempt": row.attempt + 1,
        "callid": None,
        "muted": False,
        "settled": 0,
        "joined_at": None,
        "left_at": None,
    }


def begin_dial(draft: Draft, message: m.BeginDial) -> None:
    row = draft.row_of_leg(message.leg)
    if row and row.leg == message.leg and row.progress is P.QUEUED and not row.pending:
        pending = Pending(Kind.INVITE, message.leg, HUB)
        draft.change(row, EventType.PARTICIPANT_CHANGED, HUB, pending=pending)


def lose_open_dials(draft: Draft, *, is_copy: bool) -> None:
    """In a copy, the time since it was made is unknown: whoever should have been called by now may have been."""
    for row in list(draft.rows()):
        may_be_asked = is_copy and row.progress is P.QUEUED and not draft.details.is_waiting(draft.at)
        if may_be_asked or (row.pending and row.pending.kind is Kind.INVITE):
            draft.move(row, P.UNKNOWN, HUB, "outcome_unknown")


def accept_dial(draft: Draft, message: m.DialAccepted) -> None:
    row = draft.row_of_leg(message.leg)
    if row is None or row.leg != message.leg:
        return
    if row.progress in (P.QUEUED, P.UNKNOWN):
        draft.move(row, P.DIALING, PROVIDER, callid=message.callid)
    elif row.callid is None and message.callid:
        draft.change(row, EventType.PARTICIPANT_CHANGED, PROVIDER, callid=message.callid)


def fail_leg(
    draft: Draft, row: Participant | None, leg: int | None, progress: Progress, actor: str, cause: str
) -> None:
    if row and row.leg == leg and row.progress in UNDER_WAY and row.progress is not progress:
        draft.move(row, progress, actor, cause)


def find_leg(
    draft: Draft, leg: int | None, callid: str | None, number: str, user: str = ""
) -> tuple[Participant | None, int | None]:
    """The row and leg that a fact speaks of: by our number, by the provider's callid, by the caller."""
    for known in (leg, draft.leg_of_call(callid)):
        if row := draft.row_of_leg(known):
            return row, known
    candidates = [row for row in draft.rows() if _is_caller(row, number, user) and _may_be(row, callid)]
    first = min(candidates, key=lambda row: (not user or row.id != user, _likelihood(row)), default=None)
    return (first, first.leg) if first else (None, None)


def _may_be(row: Participant, callid: str | None) -> bool:
    """Could a call that we have never heard of be this row's? Not while the row has another one."""
    return not _has_call(row) or not callid or (row.callid is None and row.progress is not P.JOINED)


def _likelihood(row: Participant) -> int:
    return 0 if row.progress in UNDER_WAY else 1 if row.progress is P.JOINED else 2


def join(draft: Draft, message: m.LegJoined) -> None:
    if draft.details.state is State.ENDED:
        return
    row, leg = find_leg(draft, message.leg, message.callid, message.number, message.user)
    if row and row.leg == leg and row.progress in UNDER_WAY:
        draft.move(row, P.JOINED, PROVIDER, callid=message.callid or row.callid, joined_at=draft.at)
    elif row is None or _is_new_call(draft, row, message):
        _dialled_in(draft, row if row and not _has_call(row) else _caller(draft, message), message.callid)


def _is_new_call(draft: Draft, row: Participant, message: m.LegJoined) -> bool:
    """Somebody has called by themselves: nobody has heard of this call.

    They may do so while we call them, and be taken for our call: then it is ours that is the new one.
    """
    if draft.leg_of_call(message.callid) is not None:
        return False
    if draft.row_of_leg(message.leg) is None:
        return row.progress is not P.JOINED
    return row.leg == message.leg and message.callid is not None and row.callid not in (None, message.callid)


def _caller(draft: Draft, message: m.LegJoined | m.LegQuit) -> Participant:
    """A row for somebody whom nobody has listed: a user of the app, by their VoIP account, or a stranger."""
    is_user = message.user and all(row.id != message.user for row in draft.rows())
    id = message.user if is_user else ""
    return Participant(key=str(draft.number()), id=id, number=message.number, name="", unidentified=not id)


def _dialled_in(draft: Draft, row: Participant, callid: str | None) -> Participant:
    changes = _new_leg(draft, row) | {"callid": callid, "joined_at": draft.at}
    draft.move(row, P.JOINED, PROVIDER, **changes)
    return draft.row(row.key)


def quit(draft: Draft, message: m.LegQuit) -> None:
    row = draft.row_of_call(message.callid)
    if row is None and draft.leg_of_call(message.callid) is None:
        row = _calling(draft, message) or _came_and_went(draft, message)
    if row and _has_call(row):
        leave(draft, row, message.callid)


def _calling(draft: Draft, message: m.LegQuit) -> Participant | None:
    """A quit of a call that we do not know: the caller's row whose call has no callid yet, if it is one.

    A quit that names no call at all is of somebody inside: what is only being dialled was not the one to end.
    """
    rows = [row for row in draft.rows() if _has_call(row) and _is_caller(row, message.number, message.user)]
    fitting = [row for row in rows if (row.callid is None if message.callid else row.progress is P.JOINED)]
    return fitting[0] if len(fitting) == 1 else None


def _came_and_went(draft: Draft, message: m.LegQuit) -> Participant | None:
    """Somebody called by themselves and the word that they left came first: their join, when it comes, is known."""
    if not message.callid or not dialled(message.number) or draft.details.state is State.ENDED:
        return None
    row, _ = find_leg(draft, None, message.callid, message.number, message.user)
    if row and _has_call(row):
        return None
    return _dialled_in(draft, row or _caller(draft, message), message.callid)


def _is_caller(row: Participant, number: str, user: str) -> bool:
    """By the user whose VoIP account it is, or by the number; those without a digit are nobody's."""
    return (row.id == user != "") or dialled(row.number) == dialled(number) != ""


def _has_call(row: Participant) -> bool:
    return row.progress is P.JOINED or row.progress in UNDER_WAY


def leave(draft: Draft, row: Participant, callid: str | None = None) -> None:
    over: dict[str, Any] = {"left_at": draft.at, "muted": False, "callid": row.callid or callid}
    if row.pending and row.pending.kind is Kind.KICK:
        draft.move(row, P.KICKED, row.pending.actor, "kicked", **over)
    else:
        draft.move(row, P.LEFT, PROVIDER, "hung_up", **over)
