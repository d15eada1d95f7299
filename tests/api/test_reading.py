from __future__ import annotations

from typing import Any

import pytest

from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.reading import read_params
from hub.api.registry import REGISTRY
from hub.errors import InvalidParams

BY_USER = {"id": "1", "uid": "mia", "appid": "demo"}


@pytest.mark.parametrize(
    ("operation", "params", "path", "words"),
    [
        ("getConf", {}, "id", "is missing"),
        ("getConf", {"id": True}, "id", "must be text, not true or false"),
        ("getConf", {"id": 1.0}, "id", "must be text, not a number with a decimal point"),
        ("getConf", {"id": ""}, "id", "must not be empty"),
        ("getConf", {"id": "1" * 129}, "id", "may have at most 128 characters"),
        ("getConf", {"id": 10**128}, "id", "may have at most 128 characters"),
        ("joinConf", BY_USER | {"users": {}}, "users", "must be a list, not an object"),
        ("joinConf", BY_USER | {"users": [{}, None]}, "users[1]", "must be an object, not null"),
        ("joinConf", BY_USER | {"users": [{"name": 7}]}, "users[0].name", "must be text, not an integer"),
        ("settleUser", BY_USER, "users", "is missing"),
        ("settleUser", BY_USER | {"users": [{"key": "1", "progress": None}]}, "users[0].progress", "is missing"),
        ("redialConf", BY_USER | {"users": [{"key": "1", "foo": 1}]}, "users[0].foo", "is no field of this operation"),
        ("muteConf", BY_USER | {"target": "none"}, "target", "cannot be none"),
        ("createConf", {"id": "1", "appid": "1", "autocall": "no"}, "autocall", "must be true or false, not text"),
        ("getEvents", {"id": "1", "after": -1}, "after", "must be at least 0"),
        ("getEvents", {"id": "1", "limit": 1001}, "limit", "may be at most 1000"),
        ("getEvents", {"id": "1", "limit": "9"}, "limit", "must be an integer, not text"),
        ("watchConf", {"id": "1", "seq": [1]}, "seq", "must be an integer, not a list"),
        ("ping", {"since": 1}, "since", "is no field of this operation"),
        ("ping", {"x" * 1000: 1}, "x" * 100, "is no field of this operation"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_in_an_app_developers_words(
    operation: str, params: dict[str, Any], path: str, words: str
) -> None:
    with pytest.raises(InvalidParams) as caught:
        read_params(REGISTRY[operation].params, params)
    assert (str(caught.value), caught.value.data) == (f"{path}: {words}", {"path": path})
