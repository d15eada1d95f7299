"""What every operation answers, under the documented names; mypy holds the operations to it, and it is published."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from hub.domain.model import Kind, MuteMode, Progress, Role, State
from hub.store.base import Status

Moment = Annotated[str, Meta(description="ISO 8601 in UTC", extra_json_schema={"format": "date-time"})]

Reason = Literal["never watched", "unknown epoch", "ahead", "trimmed"]
"""Why a watch cannot go on where an earlier one stood."""


class Error(TypedDict):
    """`data` says more about some errors."""

    code: int
    name: str
    message: str
    data: NotRequired[dict[str, Any]]


# What there is -------------------------------------------------------------------------------------------------------


class Wanted(TypedDict):
    """The command in flight; `overdue`: what is wanted and what is so have differed for more than five seconds."""

    pending: Kind | None
    overdue: bool


class Uncertain(TypedDict):
    """How many are inside by the roster and as the platform counts: somebody is shown wrongly."""

    shown: int
    counted: int


class Conference(Wanted):
    """A conference, without its password. `muted`: who is muted when they come in."""

    id: str
    uid: str
    appid: str
    vid: str
    name: str
    time: str
    ctime: Moment
    hasPwd: bool
    startsAt: Moment | None
    state: State
    cause: str | None
    startedAt: Moment | None
    endedAt: Moment | None
    muted: MuteMode
    uncertain: Uncertain | None


class ConferenceWithPassword(Conference):
    """A conference with its password."""

    pwd: str


class Counts(TypedDict):
    inside: int
    people: int


class CountedConference(Conference):
    """A conference with how many people are inside, and how many on its roster."""

    counts: Counts


class Participant(Wanted):
    """A person on the roster, with their call. `state`: 0 not connected, 1 inside, 2 hung up or removed.

    The times are those of the call: waiting, asked for, answered, hung up, over. `duration` is in seconds, inside.
    """

    key: str
    callid: NotRequired[str]
    id: str
    number: str
    name: str
    role: Role
    state: Literal[0, 1, 2]
    progress: Progress
    muted: bool
    cause: str | None
    attempt: int
    queuedAt: Moment | None
    dialedAt: Moment | None
    joinedAt: Moment | None
    leftAt: Moment | None
    endedAt: Moment | None
    duration: float | None
    unidentified: bool


class Event(TypedDict):
    """One change of a conference, with the whole row or the whole conference after it.

    `actor` is who caused it, `origin` what they came by: a credential, `provider`, `hub` or `reconciler`.
    """

    id: str
    epoch: str
    seq: int
    type: str
    at: Moment
    actor: str
    origin: str
    cause: str | None
    participant: NotRequired[Participant]
    conference: NotRequired[Conference]


class Account(TypedDict):
    """A user's sub-account at the platform."""

    id: str
    token: str
    voip: str
    voipPwd: str


# What is answered ----------------------------------------------------------------------------------------------------


class GotUser(TypedDict):
    user: Account


class Conferences(TypedDict):
    confs: list[CountedConference]


class Roster(TypedDict):
    id: str
    users: list[Participant]


class Created(TypedDict):
    id: str
    vid: str


class Done(TypedDict):
    """That it succeeded is all there is to say."""


class Fate(TypedDict):
    ok: bool
    error: NotRequired[Error]


class FateOfPerson(Fate):
    id: str
    number: str


class FateOfCall(Fate):
    callid: NotRequired[str]
    key: NotRequired[str]


class FateOfNotice(Fate):
    """`mps`: the numbers that went out together."""

    mps: str


class People(TypedDict):
    results: list[FateOfPerson]


class Calls(TypedDict):
    results: list[FateOfCall]


class Notices(TypedDict):
    results: list[FateOfNotice]


class Watched(TypedDict):
    """Where it does not resume (`recovered` is false) it says why, and how everything stands at `seq`."""

    id: str
    epoch: str
    seq: int
    recovered: bool
    reason: NotRequired[Reason]
    conference: NotRequired[Conference]
    participants: NotRequired[list[Participant]]


class Unwatched(TypedDict):
    id: str
    watched: bool


class Events(TypedDict):
    """`seq`: where the log stands; `more`: it goes on after these. `trimmed`: the last of the events that would have
    come first and are gone."""

    events: list[Event]
    seq: int
    more: bool
    trimmed: NotRequired[int]


class Pong(TypedDict):
    at: Moment


class Authenticated(TypedDict):
    """Who that is: `appid` null stands for all apps, `id` (the conference) null for all conferences of the app."""

    role: str
    uid: str
    appid: str | None
    id: str | None
    expiresAt: Moment | None


class SignedIn(TypedDict):
    """`token`: what the browser shows from now on."""

    token: str
    role: str
    uid: str
    appid: str | None
    expiresAt: Moment


class Ticket(TypedDict):
    ticket: str
    expiresAt: Moment


class Token(TypedDict):
    """`link` signs in whoever opens it."""

    token: str
    link: str
    expiresAt: Moment


class NewKey(TypedDict):
    """`key` is shown this once."""

    id: str
    appid: str | None
    key: str


class Key(TypedDict):
    """`appid` null: an admin's."""

    id: str
    appid: str | None
    createdAt: Moment
    revokedAt: Moment | None


class Keys(TypedDict):
    keys: list[Key]


class Entry(TypedDict):
    """Who did what, or was not let: `outcome` is `ok` or the name of an error. See docs/security.md."""

    n: int
    at: Moment
    appid: str | None
    conference: str | None
    operation: str
    actor: str
    credential: str
    address: str
    request: str
    outcome: str
    cause: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(TypedDict):
    """`more`: there are entries after these."""

    entries: list[Entry]
    more: bool


class Callback(TypedDict):
    """A callback of the platform's. `state`: applied, ignored, unmatched (no such conference), failed, set aside.

    `attempts` failed so far, the last of them with `error`. Phone numbers in `word` and `said` are masked.
    """

    n: int
    at: Moment
    word: str
    conference: str | None
    state: Status
    attempts: int
    error: str | None
    said: str


class InboxPage(TypedDict):
    """`more`: there are older ones; `failed`: how many are being tried again; `setAside`: how many no more."""

    callbacks: list[Callback]
    more: bool
    failed: int
    setAside: int


class Retried(TypedDict):
    """`count`: callbacks that are tried again."""

    count: int


Document = TypedDict(
    "Document",
    {
        "openrpc": str,
        "info": dict[str, str],
        "methods": list[dict[str, Any]],
        "components": dict[str, dict[str, Any]],
        "x-notifications": list[dict[str, Any]],
    },
)


# What is told unasked ------------------------------------------------------------------------------------------------


class Position(TypedDict):
    id: str
    epoch: str
    seq: int


class Watcher(TypedDict):
    """Somebody who watches a conference, however many windows they have open."""

    uid: str
    role: str


class Signal(TypedDict):
    """`watchers`: who watches the conference `id`; `expiring`: the credential of this connection runs out."""

    type: Literal["watchers", "expiring"]
    id: NotRequired[str]
    epoch: NotRequired[str]
    watchers: NotRequired[list[Watcher]]
    count: NotRequired[int]
    expiresAt: NotRequired[Moment]
