"""What every operation takes. The documented ones ignore what they do not know, the others refuse it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from hub.domain.messages import Whom
from hub.domain.model import MuteMode, Role

MAX_PAGE = 1000

ConferenceId = Annotated[str, Meta(min_length=1, max_length=128, description="the conference, by its number")]
UserId = Annotated[str, Meta(min_length=1, max_length=128, description="a user, by the app's own id")]
Operator = Annotated[str, Meta(min_length=1, max_length=128, description="the user who does it")]
AppId = Annotated[str, Meta(min_length=1, max_length=128, description="the app")]
Number = Annotated[str, Meta(max_length=64, description="a phone number, as people write it")]
Name = Annotated[str, Meta(max_length=256, description="as it is shown")]
Password = Annotated[str, Meta(max_length=256, description="empty: none")]
Time = Annotated[str, Meta(max_length=256, description="when it starts; empty: now. In ISO 8601 or Unix seconds")]
Target = Annotated[Whom | None, Meta(description="everybody for whom there is anything to do, instead of a list")]
Seq = Annotated[int, Meta(ge=0, le=2**63 - 1, description="the number of an event")]


class OfUser(Struct):
    id: UserId
    appid: AppId


class OfConference(Struct):
    id: ConferenceId


class CreateConf(Struct):
    id: UserId
    appid: AppId
    name: Name = ""
    time: Time = ""
    pwd: Password = ""
    autocall: Annotated[bool, Meta(description="call everybody on the roster when it starts")] = False


class ByUser(Struct):
    id: ConferenceId
    uid: Operator
    appid: AppId


class Invited(Struct):
    """Somebody with an `id` or a `number`."""

    id: Annotated[str, Meta(max_length=128)] = ""
    number: Number = ""
    name: Name = ""
    role: Annotated[Role | None, Meta(description="in the conference; absent: as it was, or a participant's")] = None


class WithPeople(ByUser):
    users: list[Invited]


class Called(Struct):
    """A row, by one of `callid` and `key`."""

    callid: Annotated[str, Meta(max_length=128, description="one call, by the platform's number of it")] = ""
    key: Annotated[str, Meta(max_length=32, description="a row of the roster, by its key")] = ""


class WithCalls(ByUser):
    """One of `users` and `target`; an empty list is nobody."""

    users: list[Called] | None = None
    target: Annotated[
        Whom | None, Meta(description="everybody for whom there is anything to do, instead of a list")
    ] = None


class Row(Called, forbid_unknown_fields=True):
    """A row, by one of `callid` and `key`."""


class WithRows(ByUser, forbid_unknown_fields=True):
    users: list[Row]


class Settled(Row, forbid_unknown_fields=True, kw_only=True):
    """A row, by one of `callid` and `key`, and what is so."""

    progress: Annotated[Literal["joined", "left"], Meta(description="whether they are inside")]


class SettleUser(ByUser, forbid_unknown_fields=True):
    users: list[Settled]


class RedialConf(ByUser, forbid_unknown_fields=True):
    """One of `users` and `target`; an empty list is nobody."""

    users: list[Row] | None = None
    target: Target = None


class ModeConf(ByUser, forbid_unknown_fields=True):
    muted: Annotated[MuteMode, Meta(description="who is muted, now and when they come in")]


class PwdConf(ByUser):
    pwd: Password


class SendNotice(Struct):
    mps: Annotated[str, Meta(description="phone numbers with commas between them")]


class WatchConf(Struct, forbid_unknown_fields=True):
    id: ConferenceId
    epoch: Annotated[str, Meta(description="of the last event seen in an earlier watch")] | None = None
    seq: Seq | None = None


class UnwatchConf(Struct, forbid_unknown_fields=True):
    id: ConferenceId


class GetEvents(Struct, forbid_unknown_fields=True):
    id: ConferenceId
    after: Seq = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="events at most")] = 500


# Who may, and who did -------------------------------------------------------------------------------------------------

LONGEST_TTL_S = 24 * 3600

Credential = Annotated[str, Meta(min_length=1, max_length=8192)]
Ticket = Annotated[str, Meta(min_length=1, max_length=128, description="works once")]
PersonRole = Literal["owner", "moderator", "listener"]


class Authenticate(Struct, forbid_unknown_fields=True):
    """One of `token` and `ticket`."""

    token: Annotated[Credential, Meta(description="a token, or a key")] | None = None
    ticket: Ticket | None = None
    uid: Annotated[str, Meta(max_length=128, description="with a key, who holds it")] = ""


class SignIn(Struct, forbid_unknown_fields=True):
    """One of `key` and `ticket`."""

    key: Credential | None = None
    ticket: Annotated[Ticket, Meta(description="of a sign-in link")] | None = None
    uid: Annotated[str, Meta(max_length=128, description="who signs in")] = ""


class CreateToken(Struct, forbid_unknown_fields=True):
    id: ConferenceId
    uid: Annotated[UserId, Meta(description="whose token it is")]
    role: PersonRole = "moderator"
    ttl: Annotated[int, Meta(ge=1, le=LONGEST_TTL_S, description="seconds that it is good for")] = 3600


class CreateKey(Struct, forbid_unknown_fields=True):
    """One of `app` and `admin`."""

    app: AppId | None = None
    admin: Annotated[bool, Meta(description="for all apps, and for what is the operator's")] = False


class RevokeKey(Struct, forbid_unknown_fields=True):
    id: Annotated[str, Meta(min_length=1, max_length=64, description="the key, by its id")]


class GetAudit(Struct, forbid_unknown_fields=True):
    id: ConferenceId | None = None
    after: Seq = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="entries at most")] = 500


# What the provider reported ------------------------------------------------------------------------------------------


class GetInbox(Struct, forbid_unknown_fields=True):
    all: Annotated[bool, Meta(description="those that went well too")] = False
    before: Annotated[Seq, Meta(description="callbacks older than this one")] = 2**63 - 1
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="callbacks at most")] = 100


class RetryCallback(Struct, forbid_unknown_fields=True):
    n: Annotated[Seq, Meta(description="the callback, by its number")] | None = None


class Nothing(Struct, forbid_unknown_fields=True):
    pass
