"""What is wanted of the provider about one row, until it is so.

Every function takes a draft and says, as events, what a message does to it; who calls which is decided in rules.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, EventType, Target, Whom
from hub.domain.model import Details, Kind, Participant, Pending, Progress, Role, Source


def want(draft: Draft, row: Participant, kind: Kind, by: Source) -> int:
    """The number of the command, which is the one in flight if it is for the same thing."""
    if row.pending and row.pending.kind is kind and row.cause is None:
        return row.pending.number
    pending = Pending(kind, draft.number(), *by)
    row = draft.change(replace(row, cause=None), EventType.PARTICIPANT_CHANGED, by, pending=pending)
    draft.actions.append(m.Later(m.Wait.SETTLE, m.CheckCommand(pending.number, row.key)))
    ask(draft, row)
    return pending.number


def ask(draft: Draft, row: Participant) -> None:
    """Of a call whose number nobody has said yet nothing can be asked."""
    if row.pending and row.callid:
        draft.actions.append(m.Control(row.pending.kind, row.pending.number, row.callid, row.pending.by))


def is_pending(of: Participant | Details, number: int) -> bool:
    return of.pending is not None and of.pending.number == number


def check(draft: Draft, message: m.CheckCommand) -> None:
    """It should be so by now: where it is not, that is shown."""
    row = draft.find(message.row)
    if row and row.pending and is_pending(row, message.number):
        overdue = replace(row.pending, overdue=True)
        draft.change(row, EventType.PARTICIPANT_CHANGED, HUB, pending=overdue)


def rows_of(draft: Draft, targets: m.Targets) -> Iterator[tuple[Target, Participant | None]]:
    """The rows that are meant, each as it is when its turn comes, with how to speak of it; None for what is no row."""
    if isinstance(targets, m.Everybody):
        yield from [(_named(row), row) for row in draft.rows() if _is_meant(row, targets)]
    else:
        yield from ((target, row_of(draft, target)) for target in targets)


def _named(row: Participant) -> Target:
    """As the roster shows it: a call that was never answered has no number there."""
    has_been_inside = row.progress in (Progress.JOINED, Progress.LEFT, Progress.KICKED)
    return Target(row.callid or "" if has_been_inside else "", row.key)


def row_of(draft: Draft, target: Target) -> Participant | None:
    """One that is named by both is both."""
    row = draft.row_of_call(target.callid) if target.callid else draft.find(target.key)
    return row if row and target.key in ("", row.key) else None


def _is_meant(row: Participant, everybody: m.Everybody) -> bool:
    match everybody.whom:
        case Whom.ALL:
            return True
        case Whom.ALL_BUT_MODERATORS:
            return row.role is not Role.MODERATOR
        case Whom.ALL_BUT_ME:
            return not row.id or row.id != everybody.me
