"""What may be said to a conference, and what comes of it.

Command: asked of us. Fact: the provider told us. Event: happened and committed. Action: what we ask of the provider.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from hub.domain.model import Details, Kind, MuteMode, Participant, Progress, Role, Source
from hub.errors import HubError

PROVIDER = Source("provider", "provider")
HUB = Source("hub", "hub")
RECONCILER = Source("hub", "reconciler")


# Commands ------------------------------------------------------------------------------------------------------------


class CreateConference(Struct, frozen=True):
    by: Source


class Person(Struct, frozen=True):
    """Somebody to put on the roster; at least one of `id` and `number` is not empty. `role` None: as it was."""

    id: str
    number: str
    name: str
    role: Role | None = None


class AddParticipants(Struct, frozen=True):
    people: tuple[Person, ...]
    by: Source
    limit: int


class InviteParticipants(Struct, frozen=True):
    people: tuple[Person, ...]
    by: Source
    limit: int


class CallEverybody(Struct, frozen=True):
    """Call everybody who has a number, is not connected and has not been inside."""

    by: Source


class Whom(StrEnum):
    """Rows meant together, of those for whom there is anything to do."""

    ALL = "all"
    ALL_BUT_MODERATORS = "all_but_moderators"
    ALL_BUT_ME = "all_but_me"


class Target(Struct, frozen=True):
    """One row: by the provider's number of its call, or by its key if that is empty."""

    callid: str = ""
    key: str = ""


class Everybody(Struct, frozen=True):
    """`me` is the user id of whoever asks."""

    whom: Whom
    me: str = ""


Targets: TypeAlias = tuple[Target, ...] | Everybody


class ControlLegs(Struct, frozen=True):
    """Mute, unmute or kick."""

    kind: Kind
    targets: Targets
    by: Source


class Redial(Struct, frozen=True):
    """Call people again who could not be reached, left, or were removed."""

    targets: Targets
    by: Source


class CancelInvites(Struct, frozen=True):
    """Take back calls that wait; hang up on those that ring, as soon as somebody answers."""

    targets: tuple[Target, ...]
    by: Source


class RemoveParticipants(Struct, frozen=True):
    """Take rows off the roster that nobody is on."""

    targets: tuple[Target, ...]
    by: Source


class SettleParticipants(Struct, frozen=True):
    """Somebody who knows says of each of these rows whether they are inside (JOINED) or not (LEFT)."""

    targets: tuple[tuple[Target, Progress], ...]
    by: Source


class SetMuteMode(Struct, frozen=True):
    """Also mutes those it is meant for who are inside; leaving it unmutes nobody."""

    mode: MuteMode
    by: Source


class SetPassword(Struct, frozen=True):
    """An empty `pwd` is none."""

    pwd: str
    by: Source


class CheckClock(Struct, frozen=True):
    """The time of a reserved conference has come."""


class CheckIdle(Struct, frozen=True):
    """So long has passed since the start of a reserved conference that somebody should be in."""


class CheckLeg(Struct, frozen=True):
    """So long has passed since somebody was called that they should have answered."""

    leg: int


class CheckCommand(Struct, frozen=True):
    """So long has passed since this was wanted, of the row with this key or of the conference, that it should be so."""

    number: int
    row: str = ""


class StopConference(Struct, frozen=True):
    by: Source


class BeginDial(Struct, frozen=True):
    """The hub is about to ask the provider for this leg: from here on its outcome may be unknown."""

    leg: int


class Recover(Struct, frozen=True):
    """The hub has restarted: dials that were being asked for when it stopped have an unknown outcome.

    `is_copy`: from a backup, so that what was still to be asked may long have been asked.
    """

    is_copy: bool = False


# Actions -------------------------------------------------------------------------------------------------------------


class Dial(Struct, frozen=True):
    """Call the number that the row has when its turn comes."""

    leg: int


class Control(Struct, frozen=True):
    """Mute, unmute or kick one call. `again`: it may have been asked and carried out before."""

    kind: Kind
    number: int
    callid: str
    by: Source
    again: bool = False


class Open(Struct, frozen=True):
    """See that the provider has the conference, now that it starts. `again`: after a while, it has just failed."""

    number: int
    again: bool = False


class Dismiss(Struct, frozen=True):
    """End the conference. `again` as in Open."""

    number: int
    again: bool = False


class Inquire(Struct, frozen=True):
    """Ask what became of a call, and how many are inside."""

    leg: int
    callid: str | None


Check: TypeAlias = CheckLeg | CheckCommand | CheckIdle
"""What is said later."""


class Wait(StrEnum):
    RING = "ring"
    """How long a phone may ring."""

    SETTLE = "settle"
    """How long what is wanted and what is so may differ."""

    IDLE = "idle"
    """How long a reserved conference that has started may be empty."""


