"""The roster: people put on it, called, called again, no longer called, taken off it.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.legs import SETTLED, enter, has_call, new_leg, new_row, queue
from hub.domain.lifecycle import FINAL, Draft
from hub.domain.messages import HUB, EventType, Outcome
from hub.domain.model import UNDER_WAY, Kind, Participant, Pending, Progress, Source, dialled, digits, identity
from hub.domain.wants import row_of, rows_of
from hub.errors import HubError, InvalidNumber, OutcomeUnknown, RosterFull, UnknownTarget

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
        row = draft.row(key) if key else new_row(draft, person)
        if dial and (error := _obstacle(row, person)):
            draft.outcomes.append(Outcome(position, error))
            continue
        row = _as_told(row, person)
        _put(draft, row, message.by, is_new=key is None, dial=dial)
        known[row.identity] = row.key
        draft.outcomes.append(Outcome(position))


def _refusal(person: m.Person, *, is_new: bool, room: int) -> HubError | None:
    if person.number and not digits(person.number):
        return InvalidNumber(f"{person.number!r} has no digit in it")
    if is_new and room <= 0:
        return RosterFull("the roster is full")
    return None


def _as_told(row: Participant, person: m.Person) -> Participant:
    """What is not said stays as it was."""
    number, name, role = person.number or row.number, person.name or row.name, person.role or row.role
    return replace(row, number=number, name=name, role=role, unidentified=False)


def _obstacle(row: Participant, person: m.Person) -> HubError | None:
    """Why they are not called: the row tells of a call that is under way, and goes on to."""
    if row.progress is P.UNKNOWN:
        return _not_known()
    is_asked = row.progress is P.DIALING or row.is_being_asked
    if is_asked and person.number and dialled(person.number) != dialled(row.number):
        return UnknownTarget(f"row {row.key} is being called at another number: take that call back first")
    return None


def _not_known() -> HubError:
    return OutcomeUnknown("it is not known what became of the last call")


def _put(draft: Draft, row: Participant, by: Source, *, is_new: bool, dial: bool) -> None:
    if dial and row.number and not has_call(row):
        queue(draft, row, by)
    elif is_new:
        draft.add(row, by)
    else:
        told: dict[str, Any] = {name: getattr(row, name) for name in ("number", "name", "role", "unidentified")}
        pending = _wanted_again(row) if dial else row.pending
        draft.change(draft.row(row.key), EventType.PARTICIPANT_CHANGED, by, pending=pending, **told)


def _wanted_again(row: Participant) -> Pending | None:
    """Whoever is invited while their call is being taken back is wanted after all; a call being asked for stays so."""
    if not row.is_being_taken_back:
        return row.pending
    return Pending(Kind.INVITE, row.leg, *HUB) if row.progress is P.QUEUED else None


def call_everybody(draft: Draft, by: Source, but: frozenset[Progress] = frozenset()) -> None:
    """Nobody twice, and nobody who left or was removed."""
    for row in list(draft.rows()):
        if row.number and row.progress in _NEVER_INSIDE - but:
            queue(draft, row, by)


def redial(draft: Draft, message: m.Redial) -> None:
    """Of everybody, those who have been called or inside and have no call now."""
    for target, row in rows_of(draft, message.targets):
        if row and row.progress in FINAL and row.number:
            queue(draft, row, message.by)
            draft.outcomes.append(Outcome(target))
        elif not isinstance(message.targets, m.Everybody):
            draft.outcomes.append(Outcome(target, _why_not_redialled(target, row)))
            if row:
                draft.change(row, EventType.PARTICIPANT_CHANGED, message.by, pending=_wanted_again(row))


def _why_not_redialled(target: m.Target, row: Participant | None) -> HubError | None:
    """Whoever has a call already is not called twice, which is as it was wanted."""
    if row and row.progress is P.UNKNOWN:
        return _not_known()
    if row and has_call(row):
        return None
    return UnknownTarget(f"{_named(target)} is nobody who could be called again")


def cancel(draft: Draft, message: m.CancelInvites) -> None:
    """A call that waits is taken back; one that was asked for, or may have been, is hung up on as soon as it is in."""
    for target in message.targets:
        row = row_of(draft, target)
        if row is None or row.progress not in UNDER_WAY:
            draft.outcomes.append(Outcome(target, UnknownTarget(f"{_named(target)} has no call on its way")))
            continue
        draft.outcomes.append(Outcome(target))
        if row.progress is P.QUEUED and row.pending is None:
            draft.move(row, P.CANCELLED, message.by, "cancelled")
        elif not row.is_being_taken_back:
            pending = Pending(Kind.CANCEL, draft.number(), *message.by)
            draft.change(row, EventType.PARTICIPANT_CHANGED, message.by, pending=pending)


def remove(draft: Draft, message: m.RemoveParticipants) -> None:
    for target in message.targets:
        row = row_of(draft, target)
        if row is None or has_call(row):
            why = "is no row of this conference" if row is None else "has somebody on it"
            draft.outcomes.append(Outcome(target, UnknownTarget(f"{_named(target)} {why}")))
        else:
            draft.outcomes.append(Outcome(target))
            draft.move(row, P.REMOVED, message.by)


def settle(draft: Draft, message: m.SettleParticipants) -> None:
    """What a moderator knows is so: also that the counts which differed are explained by it."""
    for target, progress in message.targets:
        row = row_of(draft, target)
        if row is None or (progress is P.LEFT and row.progress not in (P.JOINED, P.UNKNOWN)):
            why = "is no row of this conference" if row is None else "has nobody inside"
            draft.outcomes.append(Outcome(target, UnknownTarget(f"{_named(target)} {why}")))
            continue
        draft.outcomes.append(Outcome(target))
        if progress is P.LEFT:
            _settle_outside(draft, row, message.by)
        elif row.progress is not P.JOINED:
            _settle_inside(draft, row, message.by)
    if draft.details.uncertain and any(outcome.error is None for outcome in draft.outcomes):
        draft.amend(message.by, SETTLED, uncertain=None)


def _settle_outside(draft: Draft, row: Participant, by: Source) -> None:
    """Whoever answers a call of which nobody knew is seen all the same."""
    if row.progress is P.JOINED:
        draft.move(row, P.LEFT, by, SETTLED, left_at=draft.at)
    else:
        draft.move(row, P.CANCELLED if row.is_being_taken_back else P.FAILED, by, SETTLED, is_presumed=True)


def _settle_inside(draft: Draft, row: Participant, by: Source) -> None:
    """By the call that was thought to be over, where nobody but the hub or a moderator has said that it is."""
    if row.progress not in UNDER_WAY:
        may_go_on = row.is_presumed or row.cause == SETTLED
        of_the_call = {"callid": row.callid, "muted": row.muted} if may_go_on else {}
        row = replace(row, **new_leg(draft, row) | of_the_call)
    enter(draft, row, row.callid, by, SETTLED)


def _named(target: m.Target) -> str:
    return f"call {target.callid}" if target.callid else f"row {target.key}"


def call_at_start(draft: Draft) -> None:
    """Those who were invited before the start."""
    waiting = [row for row in draft.rows() if row.progress is P.QUEUED]
    draft.actions += [m.Dial(row.leg) for row in waiting]
    if draft.details.autocall:
        call_everybody(draft, HUB, but=frozenset({P.CANCELLED}))
