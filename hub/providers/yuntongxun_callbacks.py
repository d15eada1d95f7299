"""Callbacks of 云通讯: bytes to facts, pure.

Where the parameters travel is not documented: query string, form body and XML body are all taken [5.2]. The last word
of the path says which notice it is and carries our own number; callid and number are what the platform adds [5.3].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from hub.domain.messages import ConferenceStopped, Fact, LegFailed, LegJoined, LegQuit, MuteReported
from hub.domain.model import Kind, Progress
from hub.providers import yuntongxun_xml
from hub.providers.base import Notice

Fields = Mapping[str, str]

_NUMBER = re.compile(r"[0-9]{0,18}")

RESULTS = {"1": Progress.NO_ANSWER, "2": Progress.FAILED, "3": Progress.BUSY, "4": Progress.REJECTED}
"""Results of an invitation. 0, 1 and 2 are the scale of CallResult [3.3, 5.5]; any other says only that it failed."""

MUTES = {"4": Kind.MUTE, "14": Kind.UNMUTE}
"""Of the media results [5.4] those that speak of one member."""


def read(word: str, query: bytes, content_type: str, body: bytes) -> Notice | None:
    """None where nothing in it can be understood."""
    fields = _fields(query, content_type, body)
    kind, _, number = word.rpartition("/")[2].partition("-")
    read_fact = _NOTICES.get(kind)
    conference = fields.get("confid", "")
    if read_fact is None or not conference or not _NUMBER.fullmatch(number):
        return None
    return Notice(conference, read_fact(int(number or 0) or None, fields))


def _fields(query: bytes, content_type: str, body: bytes) -> Fields:
    """Everything said, by lower-case name; what the body says wins."""
    said = dict(_pairs(query))
    if yuntongxun_xml.is_xml(body):
        said.update(_children(body))
    elif body and "json" not in content_type:
        said.update(_pairs(body))
    return {name.lower(): value.strip() for name, value in said.items()}


def _pairs(text: bytes) -> list[tuple[str, str]]:
    return parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True) if text else []


def _children(body: bytes) -> dict[str, str]:
    """A body that cannot be read says nothing."""
    try:
        return {child.tag: child.text or "" for child in yuntongxun_xml.root(body)}
    except ValueError:
        return {}


def _join(leg: int | None, fields: Fields) -> Fact:
    """A `result` other than 0 makes it a failed invitation: on which of the two notices it travels is not known."""
    if fields.get("result", "0") not in ("", "0"):
        return _failed(leg, fields)
    return LegJoined(leg, _callid(fields), fields.get("number", ""))


def _invite(leg: int | None, fields: Fields) -> Fact | None:
    """Success is told by the join; this notice matters where no join comes."""
    return None if fields.get("result", "") in ("", "0") else _failed(leg, fields)


def _failed(leg: int | None, fields: Fields) -> Fact:
    progress = RESULTS.get(fields["result"], Progress.FAILED)
    return LegFailed(leg, _callid(fields), fields.get("number", ""), progress)


def _quit(_: int | None, fields: Fields) -> Fact:
    return LegQuit(_callid(fields), fields.get("number", ""))


def _stop(_: int | None, fields: Fields) -> Fact:
    return ConferenceStopped(fields["confid"])


def _media(command: int | None, fields: Fields) -> Fact | None:
    kind = MUTES.get(fields.get("notifytype", ""))
    if kind is None or (command is None and not _callid(fields)):
        return None
    return MuteReported(command, _callid(fields), kind, fields.get("result", "") in ("", "0"))


def _callid(fields: Fields) -> str | None:
    return fields.get("callid") or fields.get("callsid") or None


_NOTICES: Mapping[str, Callable[[int | None, Fields], Fact | None]] = {
    "join": _join,
    "invite": _invite,
    "quit": _quit,
    "stop": _stop,
    "media": _media,
    "record": _media,
}
