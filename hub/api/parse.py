"""JSON as it may come in at either door: UTF-8, of a bounded size and depth, and no name twice in an object.

msgspec refuses all that is not JSON; depth and repeated names it lets pass, so these are looked for afterwards.
"""

from __future__ import annotations

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
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ParseError(f"cannot be read as JSON: {error}") from error
    if _members(value) != _colons(message):
        raise ParseError("a name stands more than once in an object")
    return value


def _members(value: Any) -> int:
    """Of all objects together, those that are left: of two with one name msgspec keeps the last. Raises ParseError."""
    members, level = 0, [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            kind = type(each)
            if kind is dict:
                members += len(each)
                below += each.values()
            elif kind is list:
                below += each
        if not below:
            return members
        level = below
    if any(isinstance(each, dict | list) for each in level):
        raise _too_deep()
    return members


def _too_deep() -> ParseError:
    return ParseError(f"lists and objects may be {MAX_DEPTH} deep", limit=MAX_DEPTH, of="depth")


def _colons(message: bytes) -> int:
    """Outside of texts, where every member has one. A second parser that looks for names costs twice as much."""
    without_escapes = message.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(without_escapes.split(b'"')[::2]).count(b":")
