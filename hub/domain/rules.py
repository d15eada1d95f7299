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

The actor of an event is whoever caused it: the moderator whose kick was accepted, the provider whose caller hung up,
the hub itself when it settles what a restart left open.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from hub.domain import control, legs
from hub.domain import messages as m
from hub.domain.lifecycle import Draft
from hub.domain.messages import HUB, PROVIDER, Decision, EventType
from hub.domain.model import Conference, Kind, Progress, State
from hub.errors import ConferenceEnded


def decide(conference: Conference, message: m.Message, at: datetime) -> Decision:
    """The events a message leads to, the actions to take once they are committed, and each target's outcome.

    `at` is UTC. Raises ConferenceEnded for a command that needs a running conference.
    """
    draft = Draft(conference, at)
    match message:
        case m.CreateConference():
            draft.conference(EventType.CONFERENCE_CREATED, message.actor)
            draft.conference(EventType.CONFERENCE_STARTED, message.actor, state=State.ACTIVE, started_at=at)
        case m.AddParticipants():
            _require_running(draft)
            legs.put_on_roster(draft, message, dial=False)
        case m.InviteParticipants():
            _require_running(draft)
            legs.put_on_roster(draft, message, dial=True)
        case m.ControlLegs():
            _require_running(draft)
            control.control(draft, message)
        case m.StopConference():
            control.stop(draft, message)
        case m.BeginDial():
            legs.begin_dial(draft, message)
        case m.Recover():
            legs.lose_open_dials(draft)
        case m.DialAccepted():
            legs.accept_dial(draft, message)
        case m.DialFailed():
            legs.fail_leg(draft, draft.row_of_leg(message.leg), message.leg, message.progress, HUB, message.cause)
        case m.LegJoined():
            legs.join(draft, message)
        case m.LegFailed():
            row, leg = legs.find_leg(draft, message.leg, message.callid, message.number)
            legs.fail_leg(draft, row, leg, message.progress, PROVIDER, message.progress.value)
        case m.LegQuit():
            legs.quit(draft, message)
        case m.CommandAccepted():
            control.accept_command(draft, message.action)
        case m.CommandFailed():
            control.fail_command(draft, message)
        case m.MuteReported():
            control.report_mute(draft, message)
        case m.ConferenceStopped():
            control.end(draft, PROVIDER, "ended_by_provider")
        case _:
            assert_never(message)
    return draft.decision()


def outstanding(conference: Conference) -> tuple[m.Action, ...]:
    """What is still to be asked of the provider, read off the committed state: what a restart has to take up again.

    All but a dial may safely be asked twice; a dial is in this list only while it was certainly not asked.
    """
    actions: list[m.Action] = []
    if conference.details.pending:
        actions.append(m.Dismiss(conference.details.pending.number))
    for row in conference.participants.values():
        if row.pending and row.pending.kind is not Kind.INVITE and row.callid:
            pending = row.pending
            actions.append(m.Control(pending.kind, pending.number, row.callid, pending.actor, again=True))
        elif row.progress is Progress.QUEUED and not row.pending:
            actions.append(m.Dial(row.leg, row.number))
    return tuple(actions)


def _require_running(draft: Draft) -> None:
    if draft.details.state is State.ENDED:
        raise ConferenceEnded(f"conference {draft.details.id} has ended")
