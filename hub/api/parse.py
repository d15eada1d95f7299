"""JSON as it may come in at either door: UTF-8, of a bounded size and depth, and no name twice in an object.

msgspec refuses all that is not JSON; depth and repeated names it lets pass, so these are looked for afterwards.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec

from hub.api.errors import ParseError
from hub.errors import TooLarge
from hub.push.limits import MAX_MESSAGE

MAX_DEPTH = 64
"""Lists and objects in one another: ten times what a batch of the deepest requests has, and far from what the
interpreter's stack can take wherever it stands."""


def read_json(message: bytes) -> Any:
    """Any JSON value. Raises TooLarge, or ParseError for all that is not JSON as described above."""
    if len(message) > MAX_MESSAGE:
        raise TooLarge(f"a message may have at most {MAX_MESSAGE} bytes", limit=MAX_MESSAGE, of="message")
    try:
        value = msgspec.json.decode(message)
        _check_depth(value)
        _check_names(message.decode())
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ParseError(f"cannot be read as JSON: {error}") from error
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
        if not below:
            return
        level = below
    if any(isinstance(each, dict | list) for each in level):
        raise _too_deep()


def _too_deep() -> ParseError:
    return ParseError(f"lists and objects may be {MAX_DEPTH} deep", limit=MAX_DEPTH, of="depth")


def _check_object(pairs: list[tuple[str, None]]) -> None:
    if len(dict(pairs)) != len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ParseError(f"the name {name[:100]!r} stands more than once in an object")


_check_names = json.JSONDecoder(object_pairs_hook=_check_object).decode
"""Which of two values was meant nobody can know, and msgspec would silently take the last."""
