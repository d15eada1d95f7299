"""What a client may be told, as one tree with one base and a closed list of codes.

HubError
├── InvalidParams         -32602
├── UnknownConference      1001
├── NotAllowed             1002
├── ConferenceEnded        1003
├── UnknownTarget          1004
├── ProviderError
│   ├── ProviderRefused     1005  it answered, and said no
│   ├── ProviderUnreachable 1006  certainly not done; trying again is safe
│   └── OutcomeUnknown      1007  asked, no usable answer; it may have happened
├── RosterFull             1008
├── NeedsSocket            1009
├── IdempotencyMismatch    1010
├── TimeInPast             1011
├── InvalidNumber          1012
├── Unauthenticated        1401
├── ForbiddenOrigin        1403
├── TooLarge               1413
├── TooMany                1429
└── StorageUnavailable     1503

Knows neither HTTP nor JSON-RPC: hub/api/errors.py gives each its place on the wire, and has those that only the wire
knows. StartRefused is for whoever starts the hub, and stands outside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self


class HubError(Exception):
    """Base of everything the hub raises on purpose. `data` travels to the client beside code, name and message."""

    code: ClassVar[int] = -32603
    name: ClassVar[str] = "internal_error"
    temporary: ClassVar[bool] = False

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(message or self.name.replace("_", " "))
        self.data: Mapping[str, Any] = data


class StartRefused(Exception):
    """The hub will not start like this; the message is a sentence for the operator."""


class InvalidParams(HubError):
    """A field is missing or of the wrong kind; `data.path` names it."""

    code, name = -32602, "invalid_params"


class UnknownConference(HubError):
    code, name = 1001, "unknown_conference"


class NotAllowed(HubError):
    """The credential is good and its role, its app or its user does not include this."""

    code, name = 1002, "not_allowed"


class ConferenceEnded(HubError):
    code, name = 1003, "conference_ended"


class UnknownTarget(HubError):
    code, name = 1004, "unknown_target"


class ProviderError(HubError):
    """A request to the provider did not succeed."""


class ProviderRefused(ProviderError):
    """The provider answered with a status other than success; `data` has its statusCode and statusMsg."""

    code, name = 1005, "provider_refused"


class ProviderUnreachable(ProviderError):
    """The request was certainly not carried out."""

    code, name, temporary = 1006, "provider_unreachable", True


class OutcomeUnknown(ProviderError):
    """The request was sent and no usable answer came: it may or may not have been carried out."""

    code, name = 1007, "outcome_unknown"


class RosterFull(HubError):
    code, name = 1008, "roster_full"


class NeedsSocket(HubError):
    code, name = 1009, "needs_socket"


class IdempotencyMismatch(HubError):
    """An idempotency key that was given before, to something else."""

    code, name = 1010, "idempotency_mismatch"


class TimeInPast(HubError):
    code, name = 1011, "time_in_past"


class InvalidNumber(HubError):
    code, name = 1012, "invalid_number"


class Unauthenticated(HubError):
    """No credential, or one that is unknown, has expired or was revoked: which of these is not said."""

    code, name = 1401, "unauthenticated"


class ForbiddenOrigin(HubError):
    code, name = 1403, "forbidden_origin"


class TooLarge(HubError):
    code, name = 1413, "too_large"


class TooMany(HubError):
    """More was asked for in a short time than is allowed; `data.retry_after_ms` says how long to wait."""

    code, name, temporary = 1429, "too_many", True

    @classmethod
    def after(cls, why: str, wait_s: float) -> Self:
        """Whoever waits so long may ask again."""
        retry_after_ms = math.ceil(wait_s * 1000)
        return cls(f"{why}: wait {retry_after_ms} ms", retry_after_ms=retry_after_ms)


class StorageUnavailable(HubError):
    code, name, temporary = 1503, "storage_unavailable", True
