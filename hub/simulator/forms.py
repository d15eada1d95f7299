"""What a request asks for, read as leniently as the platform reads [1.4].

Attributes in any order, the app first or last and spelt anyhow, parameters as attributes or as elements, any root; JSON
with single quotes and commas too many. An empty attribute is one that was not given [3.1].
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree

from hub.simulator.codes import Refused


class Asked(NamedTuple):
    """`command` is the element of `ivr/*`, empty elsewhere; `datas` is None where there is no such key."""

    command: str
    app: str
    attributes: Mapping[str, str]
    datas: list[str] | None = None


class Breaks(Exception):
    """What the platform answers with HTTP 500: numbers among `datas` [1.4]."""


def read(body: bytes, content_type: str, *, is_ivr: bool) -> Asked:
    said = _read_json(body) if "json" in content_type.lower() else _read_xml(body, is_ivr)
    app = next((str(value) for name, value in said.items() if name.lower() == "appid"), "")
    rest = {name: value for name, value in said.items() if name.lower() != "appid"}
    if is_ivr:
        command = next((name for name, value in rest.items() if isinstance(value, dict)), "")
        return Asked(command, app, given(rest.get(command, {}).items()))
    return Asked("", app, given(rest.items()), _datas(rest.get("datas")))


def given(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Those that are text (or a number, as text) and not empty."""
    return {name: str(value) for name, value in pairs if isinstance(value, str | int) and value != ""}


def _datas(value: Any) -> list[str] | None:
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        raise Breaks
    return value if isinstance(value, list) else None


def _read_xml(body: bytes, is_ivr: bool) -> dict[str, Any]:
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Refused("112613") from None
    read_element = _command if is_ivr else _value
    return {child.tag: _text(child) if child.tag.lower() == "appid" else read_element(child) for child in root}


def _command(element: ElementTree.Element) -> dict[str, str]:
    """Its parameters are attributes; one client sends them as elements."""
    return {child.tag: _text(child) for child in element} | dict(element.attrib)


def _value(element: ElementTree.Element) -> str | list[str]:
    return [_text(child) for child in element] if element.tag == "datas" else _text(element)


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(_strict(body.decode()))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refused("160031")
    return said


def _strict(text: str) -> str:
    """Single quotes to double ones, and no comma before a bracket."""
    return _LENIENT.sub(_stricter, text)


def _stricter(match: re.Match[str]) -> str:
    piece = match[0]
    if piece.startswith("'"):
        return '"' + piece[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    return "" if piece == "," else piece


_LENIENT = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|,(?=\s*[}\]])""", re.DOTALL)
