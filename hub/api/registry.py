"""The registry: every operation once, for both doors."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypeVar

import msgspec

from hub.api.errors import InternalError, MethodNotFound
from hub.errors import HubError, InvalidParams
from hub.push.session import Session
from hub.service import Conferences

logger = logging.getLogger(__name__)

Params = TypeVar("Params", bound=msgspec.Struct)
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What an operation may use. `session` is None where there is no socket; `zone` is that of times without an offset.

    `after_reply` is run once the reply to this request has been sent: what must not overtake it.
    """

    conferences: Conferences
    epoch: str
    max_roster: int
    zone: tzinfo
    session: Session | None = None
    after_reply: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Operation:
    """`socket`: makes sense on a socket only, so it has no POST path."""

    name: str
    params: type[msgspec.Struct]
    run: Callable[[Context, Any], Awaitable[Result]]
    socket: bool


REGISTRY: dict[str, Operation] = {}

NUMBERS_AS_TEXT = frozenset({"id", "uid", "appid", "number", "callid", "time"})
"""Fields whose JSON integers stand for their decimal text."""


def operation(
    name: str, params: type[Params], *, socket: bool = False
) -> Callable[[Callable[[Context, Params], Awaitable[Result]]], Callable[[Context, Params], Awaitable[Result]]]:
    def register(
        run: Callable[[Context, Params], Awaitable[Result]],
    ) -> Callable[[Context, Params], Awaitable[Result]]:
        REGISTRY[name] = Operation(name, params, run, socket)
        return run

    return register


async def call(context: Context, name: str, params: Mapping[str, Any]) -> Result:
    """Run an operation. Raises HubError and nothing else."""
    operation = REGISTRY.get(name)
    if operation is None:
        raise MethodNotFound(f"no operation {name[:100]!r}")
    try:
        return await operation.run(context, read_params(operation, params))
    except HubError:
        raise
    except Exception as error:
        logger.exception("%s failed", name)
        raise InternalError from error


def read_params(operation: Operation, params: Mapping[str, Any]) -> msgspec.Struct:
    """Raises InvalidParams with the path of the first field that is missing or of the wrong kind."""
    try:
        read = msgspec.convert(numbers_as_text(params), operation.params)
    except msgspec.ValidationError as error:
        raise _invalid_params(str(error)) from error
    if logger.isEnabledFor(logging.DEBUG) and (ignored := list(_ignored(params, msgspec.to_builtins(read)))):
        logger.debug("%s: fields ignored: %.500r", operation.name, ignored)
    return read


def _ignored(given: Any, read: Any, place: str = "") -> Iterator[str]:
    """Paths of the fields that were given and not read."""
    if isinstance(given, Mapping) and isinstance(read, Mapping):
        for name, value in given.items():
            if name in read:
                yield from _ignored(value, read[name], f"{place}{name}.")
            else:
                yield f"{place}{name}"
    elif isinstance(given, list) and isinstance(read, list):
        for position, (value, item) in enumerate(zip(given, read, strict=False)):
            yield from _ignored(value, item, f"{place.removesuffix('.')}[{position}].")


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


def _invalid_params(message: str) -> InvalidParams:
    """msgspec says "Expected … - at `$.users[0].id`", and names a missing or unknown field in the sentence."""
    sentence, _, place = message.partition(" - at ")
    path = place.strip("`").removeprefix("$").removeprefix(".")
    if named := re.search(r"(?:required|unknown) field `([^`]*)`", sentence):
        path = f"{path}.{named[1]}" if path else named[1]
    return InvalidParams(f"{path or 'params'}: {sentence}", path=path)
