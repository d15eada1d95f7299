"""What may be said to a conference, and what comes of it.

Command: asked of us. Fact: the provider told us. Event: happened and committed. Action: what we ask of the provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from hub.domain.model import Details, Kind, MuteMode, Participant, Progress, Role, Source
from hub.errors import HubError

PROVIDER = Source("provider", "provider")
HUB = Source("hub", "hub")
RECONCILER = Source("hub", "reconciler")


# Commands ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreateConference:
    by: Source


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to put on the roster; at least one of `id` and `number` is not empty. `role` None: as it was."""

    id: str
    number: str
    name: str
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class AddParticipants:
    people: tuple[Person, ...]
    by: Source
    limit: int


@dataclass(frozen=True, slots=True)
class InviteParticipants:
    people: tuple[Person, ...]
    by: Source
    limit: int


@dataclass(frozen=True, slots=True)
class CallEverybody:
    """Call everybody who has a number, is not connected and has not been inside."""

    by: Source


class Whom(StrEnum):
    """Rows meant together, of those for whom there is anything to do."""

    ALL = "all"
    ALL_BUT_MODERATORS = "all_but_moderators"
    ALL_BUT_ME = "all_but_me"


@dataclass(frozen=True, slots=True)
class Target:
    """One row: by the provider's number of its call, or by its key if that is empty."""

    callid: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Everybody:
    """`me` is the user id of whoever asks."""

    whom: Whom
    me: str = ""


Targets: TypeAlias = tuple[Target, ...] | Everybody


@dataclass(frozen=True, slots=True)
class ControlLegs:
    """Mute, unmute or kick."""

    kind: Kind
    targets: Targets
    by: Source


@dataclass(frozen=True, slots=True)
class Redial:
    """Call people again who could not be reached, left, or were removed."""

    targets: Targets
    by: Source


@dataclass(frozen=True, slots=True)
class CancelInvites:
    """Take back calls that wait; hang up on those that ring, as soon as somebody answers."""

    targets: tuple[Target, ...]
    by: Source


@dataclass(frozen=True, slots=True)
class RemoveParticipants:
    """Take rows off the roster that nobody is on."""

    targets: tuple[Target, ...]
    by: Source


@dataclass(frozen=True, slots=True)
class SettleParticipants:
    """Somebody who knows says of each of these rows whether they are inside (JOINED) or not (LEFT)."""

    targets: tuple[tuple[Target, Progress], ...]
    by: Source


@dataclass(frozen=True, slots=True)
class SetMuteMode:
    """Also mutes those it is meant for who are inside; leaving it unmutes nobody."""

    mode: MuteMode
    by: Source


@dataclass(frozen=True, slots=True)
class SetPassword:
    """An empty `pwd` is none."""

    pwd: str
    by: Source


@dataclass(frozen=True, slots=True)
class CheckClock:
    """The time of a reserved conference has come."""


@dataclass(frozen=True, slots=True)
class CheckIdle:
    """So long has passed since the start of a reserved conference that somebody should be in."""


@dataclass(frozen=True, slots=True)
class CheckLeg:
    """So long has passed since somebody was called that they should have answered."""

    leg: int


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """So long has passed since this was wanted, of the row with this key or of the conference, that it should be so."""

    number: int
    row: str = ""


@dataclass(frozen=True, slots=True)
class StopConference:
    by: Source


@dataclass(frozen=True, slots=True)
class BeginDial:
    """The hub is about to ask the provider for this leg: from here on its outcome may be unknown."""

    leg: int


@dataclass(frozen=True, slots=True)
class Recover:
    """The hub has restarted: dials that were being asked for when it stopped have an unknown outcome.

    `is_copy`: from a backup, so that what was still to be asked may long have been asked.
    """

    is_copy: bool = False


# Actions -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dial:
    """Call the number that the row has when its turn comes."""

    leg: int


@dataclass(frozen=True, slots=True)
class Control:
    """Mute, unmute or kick one call. `again`: it may have been asked and carried out before."""

    kind: Kind
    number: int
    callid: str
    by: Source
    again: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """See that the provider has the conference, now that it starts. `again`: after a while, it has just failed."""

    number: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Dismiss:
    """End the conference. `again` as in Open."""

    number: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Inquire:
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


@dataclass(frozen=True, slots=True)
class Later:
    """Say this to the conference after a while; the message sees for itself whether it still matters."""

    wait: Wait
    message: Check


@dataclass(frozen=True, slots=True)
class Over:
    """The conference has ended: nothing is to be said to it later."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the provider said does not fit: compare soon."""


Request: TypeAlias = Control | Open | Dismiss
"""What is asked of a conference or a call that exists, by the number of the command behind it."""

Action: TypeAlias = Dial | Request | Inquire | Later | Over | Doubt


# Facts ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DialAccepted:
    """The provider took the invitation and named the call."""

    leg: int
    callid: str | None


@dataclass(frozen=True, slots=True)
class DialFailed:
    """The invitation was refused, could not be sent (FAILED), or nobody knows (UNKNOWN)."""

    leg: int
    progress: Progress
    cause: str


@dataclass(frozen=True, slots=True)
class LegJoined:
    """Somebody is in the conference. `leg` is our own number where the callback carried it.

    `user` is the id of the user whose VoIP account `number` is.
    """

    leg: int | None
    callid: str | None
    number: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class LegFailed:
    """An invitation came to nothing; `progress` says how."""

    leg: int | None
    callid: str | None
    number: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class LegQuit:
    callid: str | None
    number: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class ConferenceReady:
    """The provider has the conference, under these numbers of its own; `is_new`: it was made for the start."""

    command: int
    number: str
    vid: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class CommandAccepted:
    action: Control | Dismiss


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """It was refused, could not be sent, or (`is_unknown`) nobody knows whether it was carried out."""

    action: Request
    cause: str
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class MuteReported:
    """A media result: the provider says that a mute or unmute took, or did not."""

    number: int | None
    callid: str | None
    kind: Kind
    succeeded: bool


@dataclass(frozen=True, slots=True)
class ConferenceStopped:
    """The platform has deleted the conference that has this number with it; `is_found`: nobody said so, it is gone."""

    number: str
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """So many are inside as the provider counts, and as it counted before."""

    count: int


@dataclass(frozen=True, slots=True)
class LegInquired:
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
    DialAccepted
    | DialFailed
    | LegJoined
    | LegFailed
    | LegQuit
    | ConferenceReady
    | CommandAccepted
    | CommandFailed
    | MuteReported
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


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered change. Carries the whole row or the whole details, never a diff: applying it twice is harmless."""

    seq: int
    type: EventType
    at: datetime
    by: Source
    cause: str | None
    participant: Participant | None = None
    conference: Details | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target of a batch: an error, a command still to be answered by the provider, or nothing to do.

    `target` is the row's call and key as the request named them, or the position of the person in it.
    """

    target: Target | int
    error: HubError | None = None
    command: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    events: tuple[Event, ...]
    actions: tuple[Action, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
