from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.api.errors import ParseError
from hub.api.parse import read_json

TEXTS = st.text('ab:"\\/{}[],\n会', max_size=4)


class Pairs(list[tuple[str, Any]]):
    """An object that may have a name twice."""


def written(value: Any) -> str:
    if isinstance(value, Pairs):
        return "{" + " ,".join(f"{json.dumps(name)} : {written(each)}" for name, each in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=value != "会")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda values: st.lists(values, max_size=4) | st.lists(st.tuples(TEXTS, values), max_size=4).map(Pairs),
)


@given(VALUES)
def test_a_name_that_stands_twice_is_found_wherever_another_parser_finds_it(value: Any) -> None:
    text = written(value)
    try:
        expected = json.loads(text, object_pairs_hook=once)
    except ValueError:
        expected = ParseError
    try:
        read = read_json(text.encode())
    except ParseError:
        read = ParseError
    assert read == expected