class Later(Struct, frozen=True):
    """Say this to the conference after a while; the message sees for itself whether it still matters."""

    wait: Wait
    message: Check


class Over(Struct, frozen=True):
    """The conference has ended: nothing is to be said to it later."""


class Doubt(Struct, frozen=True):
    """Something the provider said does not fit: compare soon."""


Request: TypeAlias = Control | Open | Dismiss
"""What is asked of a conference or a call that exists, by the number of the command behind it."""

Action: TypeAlias = Dial | Request | Inquire | Later | Over | Doubt


# Facts ---------------------------------------------------------------------------------------------------------------


class DialAccepted(Struct, frozen=True):
    """The provider took the invitation and named the call."""

    leg: int
    callid: str | None


class DialFailed(Struct, frozen=True):
    """The invitation was refused, could not be sent (FAILED), or nobody knows (UNKNOWN)."""

    leg: int
    progress: Progress
    cause: str


class LegJoined(Struct, frozen=True):
    """Somebody is in the conference. `leg` is our own number where the callback carried it.

    `user` is the id of the user whose VoIP account `number` is.
    """

    leg: int | None
    callid: str | None
    number: str
    user: str = ""


class LegFailed(Struct, frozen=True):
    """An invitation came to nothing; `progress` says how."""

    leg: int | None
    callid: str | None
    number: str
    progress: Progress


class LegQuit(Struct, frozen=True):
    callid: str | None
    number: str
    user: str = ""


class ConferenceReady(Struct, frozen=True):
    """The provider has the conference, under these numbers of its own; `is_new`: it was made for the start."""

    command: int
    number: str
    vid: str
    is_new: bool = False


class CommandAccepted(Struct, frozen=True):
    action: Control | Dismiss


class CommandFailed(Struct, frozen=True):
    """It was refused, could not be sent, or (`is_unknown`) nobody knows whether it was carried out."""

    action: Request
    cause: str
    is_unknown: bool = False


class MuteReported(Struct, frozen=True):
    """A media result: the provider says that a mute or unmute took, or did not."""

    number: int | None
    callid: str | None
    kind: Kind
    succeeded: bool


class ConferenceStopped(Struct, frozen=True):
    """The platform has deleted the conference that has this number with it; `is_found`: nobody said so, it is gone."""

    number: str
    is_found: bool = False


class Counted(Struct, frozen=True):
    """So many are inside as the provider counts, and as it counted before."""

    count: int


class LegInquired(Struct, frozen=True):
    """What the provider says became of a call, and how many it counts inside; None where it does not say."""

    leg: int
    result: Progress | None
    count: int | None


Command: TypeAlias = (
    CreateConference
    | AddParticipants
    | InviteParticipants
    | CallEverybody
    | ControlLegs
    | Redial
    | CancelInvites
    | RemoveParticipants
    | SettleParticipants
    | SetMuteMode
    | SetPassword
    | CheckClock
    | CheckIdle
    | CheckLeg
    | CheckCommand
    | StopConference
    | BeginDial
    | Recover
)
Fact: TypeAlias = (
    MuteReported
    | LegJoined
    | LegQuit
    | LegFailed
    | DialAccepted
    | DialFailed
    | ConferenceReady
    | CommandAccepted
    | CommandFailed
    | ConferenceStopped
    | Counted
    | LegInquired
)
Message: TypeAlias = Command | Fact


# Events --------------------------------------------------------------------------------------------------------------


class EventType(StrEnum):
    CONFERENCE_CREATED = "conference.created"
    CONFERENCE_STARTED = "conference.started"
    CONFERENCE_CHANGED = "conference.changed"
    CONFERENCE_ENDED = "conference.ended"
    PARTICIPANT_ADDED = "participant.added"
    PARTICIPANT_QUEUED = "participant.queued"
    PARTICIPANT_DIALING = "participant.dialing"
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    PARTICIPANT_KICKED = "participant.kicked"
    PARTICIPANT_FAILED = "participant.failed"
    PARTICIPANT_MUTED = "participant.muted"
    PARTICIPANT_UNMUTED = "participant.unmuted"
    PARTICIPANT_CHANGED = "participant.changed"
    PARTICIPANT_REMOVED = "participant.removed"


class Event(Struct, frozen=True):
    """One numbered change. Carries the whole row or the whole details, never a diff: applying it twice is harmless."""

    seq: int
    type: EventType
    at: datetime
    by: Source
    cause: str | None
    participant: Participant | None = None
    conference: Details | None = None


class Outcome(Struct, frozen=True):
    """What became of one target of a batch: an error, a command still to be answered by the provider, or nothing to do.

    `target` is the row's call and key as the request named them, or the position of the person in it.
    """

    target: Target | int
    error: HubError | None = None
    command: int | None = None


class Decision(Struct, frozen=True):
    events: tuple[Event, ...]
    actions: tuple[Action, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
