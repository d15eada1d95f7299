"""Reads a params object into what an operation takes, as leniently as documented, and says in words what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from hub.errors import InvalidParams

Params = TypeVar("Params", bound=msgspec.Struct)

NUMBERS_AS_TEXT = frozenset({"id", "uid", "appid", "number", "callid", "time"})
"""Fields whose JSON integers stand for their decimal text."""

MAX_ECHO = 100
"""Letters of what a client sent that an error repeats."""

_KINDS = {
    "str": "text",
    "int": "an integer",
    "float": "a number with a decimal point",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}

_WORDS = (
    (r"Object missing required field `(?P<field>.*)`", "is missing"),
    (r"Object contains unknown field `(?P<field>.*)`", "is no field of this operation"),
    (r"Expected `str` of length >= 1", "must not be empty"),
    (r"Expected `str` of length <= (?P<limit>\d+)", "may have at most {limit} characters"),
    (r"Expected `int` >= (?P<limit>\d+)", "must be at least {limit}"),
    (r"Expected `int` <= (?P<limit>\d+)", "may be at most {limit}"),
    (r"Invalid enum value '(?P<got>.*)'", "cannot be {got}"),
    (r"Expected `(?P<wanted>\w+)(?: \| null)?`, got `(?P<got>\w+)`", "must be {wanted}, not {got}"),
)
"""What msgspec says, and how it is said to somebody who has never heard of it."""


def read_params(kind: type[Params], params: Mapping[str, Any]) -> Params:
    """Raises InvalidParams with the path of the first field that is missing or of the wrong kind."""
    try:
        return msgspec.convert(numbers_as_text(params), kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def ignored(given: Any, read: Any, place: str = "") -> Iterator[str]:
    """Paths of the fields that were given and not read; `read` as builtins."""
    if isinstance(given, Mapping) and isinstance(read, Mapping):
        for name, value in given.items():
            if name in read:
                yield from ignored(value, read[name], f"{place}{name}.")
            else:
                yield f"{place}{name}"
    elif isinstance(given, list) and isinstance(read, list):
        for position, (value, item) in enumerate(zip(given, read, strict=False)):
            yield from ignored(value, item, f"{place.removesuffix('.')}[{position}].")


def numbers_as_text(params: Mapping[str, Any]) -> dict[str, Any]:
    """In the object itself and in the objects of its lists, which is as deep as any operation's params go.

    A null is a field that is not there.
    """
    return {name: _items_as_text(value) for name, value in _fields_as_text(params).items()}


def _items_as_text(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [_fields_as_text(item) if isinstance(item, dict) else item for item in value]


def _fields_as_text(fields: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in fields.items() if value is not None}
    return {name: str(value) if _is_number(name, value) else value for name, value in said.items()}


def _is_number(name: str, value: Any) -> bool:
    return name in NUMBERS_AS_TEXT and isinstance(value, int) and not isinstance(value, bool)


def _invalid(message: str) -> InvalidParams:
    """msgspec says "Expected … - at `$.users[0].id`", and names a missing or unknown field in the sentence."""
    sentence, _, place = message.partition(" - at `$")
    words, field = _in_our_words(sentence)
    path = ".".join(filter(None, (place.strip(".`"), field)))[:MAX_ECHO]
    return InvalidParams(f"{path or 'params'}: {words}", path=path)


def _in_our_words(sentence: str) -> tuple[str, str]:
    """And the field that the sentence names."""
    for pattern, words in _WORDS:
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            said = found.groupdict("")
            return words.format(**{name: _KINDS.get(word, word) for name, word in said.items()}), said.get("field", "")
    return sentence[:MAX_ECHO], ""
