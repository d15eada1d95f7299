"""decide(): what a message does to a conference.

A participant is a row, and a row lives from call to call. Each call attempt is a *leg* with a number of our own, which
we hand to the provider in the callback words, so that whatever comes back names its leg: before the answer to the
invitation, after that answer was lost, or years late. The provider's own callid is the second way to find a leg and
the phone number the last, for people who dial in by themselves.

A leg goes one way through the table in lifecycle.py and ends once. What arrives about a leg that is over, or that is
no longer the row's, is stale: it is recorded by whoever received it, and it changes nothing here.

What a moderator wants and what is so are two things. A command is first `pending` on its row; only the provider's
acceptance, or its report, changes `muted` or `progress`. Commands are numbered: an outcome older than one already
known is ignored, a report of failure after acceptance takes the change back, with its own event.

A reserved conference waits for its time, and so do the calls of those invited to it. The provider was asked for it at
once and may have forgotten it by then: so the start first sees to it that it is there.

The actor of an event is whoever caused it: the moderator whose kick was accepted, the provider whose caller hung up,
the hub itself when it settles what a restart left open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from hub.domain import control, course, legs, roster, wants
from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import PROVIDER, Decision
from hub.domain.model import Conference, Kind, Participant, Progress, State
from hub.errors import ConferenceEnded


def decide(conference: Conference, message: m.Message, at: datetime) -> Decision:
    """The events a message leads to, the actions to take once they are committed, and each target's outcome.

    `at` is UTC. Raises ConferenceEnded for a command that needs a running conference.
    """
    draft = Draft(conference, at)
    if isinstance(message, m.Fact):
        _hear(draft, message)
    else:
        _obey(draft, message)
    if not isinstance(message, m.Recover):
        course.review(draft)
    return draft.decision()


def _obey(draft: Draft, message: m.Command) -> None:
    if isinstance(message, _NEEDS_RUNNING) and draft.details.state is State.ENDED:
        raise ConferenceEnded(f"conference {draft.details.id} has ended")
    match message:
        case m.CreateConference():
            course.create(draft, message.by)
        case m.SetPassword():
            course.set_password(draft, message)
        case m.CheckClock():
            course.start(draft)
        case m.CheckIdle():
            course.check_idle(draft)
        case m.CheckLeg():
            legs.check_leg(draft, message.leg)
        case m.CheckCommand():
            if message.row:
                wants.check(draft, message)
            else:
                course.check_command(draft, message.number)
        case m.StopConference():
            course.stop(draft, message)
        case m.AddParticipants():
            roster.put_on_roster(draft, message, dial=False)
        case m.InviteParticipants():
            roster.put_on_roster(draft, message, dial=True)
        case m.CallEverybody():
            roster.call_everybody(draft, message.by)
        case m.ControlLegs():
            control.control(draft, message)
        case m.SetMuteMode():
            control.set_mute_mode(draft, message)
        case m.Redial():
            roster.redial(draft, message)
        case m.CancelInvites():
            roster.cancel(draft, message)
        case m.RemoveParticipants():
            roster.remove(draft, message)
        case m.SettleParticipants():
            roster.settle(draft, message)
        case m.BeginDial():
            legs.begin_dial(draft, message)
        case m.Recover():
            legs.lose_open_dials(draft, is_copy=message.is_copy)
            course.recover(draft, is_copy=message.is_copy)
        case _:
            assert_never(message)


_NEEDS_RUNNING = (
    m.AddParticipants
    | m.InviteParticipants
    | m.CallEverybody
    | m.ControlLegs
    | m.Redial
    | m.CancelInvites
    | m.RemoveParticipants
    | m.SettleParticipants
    | m.SetMuteMode
    | m.SetPassword
)


def _hear(draft: Draft, fact: m.Fact) -> None:
    match fact:
        case m.MuteReported():
            control.report_mute(draft, fact)
        case m.LegJoined():
            legs.join(draft, fact)
        case m.LegQuit():
            legs.quit(draft, fact)
        case m.LegFailed():
            found = legs.find_leg(draft, fact.leg, fact.callid, fact.number)
            legs.fail_leg(draft, found.row, found.leg, fact.progress, PROVIDER, fact.progress.value)
        case m.ConferenceReady():
            course.ready(draft, fact)
        case m.ConferenceStopped():
            course.stopped(draft, fact)
        case m.Counted():
            course.compare(draft, fact)
        case m.DialAccepted():
            legs.accept_dial(draft, fact)
        case m.DialFailed():
            legs.fail_dial(draft, fact)
        case m.LegInquired():
            legs.conclude(draft, fact)
        case m.CommandAccepted():
            _accept(draft, fact.action)
        case m.CommandFailed():
            _fail(draft, fact, fact.action)
        case _:
            assert_never(fact)


def _accept(draft: Draft, action: m.Control | m.Dismiss) -> None:
    if isinstance(action, m.Control):
        control.accept(draft, action)
    else:
        course.end(draft, PROVIDER, "stopped")


def _fail(draft: Draft, fact: m.CommandFailed, action: m.Request) -> None:
    if isinstance(action, m.Control):
        control.fail(draft, action, fact.cause, is_unknown=fact.is_unknown)
    else:
        course.fail(draft, action, fact.cause, is_unknown=fact.is_unknown)


def outstanding(conference: Conference) -> tuple[m.Action, ...]:
    """What is still to be asked of the provider, read off the committed state: what a restart has to take up again.

    All but a dial may safely be asked twice; a dial is in this list only while it was certainly not asked. Whatever is
    waited for is waited for anew.
    """
    actions: list[m.Action] = []
    if pending := conference.details.pending:
        actions.append(m.Open(pending.number) if pending.kind is Kind.START else m.Dismiss(pending.number))
        actions.append(m.Later(m.Wait.SETTLE, m.CheckCommand(pending.number)))
    if conference.details.starts_at and conference.details.state is State.ACTIVE:
        actions.append(course.IDLE)
    for row in conference.participants.values():
        actions += _outstanding_of(row, has_started=conference.details.state is not State.SCHEDULED)
    return tuple(actions)


def _outstanding_of(row: Participant, *, has_started: bool) -> Iterator[m.Action]:
    if row.progress in (Progress.DIALING, Progress.UNKNOWN):
        yield m.Later(m.Wait.RING, m.CheckLeg(row.leg))
    elif row.progress is Progress.QUEUED and has_started and not row.pending:
        yield m.Dial(row.leg)
    elif row.progress is Progress.JOINED and row.pending:
        yield m.Later(m.Wait.SETTLE, m.CheckCommand(row.pending.number, row.key))
        if row.callid:
            yield m.Control(row.pending.kind, row.pending.number, row.callid, row.pending.by, again=True)
