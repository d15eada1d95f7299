"""What a client raises.

ClientError
├── RpcError        the hub said no
├── ConnectionLost  sent, and no answer came: it may or may not have happened
└── Offline         never sent: it has not happened
    └── Refused     and never will be: the hub does not want this client back
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Base of everything that is raised on purpose."""


class RpcError(ClientError):
    """The hub said no. `code`, `name`, `message` and `data` are those of docs/api.md."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code = int(error["code"])
        self.message = str(error.get("message", ""))
        self.data: Mapping[str, Any] = error.get("data") or {}
        self.name = str(self.data.get("name", "error"))
        super().__init__(f"{self.name}: {self.message}")

    @property
    def retry_after_s(self) -> float:
        """Before so long it is of no use to ask again."""
        return seconds(self.data.get("retry_after_ms"))


class ConnectionLost(ClientError):
    """The connection broke before the answer: what was asked may or may not have happened."""


class Offline(ClientError):
    """There was no connection: what was asked has not happened."""


class Refused(Offline):
    """The hub closed with a final code, or denied the handshake or the credential: nothing is tried again."""


def seconds(milliseconds: object) -> float:
    """Of what the hub says in milliseconds; 0 where it says nothing of use."""
    return max(0.0, milliseconds / 1000) if isinstance(milliseconds, int | float) else 0.0
