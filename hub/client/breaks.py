"""Why there is no connection, and how long to wait before the next one. Pure but for its dice."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

from websockets.http11 import Response

from hub.client.errors import RpcError, seconds

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
NOTHING_SAID = 1006
FINAL_CLOSES = range(4500, 5000)
TRIED_AGAIN = (408, 429)
UNAUTHENTICATED = 1401
FOR_NOW = (1429, 1503, -32603)
"""What the hub says of a moment and not of a credential."""


@dataclass(frozen=True, slots=True)
class Break:
    """`at_least_s`: the hub does not want to see us before; `is_final`: nor ever."""

    reason: str
    at_least_s: float = 0.0
    is_final: bool = False


class Broken(Exception):
    """There is no use in going on with this connection. Never leaves the client."""

    def __init__(self, broken: Break) -> None:
        super().__init__(broken.reason)
        self.broken = broken


def of_close(code: int, reason: str) -> Break:
    """The codes are those of docs/clients.md; the reason of 4029 is JSON with `retry_after_ms`."""
    why = "the connection broke" if code == NOTHING_SAID else f"closed with {code} {reason}".rstrip()
    return Break(why, seconds(_read(reason).get("retry_after_ms")), code in FINAL_CLOSES)


def of_denial(response: Response) -> Break:
    """A handshake that was answered with something else than 101. What is wrong with us stays wrong: 4xx is final."""
    status = response.status_code
    error = _object(_read(response.body).get("error"))
    waits = (seconds(_object(error.get("data")).get("retry_after_ms")), _header(response, "Retry-After"))
    is_final = 400 <= status < 500 and status not in TRIED_AGAIN
    said = error.get("message") or response.reason_phrase
    return Break(f"denied with HTTP {status}: {said}", max(waits), is_final)


def of_refusal(error: RpcError, is_renewable: bool) -> Break:
    """The hub's answer to a credential. Another one may be good; what else is wrong with us stays wrong."""
    is_final = error.code not in FOR_NOW and not (error.code == UNAUTHENTICATED and is_renewable)
    return Break(error.message, error.retry_after_s, is_final)


def jitter(attempts: int) -> float:
    """Seconds to wait after so many attempts in a row that came to nothing: anything up to a limit that doubles."""
    return random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 10)))


def _header(response: Response, name: str) -> float:
    value = response.headers.get(name, "")
    return float(value) if value.isdecimal() else 0.0


def _read(text: str | bytes | bytearray) -> dict[str, Any]:
    try:
        return _object(json.loads(text))
    except ValueError:
        return {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
