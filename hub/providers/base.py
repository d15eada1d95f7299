"""What the hub asks of a telephony provider, and what it hears back.

Every request raises ProviderRefused, ProviderUnreachable (certainly not done) or OutcomeUnknown (may have been done).
A provider repeats by itself only what was certainly not done: whether anything else is safe is for the caller to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from hub.domain.messages import Fact
from hub.domain.model import Kind, Progress


class CreatedConference(Struct, frozen=True):
    """`id` is the provider's number of the conference, `vid` what a VoIP client dials to enter it."""

    id: str
    vid: str


class Presence(StrEnum):
    """`UNCLEAR`: the provider knows the conference and does not say that it goes on."""

    ACTIVE = "active"
    UNCLEAR = "unclear"
    GONE = "gone"


class Standing(Struct, frozen=True):
    """How a conference stands at the provider; `members` are those it counts inside, where it says so."""

    presence: Presence
    members: int | None = None


class SubAccount(Struct, frozen=True):
    id: str
    token: str
    voip: str
    voip_pwd: str


class Notice(Struct, frozen=True):
    """A callback understood: which conference it speaks of and what it says. `fact` is None if it says nothing new."""

    conference: str
    fact: Fact | None


class Provider(Protocol):
    reminded_at_once: int
    """How many numbers one reminder may have."""

    async def sub_account(self, app: str, user: str) -> SubAccount: ...
    async def create_conference(self, *, reserved: bool) -> CreatedConference:
        """`reserved`: it stays although nobody comes for a long time."""

    async def dismiss(self, conference: str) -> None: ...
    async def dial(self, conference: str, leg: int, number: str) -> str | None:
        """The provider's callid, where it gave one. `leg` is our number; callbacks about the call carry it."""

    async def control(self, conference: str, kind: Kind, callid: str, number: int) -> None:
        """Mute, unmute or kick one call; `number` is the command's."""

    async def standing(self, conference: str) -> Standing: ...
    async def call_result(self, callid: str) -> Progress | None:
        """What became of a call: JOINED if it was answered, NO_ANSWER, FAILED; None while nobody knows."""

    async def remind(self, numbers: Sequence[str]) -> str:
        """Send the configured SMS to all of these; the provider's id of the message."""

    def read_callback(self, word: str, query: bytes, content_type: str, body: bytes) -> Notice | None:
        """None: not a callback that the hub knows. Pure."""

    def health(self) -> dict[str, str | None]:
        """{state: untried|ok|failing, error, since}."""

    async def close(self) -> None: ...
