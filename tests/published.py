"""The OpenRPC document as a measure: what the hub really says is held against the schemas that it publishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


class Published:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._methods = {method["name"]: method for method in document["methods"]}
        self._notifications = {each["name"]: each for each in document["x-notifications"]}
        self._components = {"components": closed(document["components"])}
        self._validators: dict[str, Draft202012Validator] = {}

    def check_result(self, method: str, result: Any) -> None:
        self._check(f"result of {method}", self._methods[method]["result"]["schema"], result)

    def check_params(self, method: str, params: Any) -> None:
        self._check(f"params of {method}", as_object(self._methods[method]["params"]), params)

    def check_notification(self, name: str, params: Any) -> None:
        self._check(name, as_object(self._notifications[name]["params"]), params)

    def _check(self, name: str, schema: Mapping[str, Any], value: Any) -> None:
        validator = self._validators.get(name)
        if validator is None:
            validator = self._validators[name] = Draft202012Validator(self._components | closed(schema))
        error = best_match(validator.iter_errors(value))
        assert error is None, f"{name}: {error.json_path}: {error.message:.300}"


def as_object(descriptors: list[dict[str, Any]]) -> dict[str, Any]:
    """Content descriptors by name, as the schema of the object that they are the members of."""
    return {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in descriptors},
        "required": [each["name"] for each in descriptors if each["required"]],
    }


def closed(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    only = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return {name: closed(each) for name, each in schema.items()} | only
